"""Numbered roads in one spelling: FM 1960, COUNTY RD 317, STATE HWY 71, INTERSTATE 35, LOOP 1604.

Written out, abbreviated and glued together (`Farm to Market Road 1960`, `FM-1960`, `FM1960`) they are the
same road. Publication 28 writes some of them out; here they are short, as scourgify has those it knows.
"""

import re
from functools import lru_cache

from realestate_assets.domain.core.postal.words import DIRECTIONS, STREET_TYPES, direction
from realestate_assets.domain.core.states import STATE_FIPS

_RD, _HWY, _RTE = r"(?:ROAD|RD)", r"(?:HIGHWAY|HIGHWY|HIWAY|HIWY|HWAY|HWY)", r"(?:ROUTE|RTE|RT)"
_COUNTY, _STATE, _TRUNK = r"(?:COUNTY|CNTY|CTY|CO)", r"(?:STATE|ST)", r"(?: (?:TRUNK|TRK))?"
_TO_MARKET = r"[ -]TO[ -](?:MARKET|MKT)"
# Spelling -> how it is written. State Road and State Route are both what SR stands for.
_WRITTEN = {
    "FM": rf"(?:FARM{_TO_MARKET}|F ?M)(?: {_RD})?",
    "RM": rf"(?:RANCH{_TO_MARKET}|R ?M)(?: {_RD})?",
    "RR": rf"RANCH {_RD}|R ?R",
    "FARM RD": rf"FARM {_RD}",
    "COUNTY RD": rf"{_COUNTY} {_RD}|C ?R",
    "COUNTY HWY": rf"{_COUNTY}{_TRUNK} {_HWY}|C ?T ?H|C ?H",
    "COUNTY RTE": rf"{_COUNTY} {_RTE}",
    "STATE RTE": rf"{_STATE} (?:{_RTE}|{_RD})|S ?R",
    "STATE HWY": rf"{_STATE}{_TRUNK} {_HWY}|S ?T ?H|S ?H",
    "US HWY": rf"(?:U ?S|UNITED STATES)(?: (?:{_HWY}|{_RTE}))?",
    "INTERSTATE": rf"(?:INTERSTATE|I ?H|I)(?: {_HWY})?",
    "PRIVATE RD": rf"(?:PRIVATE|PRIV|PVT) {_RD}|P ?V ?R|P ?R",
    "PARK RD": rf"PARK {_RD}",
    "REC RD": rf"(?:RECREATIONAL|RECREATION|REC) {_RD}",
    "TOWNSHIP RD": rf"(?:TOWNSHIP|TWNSHP|TWSP|TWP) {_RD}|T ?S ?R|T ?R",
    "LOOP": r"(?:STATE )?LOOP",
    "SPUR": r"(?:STATE )?SPUR",
    "BELTWAY": r"BELTWAY",
    "HWY": _HWY,
    "RTE": _RTE,
    "RD": _RD,
}
# Numbered by letters too: County Road PP of Wisconsin, Route AA of Missouri.
_LETTERED = {
    "COUNTY RD": rf"{_COUNTY} {_RD}",
    "COUNTY HWY": rf"{_COUNTY}{_TRUNK} {_HWY}|C ?T ?H",
    "STATE RTE": rf"{_STATE} (?:{_RTE}|{_RD})",
    "STATE HWY": rf"{_STATE}{_TRUNK} {_HWY}",
    "HWY": _HWY,
    "RTE": _RTE,
}
# One series of numbers: none is given to a farm road and a ranch road.
_IN_TEXAS = {"RR": "RM", "FARM RD": "FM"}
# The kind of road said again behind its number: FM 1960 RD, US 1 HWY.
_SAID_AGAIN = frozenset({"RD", "ROAD", "HWY", "HIGHWAY"})
_NOT_SAID_AGAIN = frozenset({"HWY", "RTE", "LOOP", "SPUR", "BELTWAY", "RD"})
# Letters behind a road that are no number of it.
_NO_LETTERS = "|".join(sorted({*STREET_TYPES, "NE", "NW", "SE", "SW", "NO", "FL", "PH", "RM", "SP"}))
_SIGN = r"(?: ?# ?| NO )"
_NUMBER = rf"(?:{_SIGN}| ?-? ?)(\d+[A-Z]?(?:-[A-Z0-9]{{1,3}})?)|(?:{_SIGN}| )([A-Z]-?\d+[A-Z]?)"
_LETTERS = rf"(?:{_SIGN}| )(?!(?:{_NO_LETTERS})(?: |$))([A-Z]{{1,2}})"
_DIRECTION = "|".join(sorted(DIRECTIONS, key=len, reverse=True))
_BEFORE = rf"((?:{_DIRECTION})(?: (?:E|W|EAST|WEST))? )?((?:OLD|NEW|BUSINESS|BUS|ALT) )?"
_AFTER = {"BUSINESS": "BUS", "BYPASS": "BYP", "ALTERNATE": "ALT", "SERVICE": "SVC", "SERV": "SVC"}
_AFTER |= {"FRTG": "FRONTAGE", "ROAD": "RD"}
_AFTER |= {word: word for word in (*_AFTER.values(), "ACCESS", "TRUCK", "LOOP", "SPUR")}
# Tells most lines from those worth the long pattern: 5TH is no number of a road.
_MAY_BE = re.compile(
    r"\d[A-Z]?(?:-[A-Z0-9]+)?(?= |$)|(?:ROAD|RD|HIGHWAY|HWY|ROUTE|RTE|RT|TH|T H) (?:# ?)?[A-Z]{1,2}(?: |$)"
)


def numbered_road(words: list[str], state: str | None) -> tuple[list[str], list[str]] | None:
    """The road that the words begin with, in its one spelling, and the words behind it; None for another.

    Args:
        words: the line without its house number.
        state: two-letter state: RR is RM in Texas, and `NC 54` is a road in North Carolina.
    """
    text = " ".join(words)
    if not _MAY_BE.search(text):
        return None
    pattern, names = _pattern(state or "")
    found = pattern.match(text)
    if not found or not found.lastgroup:
        return None
    name = names[found.lastgroup]
    first = pattern.groupindex[found.lastgroup] + 1
    number = next(part for part in found.groups()[first - 1 : first + 2] if part)
    name = _IN_TEXAS.get(name, name) if state == "TX" else name
    before = [direction(found[1].split())] if found[1] else []
    before += [_AFTER.get(word, word) for word in (found[2] or "").split()]
    after, behind = _split_after(text[found.end() :].split(), name)
    return [*filter(None, before), *name.split(), number.replace(" ", ""), *after], behind


def _split_after(words: list[str], name: str) -> tuple[list[str], list[str]]:
    """Directions and the like behind the number of a road, and the rest."""
    if words and words[0] in _SAID_AGAIN and name not in _NOT_SAID_AGAIN:
        words = words[1:]
    after: list[str] = []
    while words and (found := _next_after(words)):
        code, length = found
        after, words = [*after, code], words[length:]
    return after, words


def _next_after(words: list[str]) -> tuple[str, int] | None:
    for length in (2, 1):
        if len(words) >= length and (code := direction(words[:length])):
            return code, length
    return (_AFTER[words[0]], 1) if words[0] in _AFTER else None


@lru_cache(maxsize=64)
def _pattern(state: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """The pattern of all numbered roads as they are written in a state, and the spelling of each group."""
    written = [(name, rf"(?:{forms})(?:{_NUMBER})") for name, forms in _WRITTEN.items()]
    written += [(name, rf"(?:{forms}){_LETTERS}") for name, forms in _LETTERED.items()]
    if state in STATE_FIPS and state != "CO":  # CO RD is a county's
        written.append((f"{state} HWY", rf"{state}(?: (?:{_HWY}|{_RTE}))?(?:{_NUMBER})"))
    names = {f"road{place}": name for place, (name, _) in enumerate(written)}
    roads = "|".join(rf"(?P<road{place}>{forms})" for place, (_, forms) in enumerate(written))
    return re.compile(rf"{_BEFORE}(?:{roads})(?= |$)"), names
