"""One row of a listing and its sale: an offer in the month of the listing, a sale in its own."""

import io
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.counties.api_sources import SocrataSource
from realestate_assets.domain.intake.canonical import canonicalise
from realestate_assets.domain.intake.file_bytes import Place
from realestate_assets.domain.intake.reading import read_rows
from tests.unit.domain.intake.landed import CLOCK, make_county, make_source, process

COLUMNS = {
    "apn": "id",
    "observed_date": "sold_on",
    "sale_date": "sold_on",
    "sale_price_usd": "sold_for",
    "list_date": "listed_on",
    "list_price_usd": "asked",
    "last_sale_date": "before_on",
    "last_sale_price_usd": "before_for",
    "listing_status": {"constant": "sold"},
    "days_on_market": "days",
    "buyer_name": "buyer",
    "bedrooms": "beds",
}
HEADER = "id,sold_on,sold_for,listed_on,asked,before_on,before_for,days,buyer,beds\n"
BOTH = make_source(columns=COLUMNS, holds="listings_and_sales")


def records(*rows: str) -> list[dict]:
    text = HEADER + "".join(f"{row}\n" for row in rows)
    place, months = Place("king-wa", BOTH.name, "f.csv"), ("2014-01", "2016-12")
    received = read_rows(io.BytesIO(text.encode()), BOTH, place, months, CLOCK)
    found = canonicalise(received.table, make_county(BOTH))
    assert received.sent == len(rows)
    assert received.sent + received.offers == found.properties.num_rows + found.rejects.num_rows
    assert sum(received.by_month.values()) == received.sent + received.offers
    return found.properties.sort_by("month").to_pylist()


def test_a_listing_and_its_sale_are_an_offer_and_a_sale():
    offer, sale = records("1,2015-03-20,95000,2015-01-31,100000,2009-05-05,70000,48,B,3")
    assert offer["property_id"] == sale["property_id"]
    assert (offer["month"], offer["listing_status"], offer["list_price_usd"]) == ("2015-01", "active", 100000)
    assert (offer["observed_date"], offer["days_on_market"]) == (date(2015, 1, 31), 0)
    assert (sale["month"], sale["listing_status"], sale["sale_price_usd"]) == ("2015-03", "sold", 95000)
    assert sale["list_price_usd"] == 100000 and not sale["is_list_price_assumed"]
    assert offer["last_sale_price_usd"] == sale["last_sale_price_usd"] == 70000


def test_an_offer_knows_nothing_that_the_sale_told():
    offer, _ = records("1,2015-03-20,95000,2015-01-31,100000,2015-03-20,95000,48,B,3")
    told = ("sale_price_usd", "sale_date", "buyer_name", "last_sale_price_usd", "last_sale_date")
    assert {name: offer[name] for name in told} == dict.fromkeys(told)


@pytest.mark.parametrize("listed_on", ["2015-03-01", "2015-04-02", ""])
def test_a_home_listed_in_the_month_of_its_sale_or_at_no_known_time_has_its_sale_alone(listed_on):
    (sale,) = records(f"1,2015-03-20,95000,{listed_on},100000,,,5,B,3")
    assert sale["listing_status"] == "sold"


def test_what_cannot_be_read_is_refused_in_both_months():
    text = HEADER + "1,2015-03-20,95000,2015-01-31,100000,,,5,B,x\n"
    _, found = process({"f.csv": text.encode()}, BOTH)
    assert sorted(found.rejects["month"].to_pylist()) == ["2015-01", "2015-03"]


@given(st.integers(0, 400), st.integers(0, 400))
def test_every_record_stands_once_whatever_the_dates(listed, sold):
    first = date(2015, 1, 1)
    listed_on, sold_on = (first + timedelta(days=days) for days in (listed, sold))
    found = records(f"1,{sold_on},95000,{listed_on},100000,,,,B,3")
    months = [f"{sold_on:%Y-%m}"]
    if f"{listed_on:%Y-%m}" < months[0]:
        months.insert(0, f"{listed_on:%Y-%m}")
    assert [row["month"] for row in found] == months


def test_a_source_of_both_maps_what_both_need():
    with pytest.raises(ValueError, match="list_date, sale_price_usd must be mapped"):
        kept = {k: v for k, v in COLUMNS.items() if k not in ("list_date", "sale_price_usd")}
        make_source(columns=kept, holds="listings_and_sales")


def test_an_api_is_asked_by_one_date():
    with pytest.raises(ValueError, match="an API cannot"):
        SocrataSource.model_validate(
            {
                "kind": "socrata",
                "name": "sales",
                "api": "portal",
                "dataset": "abcd-1234",
                "date_column": "sold_on",
                "columns": COLUMNS,
                "holds": "listings_and_sales",
            }
        )
