"""Templates: escaped, strict, versioned; and the memo pages that come out of them."""

import io
import re
from pathlib import Path

import pypdf
import pytest
from jinja2 import UndefinedError

from realestate_assets.domain.county import load_counties
from realestate_assets.domain.memo import build_memo_context
from resources.pdf import render_pdf
from resources.templating import render, template_version
from tests.unit.domain.memo_records import (
    comparable,
    contribution_rows,
    fact,
    features_row,
    property_row,
    record,
    score_row,
)

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
KING = load_counties(None)["king-wa"]


def html(**parts: object) -> str:
    return render(TEMPLATES, "memo/base.html.j2", build_memo_context(record(**parts), KING, "abcdef012345"))


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


HOSTILE = (
    "<script>alert(1)</script>",
    "</style><h1>loud</h1>",
    '" onload="alert(1)',
    "{{ 7 * 7 }} {% raw %}",
    "\u202eevil\u202c مدينة שלום 🏠",
    "W" * 5000,
    "=HYPERLINK(1)",
    "&amp; &lt; \x07\x0b \ufffe",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_every_field_renders_harmlessly(text):
    page = html(
        property=property_row(
            **dict.fromkeys(("street", "unit", "city", "state", "zip", "apn", "url", "description"), text),
            source=text,
        ),
        enrichment=dict.fromkeys(
            ("zoning_code", "owner_name", "owner_mailing_address", "flood_zone_code"), text
        ),
        score=score_row(neighborhood=text, model_id=text),
        features=features_row(),
        facts=[fact("zip_population", provider=text, source_url=text)],
        comparables=[comparable(1, comp_street=text), comparable(2, comp_street=None, comp_zip=text)],
    )
    assert "<script" not in page
    assert "<h1>loud" not in page
    assert "alert(1)&#34;" not in page or 'onload="alert' not in page
    assert "49 " not in page
    assert 1 <= len(pdf_pages(page)) <= 12


def test_extreme_figures_stay_on_their_page():
    dear = dict.fromkeys(
        ("market_value_p10_usd", "market_value_p50_usd", "market_value_p90_usd", "asking_price_usd"),
        98_765_432.0,
    )
    page = html(score=score_row(**dear, flip_profit_usd=-9_876_543.0))
    assert "$98,765,432" in " ".join(pdf_pages(page))
