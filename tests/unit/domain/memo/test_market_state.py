"""What the memo says of the market as its month began, with what each figure rests on, or as unknown."""

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.memo.context import build_memo_context
from tests.unit.domain.memo.memo_records import features_row, record

KING = load_counties(None)["king-wa"]
KNOWN = {
    "zip_offer_count": 24.0,
    "zip_months_of_supply": 1.36,
    "market_appreciation_pct": -2.31,
    "market_appreciation_basis": "county",
    "market_appreciation_sales": 2_140.0,
    "market_appreciation_month": "2015-03",
    "market_heat_pct": 98.94,
    "market_heat_basis": "zip",
    "market_heat_sales": 84.0,
}
LABELS = ("Months of supply", "Prices in 12 months", "Sold for, of the ask")


def told(**features):
    page = build_memo_context(record(features=features_row(**features)), KING, "abcdef012345")
    found = {f.label: f for f in page["location"] if f.label in LABELS}
    return {label: (found[label].value, found[label].note) for label in LABELS}, page, found


def test_each_figure_names_whose_sales_how_many_and_as_of_which_month():
    assert told(**KNOWN)[0] == {
        "Months of supply": ("1.4", "ZIP, 24 on offer, 17.6 sold a month before 2015-03"),
        "Prices in 12 months": ("-2.3%", "county, 2,140 sales before 2015-03"),
        "Sold for, of the ask": ("98.9%", "ZIP, 84 sales before 2015-03"),
    }


def test_what_is_unknown_is_said_to_be():
    assert told()[0] == dict.fromkeys(LABELS, ("unknown", None))


def test_a_stock_without_enough_sales_shows_the_stock_and_no_supply():
    figures, _, _ = told(zip_offer_count=3.0, zip_sale_count=5.0)
    expected = ("unknown", "ZIP, 3 on offer, too few sales before 2015-03")
    assert figures["Months of supply"] == expected


def test_a_rate_from_outside_names_its_month_and_stands_on_the_assumptions():
    later = KNOWN | {
        "market_appreciation_basis": "outside_later",
        "market_appreciation_month": "2024-01",
        "market_appreciation_sales": None,
    }
    figures, page, found = told(**later)
    note = "a rate from outside as of 2024-01, not before the month"
    assert figures["Prices in 12 months"] == ("-2.3%", note)
    (source,) = [s for s in page["sources"] if s.letter == found["Prices in 12 months"].sources]
    assert source.provider == "Assumptions set for the county"
