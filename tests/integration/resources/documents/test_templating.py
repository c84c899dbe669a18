"""Pages of a memo under odd and long texts: every one is rendered to a PDF."""

import pytest

from realestate_assets.domain.tables import ENRICHMENT_FIELDS
from tests.unit.domain.memo.memo_records import (
    comparable,
    contribution_rows,
    fact,
    features_row,
    market_rows,
    property_row,
    score_row,
)
from tests.unit.resources.documents.test_templating import html, pdf_pages

pytestmark = pytest.mark.integration

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
LONG = {
    "street": "12345 SOUTHWEST MARTIN LUTHER KING JUNIOR MEMORIAL BOULEVARD NORTHEAST EXTENSION",
    "unit": "BUILDING C APARTMENT 1204-B",
    "city": "São José de Añasco-l'Évêque",
    "description": "Craftsman with période détails. " * 90,
    "owner_name": "THE REVOCABLE LIVING TRUST OF JOSÉ MARÍA FERNÁNDEZ-O'CONNOR AND ANNELIESE ŁUKASIEWICZ",
    "owner_mailing_address": "C/O FIRST NATIONAL BANK TRUST DEPARTMENT, 100 AVENUE OF THE AMERICAS, NEW YORK",
}
SEVEN_DIGITS = {
    "market_value_p10_usd": 6_812_300.0,
    "market_value_p50_usd": 7_765_432.0,
    "market_value_p90_usd": 9_123_456.0,
    "asking_price_usd": 7_999_999.0,
    "flip_profit_usd": -1_234_567.0,
    "noi_usd": -45_123.0,
}


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


@pytest.mark.parametrize("comps", [0, 1, 8])
@pytest.mark.parametrize("simulated", [False, True])
def test_long_texts_and_large_figures_stay_on_four_pages_and_one_of_sources(comps, simulated):
    facts = [
        fact(f"zip_{name}", provider=f"provider_{k}", source_url=f"https://api.example.gov/{k}/{'path/' * 9}")
        for k, name in enumerate(("population", "median_income_usd", "median_rent_usd", "unemployment_pct"))
    ]
    pages = pdf_pages(
        html(
            score=score_row(**SEVEN_DIGITS, is_simulated=simulated),
            property=property_row(**LONG),
            comparables=[comparable(k + 1, comp_street="1007 " + LONG["street"]) for k in range(comps)],
            contributions=contribution_rows(),
            facts=facts,
        )
    )
    assert 2 <= len(pages) <= 5
    text = " ".join(pages)
    assert "São José De Añasco-L'Évêque" in text
    assert "ŁUKASIEWICZ" in text
    assert "-$1,234,567" in text


@pytest.mark.parametrize("comps", [0, 3, 8])
@pytest.mark.parametrize("months", [0, 10])
@pytest.mark.parametrize("remarks", [1, 12])
def test_no_page_is_begun_for_the_last_lines(comps, months, remarks):
    """A generated home: one provider gives every field, and a new county may have no market to draw yet."""
    facts = [fact(c.name, provider="simulated", simulated=True, source_url=None) for c in ENRICHMENT_FIELDS]
    pages = pdf_pages(
        html(
            score=score_row(is_simulated=True),
            property=property_row(is_simulated=True, description="Kept by one family since 1990. " * remarks),
            comparables=[comparable(k + 1) for k in range(comps)],
            market=market_rows(months) if months else [],
            contributions=contribution_rows(),
            facts=facts,
        )
    )
    # What an investor reads takes four; the sources may have one of their own, whole.
    assert 2 <= len(pages) <= 5
    assert "Sources Note Provider" in pages[-1]
    assert all("When it goes worse" not in page for page in pages[4:])
    assert "How this was made" in pages[-1] and "Not an appraisal" in pages[-1]
