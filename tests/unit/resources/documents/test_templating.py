"""Templates: escaped, strict, versioned; and the memo pages that come out of them."""

import io
import re
from functools import cache
from pathlib import Path

import pypdf
import pytest
from jinja2 import UndefinedError

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.memo.context import build_memo_context
from resources.documents.pdf import render_pdf
from resources.documents.templating import render, template_version
from tests.unit.domain.memo.memo_records import (
    contribution_rows,
    fact,
    record,
    score_row,
)

TEMPLATES = Path(__file__).resolve().parents[4] / "templates"
KING = load_counties(None)["king-wa"]


def html(**parts: object) -> str:
    return render(TEMPLATES, "memo/base.html.j2", build_memo_context(record(**parts), KING, "abcdef012345"))


@cache
def pdf_pages(page: str) -> list[str]:
    reader = pypdf.PdfReader(io.BytesIO(render_pdf(page, TEMPLATES)))
    return [re.sub(r"\s+", " ", sheet.extract_text()) for sheet in reader.pages]


def folder(tmp_path: Path, text: str) -> Path:
    (tmp_path / "t").mkdir(exist_ok=True)
    (tmp_path / "t" / "a.txt").write_text(text)
    return tmp_path / "t"


def test_values_are_escaped_whatever_the_file_is_called(tmp_path):
    assert render(folder(tmp_path, "{{ x }}"), "a.txt", {"x": "<b>"}) == "&lt;b&gt;"


def test_a_name_that_is_not_given_is_an_error_and_not_an_empty_figure(tmp_path):
    with pytest.raises(UndefinedError):
        render(folder(tmp_path, "{{ figure.vlaue }}"), "a.txt", {"figure": {"value": 1}})


def test_the_version_follows_every_byte_and_name(tmp_path):
    first = template_version(folder(tmp_path, "a"))
    assert template_version(folder(tmp_path, "a")) == first
    assert template_version(folder(tmp_path, "b")) != first
    (tmp_path / "t" / "a.txt").rename(tmp_path / "t" / "c.txt")
    assert template_version(tmp_path / "t") != template_version(folder(tmp_path, "b"))


def test_a_full_memo_has_every_section_on_two_to_four_pages():
    pages = pdf_pages(html(contributions=contribution_rows(), enrichment={"flood_zone_code": "AE"}))
    assert 2 <= len(pages) <= 4
    text = " ".join(pages)
    for heading in (
        *("Speaks for it", "Speaks against it", "Key figures", "Value and its range", "Property"),
        *("What drives the value", "Comparable earlier sales", "Map of the comparables"),
        *("Price and market trend", "Underwriting at the assumed asking price", "Assumptions"),
        *("Bear, base and bull", "Rent", "Flood", "Owner, assessment and tax", "Location and demographics"),
        *("Risks and missing data", "What we do not know", "Sources", "How this was made"),
    ):
        assert heading in text, heading
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        assert "King County, WA" in page


def test_simulated_data_is_said_on_every_page_and_beside_the_figures():
    page = html(score=score_row(is_simulated=True))
    assert all("SIMULATED DATA" in text for text in pdf_pages(page))
    assert page.count(">SIM</abbr>") > 40
    assert "SIMULATED" not in " ".join(pdf_pages(html()))


def test_single_simulated_figures_are_said_on_every_page():
    page = html(facts=[fact("zip_population", simulated=True)])
    assert all("SOME DATA SIMULATED" in text for text in pdf_pages(page))


def test_a_section_without_data_is_left_out():
    none = dict.fromkeys(
        ("arv_usd", "arv_low_usd", "arv_high_usd", "asking_price_usd", "rent_monthly_usd", "neighborhood")
    )
    page = html(
        comps=0,
        score=score_row(**none),
        features={"living_area_sqft": 900.0},
        enrichment={},
        facts=[],
        market=[],
    )
    empty = ("Comparable earlier sales", "Map of", "Price and market", "What drives", "Underwriting", "Bear,")
    for heading in (*empty, "Rent", "Flood", "Owner, assessment", "Location and"):
        assert f"<h2>{heading}" not in page
    assert "What we do not know" in page


def test_extreme_figures_stay_on_their_page():
    dear = dict.fromkeys(
        ("market_value_p10_usd", "market_value_p50_usd", "market_value_p90_usd", "asking_price_usd"),
        98_765_432.0,
    )
    page = html(score=score_row(**dear, flip_profit_usd=-9_876_543.0))
    assert "$98,765,432" in " ".join(pdf_pages(page))


# Tags: what a screen reader is told.


def structure(data: bytes) -> list[dict]:
    """All elements of the tag tree, each as kind, parent's kind and its own entries."""
    reader = pypdf.PdfReader(io.BytesIO(data))
    found, waiting = [], [(reader.root_object["/StructTreeRoot"], None)]
    while waiting:
        node, above = waiting.pop()
        node = node.get_object()
        if not isinstance(node, dict):
            continue
        kind = node.get("/S")
        if kind:
            found.append({"kind": kind, "above": above, "node": node})
        children = node.get("/K", [])
        children = children if isinstance(children, list) else [children]
        waiting += [(child, kind) for child in children]
    return found


@cache
def full_pdf() -> bytes:
    return render_pdf(
        html(contributions=contribution_rows(), enrichment={"flood_zone_code": "AE"}), TEMPLATES
    )


def test_the_pdf_is_tagged_and_says_title_and_language():
    reader = pypdf.PdfReader(io.BytesIO(full_pdf()))
    assert reader.root_object["/MarkInfo"]["/Marked"]
    assert reader.root_object["/Lang"] == "en-US"
    assert reader.root_object["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == "Investor memo: 1234 NE 8TH ST"
    assert b"pdfuaid" in reader.root_object["/Metadata"].get_data()
    assert "/CreationDate" not in reader.metadata


def test_every_picture_has_an_alternative_text():
    pictures = [e["node"] for e in structure(full_pdf()) if e["kind"] == "/Figure"]
    told = " | ".join(str(node["/Alt"]) for node in pictures)
    assert len(pictures) == 4
    for words in ("Value range on one axis", "Contributions to the value", "Map of this property", "Median"):
        assert words in told


def test_headings_begin_with_one_title_and_skip_no_level():
    kinds = [e["kind"] for e in structure(full_pdf())]
    assert kinds.count("/H1") == 1
    assert "/H2" in kinds
    assert "/H4" not in kinds


def test_every_table_has_headers_and_every_cell_names_its_own():
    elements = structure(full_pdf())
    cells = [e["node"] for e in elements if e["kind"] == "/TD"]
    assert cells
    assert all(cell["/A"].get_object().get("/Headers") for cell in cells)
    assert sum(e["kind"] == "/Table" for e in elements) >= 10


def test_all_fonts_are_embedded():
    for sheet in pypdf.PdfReader(io.BytesIO(full_pdf())).pages:
        for font in sheet["/Resources"].get("/Font", {}).values():
            below = font.get_object()["/DescendantFonts"][0].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(below["/FontDescriptor"].get_object())


@pytest.mark.parametrize(("paper", "width", "height"), [("letter", 612, 792), ("a4", 595.3, 841.9)])
def test_the_paper_is_the_one_asked_for(paper, width, height):
    context = build_memo_context(record(), KING, "abcdef012345", paper)
    reader = pypdf.PdfReader(
        io.BytesIO(render_pdf(render(TEMPLATES, "memo/base.html.j2", context), TEMPLATES))
    )
    assert 2 <= len(reader.pages) <= 4
    for sheet in reader.pages:
        assert (float(sheet.mediabox.width), float(sheet.mediabox.height)) == pytest.approx(
            (width, height), abs=0.1
        )
