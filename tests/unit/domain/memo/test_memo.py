"""What a memo says: every figure, every gap, every mark; the wall clock and unknown data have no place."""

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.memo.context import build_memo_context
from realestate_assets.domain.memo.figures import ASSUMED_PRICE_NOTE, Figure
from realestate_assets.domain.memo.risks import UNKNOWNS, Risk
from realestate_assets.domain.memo.sources import Source
from tests.unit.domain.memo.memo_records import (
    comparable,
    fact,
    features_row,
    property_row,
    record,
    score_row,
)

KING = load_counties(None)["king-wa"]


def context(**parts: object) -> dict:
    return build_memo_context(record(**parts), KING, "abcdef012345")


def texts(node: object) -> list[str]:
    """Every text in a context."""
    if isinstance(node, str):
        return [node]
    if isinstance(node, Figure | Source | Risk):
        return texts(list(dataclasses.astuple(node)))
    if isinstance(node, dict):
        return [t for value in node.values() for t in texts(value)]
    if isinstance(node, list | tuple):
        return [t for value in node for t in texts(value)]
    return []


def shown(figures: list[Figure]) -> dict[str, str]:
    return {figure.label: figure.value for figure in figures}


def test_the_key_figures_are_the_warehouse_values_at_their_rounding():
    assert shown(context()["key_figures"]) == {
        "Asking price": "$500,000",
        "Market value": "$601,250",
        "Ask below market value": "16.8%",
        "Likely sale value": "$497,000",
        "Sells above its ask": "31%",
        "Resold with a gain": "3.4 of 100",
        "After-repair value": "$640,000",
        "Maximum offer": "$418,000",
        "Cap rate": "2.7%",
        "Cash on cash": "-9.8%",
        "Rent a month": "$2,400",
        "Flip return": "7.1%",
    }


# Heritage field -> (its text in the context).
HERITAGE = {
    "address": "1234 NE 8TH ST",
    "city, state, zip": "Bellevue, WA 98004",
    "score": "68.4",
    "score_class": "good",
    "confidence_level": "84%",
    "listing_price": "$500,000",
    "assessed_value": "$455,000",
    "market_value": "$601,250",
    "potential_roi": "7.1%",
    "bedrooms": "3",
    "bathrooms": "2.25",
    "square_footage": "2,000 sq ft",
    "lot_size_sqft": "7,242 sq ft",
    "year_built": "1951",
    "age_years": "64 years",
    "property_type": "Single-family house",
    "price_per_sqft": "$250",
    "last_sale_date": "1 June 2008",
    "last_sale_price": "$310,000",
    "price_appreciation": "61.3%",
    "tax_amount_annual": "$4,812",
    "market_to_assessed_ratio": "0.76",
    "zip_population": "27,946",
    "zip_median_income": "$108,000",
    "zip_median_home_value": "$520,100",
    "owner_occupied_rate": "61.5%",
    "owner_name": "A HOLDING LLC",
    "owner_mailing_address": "PO BOX 1, RENO NV",
    "years_owned": "7 years",
    "zoning": "R-5",
    "apn": "0123456789",
    "source_api": "us_zip_demographics",
    "listing_source": "king_county_sales",
    "model_version": "9f8e7d6c5b4a",
    "listing_url": "https://example.com/listing/1",
    "report_date": "31 March 2015",
}


@pytest.mark.parametrize(("field", "text"), HERITAGE.items())
def test_every_field_of_the_older_memo_is_there(field, text):
    enrichment = {
        "zoning_code": "R-5",
        "owner_name": "A HOLDING LLC",
        "owner_mailing_address": "PO BOX 1, RENO NV",
        "zip_owner_occupied_pct": 61.5,
        "zip_median_home_value_usd": 520_100.0,
    }
    page = context(enrichment=enrichment, features=features_row(tax_annual_usd=4812.0))
    assert text in texts(page), field


def test_the_other_heritage_parts_are_there_too():
    page = context()
    assert "valued at $601,250" in page["summary"]
    assert len(page["comparables"]["names"]) == 8
    assert page["highlights"]["positive"][0]["text"].startswith("Of 100 homes like this, 3.4")


def test_the_dates_are_the_ends_of_the_month_and_not_of_today():
    document = context()["document"]
    assert (document["as_of"], document["report_date"]) == ("1 March 2015", "31 March 2015")
    february = context(score=score_row(month="2016-02"))["document"]
    assert february["report_date"] == "29 February 2016"


def test_a_score_never_reads_as_the_class_above():
    page = context(score=score_row(bird_dog_score=79.96, score_class="good"))
    assert page["banner"]["score"] == "79.9"
    assert context(score=score_row(bird_dog_score=80.0))["banner"]["score"] == "80.0"


def test_the_same_rows_give_the_same_context():
    assert context() == context()


def test_an_assumed_asking_price_is_marked_wherever_it_stands():
    page = context()
    tile = page["key_figures"][0]
    mark = next(m for m in page["value"]["marks"] if m["key"] == "price")
    assert tile.note == mark["figure"].note == ASSUMED_PRICE_NOTE
    honest = context(score=score_row(is_asking_price_assumed=False))
    assert ASSUMED_PRICE_NOTE not in [f.note for f in honest["key_figures"]]


def test_a_simulated_property_marks_every_figure():
    page = context(score=score_row(is_simulated=True))
    figures = [*page["key_figures"], *page["facts"], *page["location"], *page["owner"]]
    figures += [*page["underwriting"]["rental"], *page["underwriting"]["flip"]]
    assert figures
    assert all(figure.is_simulated for figure in figures)
    assert page["document"]["is_simulated"]


def test_of_a_real_property_only_the_simulated_figures_are_marked():
    page = context(facts=[fact("zip_population", simulated=True), fact("zip_median_income_usd")])
    marked = {f.label for f in page["location"] if f.is_simulated}
    assert marked == {"ZIP population"}
    assert page["document"]["has_simulated_figures"]
    assert not page["document"]["is_simulated"]


OWNER = {
    "owner_type": "company",
    "is_absentee_owner": True,
    "is_absentee_out_of_state": True,
    "tenure_years": 24.2,
    "is_tax_delinquent": True,
    "tax_delinquent_usd": 3_200.0,
    "tax_sale_year": 2013,
    "distress_signal_count": 3,
}


def test_the_owners_kind_tenure_and_unpaid_taxes_are_told():
    page = context(features=features_row(**OWNER), enrichment={"owner_name": "OAK  LLC"})
    told = {figure.label: figure.value for figure in page["owner"]}
    assert (
        told.items()
        >= {
            "Owner of record": "OAK LLC",
            "Kind of owner": "Company",
            "Absentee owner": "Yes",
            "Lives out of state": "Yes",
            "Owned for": "24 years",
            "Taxes at a tax sale": "Yes",
            "Unpaid taxes": "$3,200",
            "Latest tax sale": "2013",
            "Distress signals": "3 of 4",
        }.items()
    )
    assert "Whether property taxes are unpaid." not in page["unknowns"]


def test_an_owner_of_unknown_kind_is_not_told_and_the_record_goes_before_the_provider():
    page = context(
        features=features_row(owner_type="unknown", distress_signal_count=None),
        property=property_row(owner_name="DOE JOHN"),
        enrichment={"owner_name": "OAK LLC"},
    )
    told = {figure.label: figure.value for figure in page["owner"]}
    assert told["Owner of record"] == "DOE JOHN"
    assert not told.keys() & {"Kind of owner", "Distress signals", "Owned for"}


def test_what_is_made_of_a_simulated_owner_is_marked():
    rows = [fact(name, simulated=True) for name in ("owner_mailing_address", "tax_delinquent_usd")]
    page = context(features=features_row(**OWNER), facts=rows)
    marked = {figure.label for figure in page["owner"] if figure.is_simulated}
    assert marked == {"Absentee owner", "Lives out of state", "Unpaid taxes", "Distress signals"}


def test_a_simulated_value_that_lost_marks_nothing():
    page = context(facts=[fact("zip_population", simulated=True, is_used=False)])
    assert not page["document"]["has_simulated_figures"]


def test_simulated_rent_marks_what_is_made_of_it():
    page = context(facts=[fact("bedroom_rent_usd", simulated=True)])
    marked = {f.label for f in page["underwriting"]["rental"] if f.is_simulated}
    assert {"Gross rent", "Net operating income", "Cash flow a year"} <= marked
    marked = {f.label for f in page["key_figures"] if f.is_simulated}
    assert marked == {"Rent a month", "Cap rate", "Cash on cash"}


NO_PRICE = {
    "asking_price_usd": None,
    "is_asking_price_assumed": False,
    **dict.fromkeys(
        [
            *("discount_to_value_pct", "discount_probability", "noi_usd", "cap_rate_pct", "cash_on_cash_pct"),
            *("dscr", "gross_rent_multiplier", "flip_profit_usd", "flip_roi_pct"),
        ]
    ),
}
NO_ARV = dict.fromkeys(
    [
        *("arv_usd", "arv_low_usd", "arv_high_usd", "max_allowable_offer_usd"),
        *("flip_profit_usd", "flip_roi_pct"),
    ]
)


def test_without_an_asking_price_there_is_no_underwriting_and_the_memo_says_why():
    page = context(score=score_row(**NO_PRICE))
    assert page["underwriting"] is None
    assert "Asking price" not in shown(page["key_figures"])
    assert any(sentence.startswith("The asking price:") for sentence in page["unknowns"])
    assert "asked at" not in page["summary"]


def test_without_comparables_their_section_is_left_out_and_the_memo_says_so():
    page = context(comps=0, score=score_row(**NO_ARV))
    assert page["comparables"] is None
    assert page["underwriting"]["flip"] is None
    assert page["underwriting"]["rental"]
    assert any(sentence.startswith("Comparable earlier sales") for sentence in page["unknowns"])


@pytest.mark.parametrize(("column", "sentence"), UNKNOWNS)
def test_each_gap_is_said_plainly_and_only_where_it_is_one(column, sentence):
    known = {**score_row(), **features_row(), **property_row()}
    filled = {name: known.get(name) if known.get(name) is not None else 1.0 for name, _ in UNKNOWNS}
    assert sentence not in context(features=features_row(**filled))["unknowns"]
    gap = {**filled, column: None}
    page = context(
        features=features_row(**gap), score=score_row(**{n: gap[n] for n in gap if n in score_row()})
    )
    assert sentence in page["unknowns"]


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NaT, pd.NA, ""])
def test_a_missing_value_of_any_kind_leaves_its_figure_out(missing):
    page = context(features=features_row(lot_area_sqft=missing))
    assert "Lot area" not in shown(page["facts"])
    assert not any(re.search(r"\b(nan|None|NaT)\b|<NA>", text) for text in texts(page))


def test_a_sparse_property_has_no_none_or_nan_anywhere():
    bare = property_row(
        street=None, city=None, url=None, year_renovated=None, basement_sqft=np.nan, listing_status=None
    )
    page = context(
        comps=0,
        score=score_row(**NO_PRICE, **{k: v for k, v in NO_ARV.items() if k not in NO_PRICE}),
        features={"living_area_sqft": 900.0},
        property=bare,
        enrichment={},
        facts=[],
    )
    assert page["header"]["street"] == "Parcel 0123456789"
    assert page["owner"] is None
    said = texts(page)
    assert not any(re.search(r"\b(nan|None|NaT)\b|<NA>", text) for text in said)


def test_zero_is_a_figure_and_not_a_gap():
    page = context(features=features_row(hoa_monthly_usd=0.0, view_code=0))
    assert shown(page["facts"])["View (0 to 4)"] == "0"
    assert shown(page["facts"])["HOA fee a month"] == "$0"
    assert not any(s.startswith("Association fees") for s in page["unknowns"])


def amounts(figures: list[Figure]) -> dict[str, float]:
    return {f.label: float(f.value.replace("$", "").replace(",", "")) for f in figures}


def test_the_rental_lines_add_up_to_the_income_and_the_cash_flow():
    lines = amounts(context()["underwriting"]["rental"])
    parts = ("Gross rent", "Vacancy", "Property tax", "Insurance", "Maintenance", "Management")
    parts += ("Reserve", "Re-letting")
    assert sum(lines[name] for name in parts) == pytest.approx(13_356, abs=3)
    assert lines["Net operating income"] == 13_356
    flow = lines["Net operating income"] + lines["Debt service"]
    assert flow == pytest.approx(lines["Cash flow a year"], abs=1)
    assert lines["Cash flow a year"] < 0


def test_the_flip_lines_add_up_to_the_profit():
    lines = amounts(context()["underwriting"]["flip"])
    profit = lines.pop("Flip profit")
    assert sum(lines.values()) == pytest.approx(38_964, abs=3)
    assert profit == 38_964


def test_the_assumptions_of_the_county_are_printed():
    printed = dict(context()["underwriting"]["assumptions"])
    assert printed["Insurance"] == "0.30% of rebuilding at $290 per sq ft a year"
    assert printed["Property tax"] == "0.92% of market value a year"
    assert printed["Reserve"] == "5.0% of rent, for replacements"
    assert printed["Re-letting"] == "1 month of rent every 3 years"
    assert printed["Owner's utilities"] == "let $0, flip $200 a month"
    assert printed["Loan"] == "7.00% over 30 years"
    assert "3: $15" in printed["Repairs per sq ft by condition"]
    known_tax = context(features=features_row(tax_annual_usd=5_000.0))
    assert dict(known_tax["underwriting"]["assumptions"])["Property tax"] == "the recorded bill"


def test_comparables_stand_in_rank_order_with_signed_adjustments():
    grid = context(comparables=[comparable(2), comparable(1, comp_street=None)])["comparables"]
    assert grid["names"] == ["ZIP 98004", "200 LAKE WASHINGTON BLVD SE"]
    by_label = {row["label"]: row["cells"] for row in grid["adjustments"]}
    assert by_label["Time"] == ["+$5,000", "+$5,000"]
    assert by_label["Living area"] == ["-$12,345", "-$12,345"]
    assert "Lot area" not in by_label
    assert grid["not_adjusted"] == "lot area and bedrooms"


def test_text_of_5000_characters_is_cut():
    page = context(property=property_row(description="word " * 1000, street="S" * 5000))
    assert len(page["remarks"]) <= 601
    assert len(page["document"]["running_title"]) <= 49


def test_a_comparable_without_a_street_is_told_by_its_parcel_number():
    nameless = comparable(1, comp_street=None)
    lost = comparable(2, comp_street=None, comp_zip=None)
    grid = context(comparables=[{**nameless, "comp_apn": "1234567890"}, {**lost, "comp_apn": None}])
    assert grid["comparables"]["names"] == ["Parcel 1234567890, ZIP 98004", "Address not known"]


def test_the_strongest_component_is_not_a_condition_that_nobody_knows():
    best = score_row(component_condition=1.0)
    assert (
        "Strongest component: condition;"
        in context(score=best, property=property_row(condition_code=4))["summary"]
    )
    unknown = context(
        score=best,
        property=property_row(condition_code=None),
        features=features_row(condition_code=None),
    )
    assert "Strongest component: age;" in unknown["summary"]
