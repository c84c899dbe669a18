import numpy as np
import pandas as pd
import pytest

from realestate_assets.domain.core.months import add_months
from realestate_assets.domain.sales.validity import VALID
from realestate_assets.domain.valuation.history import earlier_sales, months_before, of_kind


def _record(**changes) -> dict:
    known = {
        "county": "king-wa",
        "month": "2015-01",
        "property_id": "a",
        "sale_date": "2015-01-15",
        "sale_price_usd": 300_000.0,
        "sale_validity": VALID,
        "living_area_sqft": 1500.0,
        "is_simulated": False,
    }
    return {**known, **changes}


def _kept(*records: dict, month: str = "2015-03", **options) -> list[str]:
    return earlier_sales(pd.DataFrame(records), month, **options)["property_id"].tolist()


@pytest.mark.parametrize(
    "changes",
    [
        {"sale_date": "2015-03-01"},
        {"sale_date": "2015-03-20", "month": "2015-02"},
        {"month": "2015-03"},
        {"month": "2015-04"},
        {"sale_date": "2013-02-28"},
        {"month": "2013-02"},
        {"sale_date": None},
        {"sale_price_usd": np.nan},
        {"sale_validity": "PRICE_UNDER_10000", "sale_price_usd": 9_999.0},
        {"sale_validity": "RESOLD_WITHIN_365_DAYS"},
        {"sale_validity": None},
        {"living_area_sqft": np.nan},
    ],
)
def test_a_sale_that_may_not_be_known_or_says_nothing_is_left_out(changes):
    assert _kept(_record(property_id="kept"), _record(**changes)) == ["kept"]


def test_the_day_before_the_month_and_the_first_day_of_the_window_are_in():
    last = _record(sale_date="2015-02-28", month="2015-02", property_id="last")
    first = _record(sale_date="2013-03-01", month="2013-03", property_id="first")
    assert _kept(last, first) == ["first", "last"]
    assert _kept(last, first, months=12) == ["last"]


def test_a_sale_counts_once_by_its_first_report_whatever_the_order():
    late = _record(month="2015-02", sale_price_usd=1e6)
    for records in ([_record(), late], [late, _record()]):
        sales = earlier_sales(pd.DataFrame(records), "2015-03")
        assert sales["sale_price_usd"].tolist() == [300_000.0]


def test_a_sale_whose_first_report_is_not_valid_is_not_taken_from_a_later_one():
    first = _record(sale_validity="NON_ARMS_LENGTH_DEED")
    later = _record(month="2015-02")
    assert _kept(first, later) == []
    assert _kept(_record(), _record(month="2015-02", sale_validity="MULTI_PARCEL_SALE")) == ["a"]


def test_two_sales_of_one_property_are_two():
    assert _kept(_record(), _record(sale_date="2014-06-01", month="2014-06")) == ["a", "a"]


def test_no_records_are_no_sales():
    assert earlier_sales(pd.DataFrame([_record()]).iloc[:0], "2015-03").empty


def test_months_count_across_years_and_as_fractions():
    assert add_months("2015-01", -2) == "2014-11"
    assert add_months("2014-12", 1) == "2015-01"
    ago = months_before(pd.Series(pd.to_datetime(["2015-02-28", "2014-03-01"])), "2015-03")
    assert ago.tolist() == pytest.approx([1 / 30.4375, 365 / 30.4375])


def test_observed_and_simulated_are_told_apart():
    frame = pd.DataFrame([_record(), _record(property_id="b", is_simulated=True)])
    assert of_kind(frame, False)["property_id"].tolist() == ["a"]
    assert of_kind(frame, True)["property_id"].tolist() == ["b"]
