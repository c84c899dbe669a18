"""The quicker reading of a page: it reads as HTML does, and leaves alone what it does not know."""

from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from weasyprint import HTML
from weasyprint.urls import URLFetcher

from resources.documents.page_tree import HOLDS, ReadPage, plain_tree, read_page
from tests.unit.domain.memo.memo_records import contribution_rows
from tests.unit.resources.documents.test_pdf import page
from tests.unit.resources.documents.test_templating import html

Flat = list[tuple[str, dict[str, str], str, str]]


def flat(root: ElementTree.Element) -> Flat:
    return [
        # XML keeps no attribute for a namespace.
        (e.tag, {k: v for k, v in e.attrib.items() if "xmlns" not in k}, e.text or "", e.tail or "")
        for e in root.iter()
    ]


def by_the_library(markup: str) -> Flat:
    return flat(HTML(string=markup).etree_element)


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"contributions": contribution_rows(), "enrichment": {"flood_zone_code": "AE"}},
        {"enrichment": dict.fromkeys(("owner_name", "owner_mailing_address"), 'O\'Neil & <Sons> "Ltd"')},
    ],
)
def test_a_memo_is_read_quickly_and_as_the_library_reads_it(parts):
    memo = html(**parts)
    found = plain_tree(memo)
    assert found is not None
    assert flat(found) == by_the_library(memo)


@pytest.mark.parametrize(
    "body",
    [
        "<p>one<div>two</div></p>",
        "<p>one<p>two",
        "<p><span><div>one</div></span></p>",
        "<table><tr><td>no body</td></tr></table>",
        "<table>loose text<tbody><tr><td>x</td></tr></tbody></table>",
        "<table>\u00a0<tbody><tr><td>x</td></tr></tbody></table>",
        "<div/>after",
        "<ul><li>a<li>b</ul>",
        "<h1>a<h2>b</h2></h1>",
        "<p>&nbsp;&eacute;</p>",
        "<p>&#150;</p>",
        "<p>a \x07 bell</p>",
        '<p title="two\nlines">x</p>',
        "<p title=bare>x</p>",
        "<p TITLE='x'>x</p>",
        "<DIV>x</DIV>",
        "<!-- a comment --><p>x</p>",
        "<p><![CDATA[x]]></p>",
        "<pre>\nx</pre>",
        "<a href='x'>x<a href='y'>y</a></a>",
        "<svg><rect width='1'/></svg>",
        '<svg xmlns="http://www.w3.org/2000/svg"><foreignObject><p>x</p></foreignObject></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg"><text textLength="9">x</text></svg>',
        "<style>p::after { content: '&amp;' }</style>",
        "</body><p>late</p>",
    ],
)
def test_markup_that_the_two_could_read_otherwise_is_left_to_the_library(body):
    markup = page(body)
    assert plain_tree(markup) is None
    read = read_page(markup, "file:///", URLFetcher())
    assert type(read) is HTML
    assert flat(read.etree_element) == by_the_library(markup)


def test_an_entity_is_not_expanded():
    bomb = '<!DOCTYPE html [<!ENTITY a "aaaa">]>' + page("<p>&a;</p>")
    assert plain_tree(bomb) is None
    assert plain_tree("<!DOCTYPE html>\n" + '<!DOCTYPE html [<!ENTITY a "aaaa">]>' + page("<p>x</p>")) is None


TAGS = sorted(tag for tag in HOLDS if "{" not in tag)
TEXTS = st.text(st.sampled_from("a Z0\n\t&<>'\"\u00a0é/=-!;#"), max_size=6)


def element(tag: str, text: str, inside: list[str]) -> str:
    return f"<{tag}>" if tag in ("br", "meta") else f"<{tag}>{text}{''.join(inside)}</{tag}>"


def bodies() -> st.SearchStrategy[str]:
    escaped = TEXTS.map(lambda t: t.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&#34;"))
    return st.recursive(
        escaped | TEXTS,
        lambda inner: st.builds(element, st.sampled_from(TAGS), escaped, st.lists(inner, max_size=3)),
        max_leaves=8,
    )


@settings(max_examples=300, deadline=None)
@given(st.lists(bodies(), max_size=3).map("".join), st.sampled_from(["", "\n", " \n"]))
@example("<table><tbody><tr><td>a <strong>b</strong></td></tr></tbody></table> c", "\n")
def test_whatever_is_read_quickly_is_read_as_the_library_reads_it(body, behind):
    markup = page(body).replace("</body>", f"</body>{behind}") + behind
    found = plain_tree(markup)
    if found is not None:
        assert flat(found) == by_the_library(markup)


def test_a_page_that_is_read_is_as_the_library_makes_one():
    quick, own = read_page(page("<p>x</p>"), "file:///a/", URLFetcher()), HTML(string=page("<p>x</p>"))
    assert type(quick) is ReadPage
    assert set(vars(quick)) == set(vars(own))
