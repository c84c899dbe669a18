"""A map proposed for a file: by the names of its columns and what they hold."""

import pyarrow as pa
import pytest

from realestate_assets.domain.counties.column_map import ColumnMap
from realestate_assets.domain.intake.proposals import propose


def proposed(**columns: list[str]) -> dict[str, object]:
    return {each.field: each.rule for each in propose(pa.table(columns), "WI")}


@pytest.mark.parametrize(
    ("name", "values", "field", "rule"),
    [
        ("Taxkey", ["0123456789", "123456789", "2223334445"], "apn", {"pad": 10, "required": True}),
        ("PARCEL_ID", ["A-1", "B-22"], "apn", {"required": True}),
        ("Sale_date", ["3/11/19", "12/1/20"], "sale_date", {"format": "%m/%d/%y"}),
        ("Selling Date", ["5/9/2016", "12/31/2016"], "sale_date", {"format": "%m/%d/%Y"}),
        ("date", ["20141013T000000"], "sale_date", {"format": "%Y%m%dT%H%M%S"}),
        ("SaleDate", ["2014-05-02"], "sale_date", {}),
        ("Sale Price", ["1.250.000,50"], "sale_price_usd", {"decimal": ","}),
        ("Lot Acres", ["0.25"], "lot_area_sqft", {"unit": "acre"}),
        ("FinishedSqft", ["1000", "0"], "living_area_sqft", {"null_values": "0"}),
        ("Address - Zip Code", ["95242"], "zip", {}),
    ],
)
def test_a_column_is_known_by_its_name_and_read_by_what_it_holds(name, values, field, rule):
    found = proposed(**{name: values})
    assert found[field] == {"from": name, **rule}
    ColumnMap.model_validate(found[field])


def test_names_without_the_values_are_not_believed():
    found = proposed(zip=["Lodi", "Stockton"], date=["soon", "later"], price=["a lot", "x"])
    assert set(found) == {"state"}


def test_codes_are_proposed_for_the_values_that_are_understood():
    rule = proposed(Style=["Ranch", "Duplex O/S", "Condo Townhouse", "Ranch"])["property_type"]
    assert rule["codes"] == {
        "Ranch": "single_family",
        "Duplex O/S": "multi_family",
        "Condo Townhouse": "townhouse",
    }
    assert rule["unknown_code"] == "null"


def test_full_and_half_baths_are_added_and_a_file_of_sales_says_sold():
    found = proposed(Fbath=["1"], Hbath=["2"], price=["5"], sold_date=["2014-05-02"])
    assert found["bathrooms"] == {"sum": {"Fbath": 1.0, "Hbath": 0.5}}
    assert found["listing_status"] == {"constant": "sold"}
    assert found["observed_date"]["from"] == "sold_date"
