"""The tree of a page, read by expat where its markup means the same as XML and HTML.

WeasyPrint's own parser is written in Python and takes a twelfth of a memo's time (2026-11), expat takes a
fortieth of that. What we write is plain: every tag is closed and stands where HTML would leave it. Whatever
is not known to read the same either way is left to the library's parser, so that no page changes.
"""

import re
from xml.etree import ElementTree  # nosec B405 - no document type but HTML's is let through

import cssselect2
from weasyprint import HTML
from weasyprint.urls import URLFetcher

SVG = "{http://www.w3.org/2000/svg}"
EMPTY = ("br", "meta")
# HTML ends a paragraph before any of these.
BLOCKS = frozenset({"div", "header", "h1", "h2", "h3", "li", "p", "section", "table", "ul"})
PHRASES = frozenset({"abbr", "br", "span", "strong", "sup"})
TEXT = BLOCKS - {"li"} | PHRASES | {f"{SVG}svg"}
_SHAPES = ("circle", "g", "line", "path", "polygon", "polyline", "rect", "text", "title")
SHAPES = frozenset(f"{SVG}{tag}" for tag in _SHAPES)
# What may stand in what; text may, but for `HOLDS_NO_TEXT`.
HOLDS: dict[str, frozenset[str]] = {
    "html": frozenset({"head", "body"}),
    "head": frozenset({"meta", "title", "style"}),
    "table": frozenset({"thead", "tbody"}),
    "thead": frozenset({"tr"}),
    "tbody": frozenset({"tr"}),
    "tr": frozenset({"th", "td"}),
    "ul": frozenset({"li"}),
    **dict.fromkeys(("body", "div", "header", "section", "li", "th", "td"), TEXT),
    **dict.fromkeys(("p", "h1", "h2", "h3", *PHRASES), PHRASES),
    **dict.fromkeys(("br", "meta", "title", "style"), frozenset()),
    f"{SVG}svg": SHAPES,
    f"{SVG}g": SHAPES,
    f"{SVG}text": frozenset({f"{SVG}tspan"}),
    **dict.fromkeys(SHAPES - {f"{SVG}g", f"{SVG}text"} | {f"{SVG}tspan"}, frozenset()),
}
HOLDS_NO_TEXT = frozenset({"html", "head", "table", "thead", "tbody", "tr", *EMPTY})
_NAMES = "|".join(sorted(tag for tag in HOLDS if "{" not in tag and tag not in EMPTY))
# A comment, an instruction or a section; a reference that HTML reads as Windows-1252, a named one but those
# of XML; a tag that XML would close; a value over several lines, which XML joins; a reference in a style.
READ_OTHERWISE = re.compile(
    r"<[!?](?!DOCTYPE html>\n)|&#(?!3[49];)|&(?!#|amp;|lt;|gt;|quot;)"
    rf"|<(?:{_NAMES})\b[^<>]*/>"
    r"|=\"[^\"<>]*[\n\r\t][^\"<>]*\"|='[^'<>]*[\n\r\t][^'<>]*'"
    r"|<style\b[^<]*&"
)
BLANKS = " \n\t"
DOCTYPE = "<!DOCTYPE html>\n"
UNCLOSED = re.compile(rf"<({'|'.join(EMPTY)})\b([^<>]*?)/?>")
ATTRIBUTE = re.compile(r"[a-z][a-z0-9-]*|viewBox|preserveAspectRatio")


class ReadPage(HTML):
    """A page whose tree was made already, as WeasyPrint's constructor leaves it."""

    def __init__(self, root: ElementTree.Element, base_url: str, url_fetcher: URLFetcher) -> None:
        """Wrap the tree for the selectors of style sheets."""
        self.base_url, self.url_fetcher, self.media_type = base_url, url_fetcher, "print"
        self.wrapper_element = cssselect2.ElementWrapper.from_html_root(root, content_language=None)
        self.etree_element = self.wrapper_element.etree_element


def read_page(html: str, base_url: str, url_fetcher: URLFetcher) -> HTML:
    """The page, by the quicker parser where both would make the same of it."""
    root = plain_tree(html)
    if root is None:
        return HTML(string=html, base_url=base_url, url_fetcher=url_fetcher)
    return ReadPage(root, base_url, url_fetcher)


def plain_tree(html: str) -> ElementTree.Element | None:
    """The tree of a page that XML and HTML read alike; None where they do not, or may not."""
    if not html.startswith((DOCTYPE, "<html")) or html.count(DOCTYPE) > 1 or READ_OTHERWISE.search(html):
        return None
    try:
        root = ElementTree.fromstring(UNCLOSED.sub(r"<\1\2/>", html))  # noqa: S314 # nosec B314 - as above
    except ElementTree.ParseError:
        return None
    is_page = root.tag == "html" and [child.tag for child in root] == ["head", "body"]
    if not is_page or not all(map(_reads_alike, root.iter())):
        return None
    # As HTML has it, blanks before the head are nowhere and those behind the body at its end.
    root.text, body = None, root[1]
    behind = (body.tail or "") + html[html.rindex(">") + 1 :]
    if len(body):
        body[-1].tail = (body[-1].tail or "") + behind
    else:
        body.text = (body.text or "") + behind
    body.tail = None
    return root


def _reads_alike(element: ElementTree.Element) -> bool:
    held = HOLDS.get(element.tag)
    if held is None or not all(child.tag in held for child in element):
        return False
    if not all(map(ATTRIBUTE.fullmatch, element.attrib)):
        return False
    if element.tag not in HOLDS_NO_TEXT:
        return True
    return not any((text or "").strip(BLANKS) for text in (element.text, *(child.tail for child in element)))
