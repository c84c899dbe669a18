"""Lines without a house: post-office boxes, rural routes, highway contracts, urbanisations.

Publication 28 gives each one spelling. The library refuses them all.
"""

import re

_ID = r"(?:# ?|NO )?(\w[\w/-]*)"
_ROUTE = r"(?:ROUTE|RTE|RT)"
_BOX_ID = rf"(?:BOX|BX) {_ID}"
# How a line is written, and how it is spelled; what stands behind stays as it is.
_FORMS = [
    (rf"(?:P ?O ?(?:BOX|BX)|POB|POST OFFICE (?:BOX|BX)) ?{_ID}", r"PO BOX {0}"),
    (rf"(?:P ?O|POST OFFICE) DRAWER {_ID}", r"PO DRAWER {0}"),
    (rf"(?:R ?R|R ?F ?D|R ?D|RURAL {_ROUTE}|{_ROUTE}) {_ID} {_BOX_ID}", r"RR {0} BOX {1}"),
    (rf"(?:RURAL {_ROUTE}|R ?R) {_ID}", r"RR {0}"),
    (
        rf"(?:H ?C ?R?|(?:HIGHWAY|HWY) CONTRACT(?: {_ROUTE})?|STAR {_ROUTE}) {_ID} {_BOX_ID}",
        r"HC {0} BOX {1}",
    ),
    (rf"(PSC|CMR|UNIT) {_ID} {_BOX_ID}", r"{0} {1} BOX {2}"),
    (r"(?:URB|URBANIZACION)\b()", "URB{0}"),
]
_COMPILED = [(re.compile(rf"{written}(?= |$)"), spelled) for written, spelled in _FORMS]
# In a mailing address these say where mail waits, and nothing about where its owner lives.
_MAIL_WAITS = re.compile(
    r"(?:P ?O ?(?:BOX|DRAWER|BX)|POST OFFICE (?:BOX|DRAWER)|POB|LOCK ?BOX|PMB|GENERAL DELIVERY|GEN DEL)\b"
    r"|(?:POB|BOX) ?\d|(?:PSC|CMR|UNIT) ?\d+ BOX\b"
)


def spell_box(line: str) -> str | None:
    """A box, route or urbanisation in its one spelling; None for any other line."""
    for pattern, spelled in _COMPILED:
        if found := pattern.match(line):
            return spelled.format(*found.groups()) + line[found.end() :]
    return None


def is_box(line: str) -> bool:
    """Whether a line names a place where mail waits to be fetched."""
    return bool(_MAIL_WAITS.match(line))
