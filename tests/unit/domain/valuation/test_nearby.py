import numpy as np
import pandas as pd
import pytest

from realestate_assets.domain.core.geo import haversine_miles
from realestate_assets.domain.valuation.nearby import FIGURES, nearby_sales
from realestate_assets.domain.valuation.params import load_params
from tests.unit.domain.valuation.sold_homes import shuffled, sold_homes

PARAMS = load_params().nearby
MONTH = "2015-03"


@pytest.fixture(scope="module")
def history() -> pd.DataFrame:
    return sold_homes()


@pytest.fixture(scope="module")
def subjects() -> pd.DataFrame:
    return sold_homes(first=MONTH, months=1, per_month=40, seed=8)


def _all(history, subjects):
    return pd.concat([history, subjects], ignore_index=True)


def _by_property(result: pd.DataFrame) -> pd.DataFrame:
    return result.set_index("property_id")[list(FIGURES)].sort_index()


def test_one_subject_worked_out_one_sale_at_a_time(history, subjects):
    home = subjects.iloc[0]
    miles = haversine_miles(
        home["latitude"],
        home["longitude"],
        history["latitude"].to_numpy(float),
        history["longitude"].to_numpy(float),
    )
    nearest = np.argsort(miles)[: PARAMS.count]
    weights, per_sqft = [], []
    for k in nearest:
        sale = history.iloc[k]
        months_ago = (pd.Timestamp("2015-03-01") - sale["sale_date"]).days / 30.4375
        size = np.log(home["living_area_sqft"] / sale["living_area_sqft"]) / PARAMS.size_scale_log
        grade = (home["quality_code"] - sale["quality_code"]) / PARAMS.quality_scale_grades
        kernel = np.exp(-(size**2) / 2 - grade**2 / 2 - months_ago / PARAMS.recency_scale_months)
        weights.append(kernel / (miles[k] + PARAMS.distance_floor_miles))
        per_sqft.append(sale["sale_price_usd"] / sale["living_area_sqft"])
    found = nearby_sales(subjects.head(1), history, MONTH, PARAMS).iloc[0]
    assert found["nearby_sale_count"] == PARAMS.count
    assert found["nearby_price_per_sqft_usd"] == pytest.approx(np.average(per_sqft, weights=weights))
    assert found["nearby_median_price_usd"] == pytest.approx(
        np.median(history["sale_price_usd"].to_numpy()[nearest])
    )
    assert found["nearby_mean_distance_mi"] == pytest.approx(miles[nearest].mean())


def test_later_sales_change_nothing(history, subjects):
    before = nearby_sales(subjects, _all(history, subjects), MONTH, PARAMS)
    later = sold_homes(first=MONTH, months=2, seed=5).assign(sale_price_usd=9e6)
    after = nearby_sales(subjects, _all(_all(history, subjects), later), MONTH, PARAMS)
    pd.testing.assert_frame_equal(after, before)


def test_the_own_sale_changes_nothing_not_even_an_earlier_one(history, subjects):
    before = nearby_sales(subjects, _all(history, subjects), MONTH, PARAMS)
    earlier = subjects.assign(month="2014-09", sale_date=pd.Timestamp("2014-09-09"), sale_price_usd=5e6)
    alone = nearby_sales(subjects.head(1), _all(history, earlier.head(1)), MONTH, PARAMS)
    pd.testing.assert_frame_equal(alone, before.head(1))
    # A neighbour's earlier sale does count.
    assert not nearby_sales(subjects, _all(history, earlier), MONTH, PARAMS).equals(before)
    repriced = subjects.assign(sale_price_usd=1.0, list_price_usd=2.0)
    again = nearby_sales(repriced, _all(history, repriced), MONTH, PARAMS)
    pd.testing.assert_frame_equal(again, before)


def test_the_order_of_subjects_and_sales_does_not_matter(history, subjects):
    before = nearby_sales(subjects, history, MONTH, PARAMS)
    after = nearby_sales(shuffled(subjects), shuffled(history), MONTH, PARAMS)
    pd.testing.assert_frame_equal(_by_property(after), _by_property(before))


def test_sales_at_one_spot_are_chosen_by_no_order_of_theirs(history, subjects):
    tower = history.assign(latitude=47.6, longitude=-122.2)
    here = subjects.assign(latitude=47.6, longitude=-122.2)
    before = nearby_sales(here, tower, MONTH, PARAMS)
    after = nearby_sales(here, shuffled(tower), MONTH, PARAMS)
    pd.testing.assert_frame_equal(after, before)
    assert (before["nearby_mean_distance_mi"] == 0.0).all()


def test_each_subject_is_figured_by_itself(history, subjects):
    together = nearby_sales(subjects, history, MONTH, PARAMS)
    alone = nearby_sales(subjects.iloc[[7]], history, MONTH, PARAMS)
    pd.testing.assert_frame_equal(alone, together.iloc[[7]])


def test_without_coordinates_or_earlier_sales_the_count_is_zero_and_the_rest_null(history, subjects):
    lost = subjects.copy()
    lost.loc[0, "latitude"] = np.nan
    found = nearby_sales(lost, history, MONTH, PARAMS)
    assert found.loc[0, "nearby_sale_count"] == 0
    assert found.loc[0, list(FIGURES[1:])].isna().all()
    assert found.loc[1:, list(FIGURES)].notna().all(axis=None)
    nothing = nearby_sales(subjects, subjects, MONTH, PARAMS)
    assert (nothing["nearby_sale_count"] == 0).all()
    assert nothing[list(FIGURES[1:])].isna().all(axis=None)


def test_sales_beyond_the_limit_do_not_count(history, subjects):
    far = history.assign(latitude=history["latitude"] + 1.0)
    assert (nearby_sales(subjects, far, MONTH, PARAMS)["nearby_sale_count"] == 0).all()
    some = pd.concat([far, history.head(3)], ignore_index=True)
    assert nearby_sales(subjects, some, MONTH, PARAMS)["nearby_sale_count"].max() <= 3


def test_a_sale_without_living_area_is_left_out(history, subjects):
    history = history.copy()
    history["living_area_sqft"] = np.nan
    assert (nearby_sales(subjects, history, MONTH, PARAMS)["nearby_sale_count"] == 0).all()


def test_a_subject_of_unknown_size_and_grade_still_has_figures(history, subjects):
    bare = subjects.assign(
        living_area_sqft=np.nan, quality_code=pd.array([None] * len(subjects), dtype="Int64")
    )
    assert nearby_sales(bare, history, MONTH, PARAMS)[list(FIGURES)].notna().all(axis=None)


def test_a_home_unlike_everything_around_it_still_has_figures(history, subjects):
    palace = subjects.assign(living_area_sqft=90_000.0, quality_code=13)
    shacks = history.assign(living_area_sqft=200.0, quality_code=1)
    found = nearby_sales(palace, shacks, MONTH, PARAMS)
    assert found[list(FIGURES)].notna().all(axis=None)
    assert (found["nearby_price_per_sqft_usd"] > 0).all()


def test_simulated_sales_do_not_speak_for_observed_homes(history, subjects):
    generated = sold_homes(seed=4, is_simulated=True).assign(sale_price_usd=9e6)
    mixed = pd.concat([generated, history], ignore_index=True)
    pd.testing.assert_frame_equal(
        nearby_sales(subjects, mixed, MONTH, PARAMS), nearby_sales(subjects, history, MONTH, PARAMS)
    )
    simulated = nearby_sales(subjects.assign(is_simulated=True), mixed, MONTH, PARAMS)
    assert (simulated["nearby_median_price_usd"] == 9e6).all()


@pytest.mark.parametrize(("count", "expected"), [(1, 1.0), (2, 1.5), (3, 2.0), (4, 2.5)])
def test_the_median_price_of_odd_and_even_counts(history, subjects, count, expected):
    sales = history.head(count).assign(
        sale_price_usd=[1e5, 2e5, 3e5, 4e5][:count], latitude=47.6, longitude=-122.2
    )
    home = subjects.head(1).assign(latitude=47.6, longitude=-122.2)
    found = nearby_sales(home, sales, MONTH, PARAMS).iloc[0]
    assert found["nearby_sale_count"] == count
    assert found["nearby_median_price_usd"] == pytest.approx(expected * 1e5)
