import numpy as np
import pandas as pd
import pytest

from realestate_assets.domain.comparables.adjustments import LINES
from realestate_assets.domain.comparables.comparables import comparables
from realestate_assets.domain.comparables.matching import MEASURES
from realestate_assets.domain.tables import COMPARABLES
from realestate_assets.domain.valuation.params import load_params
from resources.warehouse.conform import conform
from tests.unit.domain.valuation.sold_homes import shuffled, sold_homes

PARAMS = load_params()
RULES = PARAMS.comparables
MONTH = "2015-03"
ADJUSTMENTS = [f"adj_{line}_usd" for line in LINES]


@pytest.fixture(scope="module")
def history() -> pd.DataFrame:
    return sold_homes(growth=0.005)


@pytest.fixture(scope="module")
def subjects() -> pd.DataFrame:
    return sold_homes(first=MONTH, months=1, per_month=40, seed=8)


@pytest.fixture(scope="module")
def found(history, subjects) -> pd.DataFrame:
    return comparables(subjects, history, MONTH, PARAMS)


def _one_comparable(subject: dict, sale: dict) -> pd.Series:
    """A subject and a single earlier sale a mile north of it, alike but for the changes."""
    alike = {
        "living_area_sqft": 2000.0,
        "lot_area_sqft": 6000.0,
        "bedrooms": 3.0,
        "bathrooms": 2.0,
        "effective_age_years": 30.0,
        "quality_code": 7,
        "condition_code": 3,
        "sale_price_usd": 400_000.0,
        "property_type": "single_family",
        "latitude": 47.6,
        "longitude": -122.2,
    }
    home = sold_homes(first=MONTH, months=1, per_month=1).assign(**{**alike, **subject})
    sold = sold_homes(first="2014-12", months=1, per_month=1, seed=2).assign(
        **{**alike, "latitude": 47.6 + 1 / 69.0933, **sale}
    )
    rows = comparables(home, sold, MONTH, PARAMS)
    assert len(rows) == 1
    return rows.iloc[0]


def test_the_rows_fit_the_table(found):
    table = conform(found.assign(comp_sale_date=found["comp_sale_date"].dt.date), COMPARABLES)
    assert table.num_rows == len(found)
    assert conform(found, COMPARABLES).equals(table)


def test_each_home_has_three_to_eight_ranked_by_similarity_with_weights_that_sum_to_one(found, subjects):
    per_home = found.groupby("property_id")
    assert set(found["property_id"]) == set(subjects["property_id"])
    assert per_home.size().between(3, 8).all()
    for _, rows in per_home:
        assert rows["comp_rank"].tolist() == list(range(1, len(rows) + 1))
        assert rows["similarity"].is_monotonic_decreasing
        assert rows["weight"].sum() == pytest.approx(1.0)
        assert rows["comp_property_id"].is_unique


def test_a_comparable_is_earlier_within_a_year_near_and_of_the_same_type(found, history, subjects):
    assert (found["comp_sale_date"] < pd.Timestamp("2015-03-01")).all()
    assert (found["comp_sale_date"] >= pd.Timestamp("2014-03-01")).all()
    assert (found["distance_mi"] <= RULES.radii_miles[-1]).all()
    own = found["property_id"].map(subjects.set_index("property_id")["property_type"])
    comp = found["comp_property_id"].map(history.set_index("property_id")["property_type"])
    assert (own == comp).all()


def test_adjusted_price_is_price_and_lines_and_gross_their_absolute_sum(found):
    lines = found[ADJUSTMENTS]
    assert np.allclose(found["adjusted_price_usd"], found["comp_sale_price_usd"] + lines.sum(axis=1))
    gross = 100 * lines.abs().sum(axis=1) / found["comp_sale_price_usd"]
    assert np.allclose(found["adj_gross_pct"], gross)
    assert np.allclose(found["adj_net_pct"], 100 * lines.sum(axis=1) / found["comp_sale_price_usd"])
    assert (found["adj_gross_pct"] <= 100 * RULES.max_gross_share + 1e-9).all()
    assert (found["adjusted_price_usd"] > 0).all()


@pytest.mark.parametrize(
    ("subject", "column", "expected"),
    [
        # 200 sq ft x 45 % of 400,000 / 2,000
        ({"living_area_sqft": 2200.0}, "adj_living_area_usd", 200 * 0.45 * 200),
        # 5 % of the price x ln 2
        ({"lot_area_sqft": 12_000.0}, "adj_lot_area_usd", 0.05 * 400_000 * np.log(2)),
        ({"bedrooms": 5.0}, "adj_bedrooms_usd", 2 * 0.005 * 400_000),
        ({"bathrooms": 1.0}, "adj_bathrooms_usd", -0.03 * 400_000),
        ({"effective_age_years": 50.0}, "adj_age_usd", -2 * 0.01 * 400_000),
        ({"quality_code": 8}, "adj_quality_usd", 0.10 * 400_000),
        ({"condition_code": 1}, "adj_condition_usd", -2 * 0.05 * 400_000),
    ],
)
def test_a_line_is_the_difference_times_its_rate(subject, column, expected):
    row = _one_comparable(subject, {})
    assert row[column] == pytest.approx(expected)
    assert row[[c for c in ADJUSTMENTS if c != column]].abs().sum() == 0.0


def test_what_is_unknown_is_not_adjusted_for():
    row = _one_comparable({"bedrooms": np.nan}, {"lot_area_sqft": np.nan, "bedrooms": 6.0})
    assert row["adj_bedrooms_usd"] == 0.0
    assert row["adj_lot_area_usd"] == 0.0


def test_a_line_and_the_sum_of_lines_are_capped():
    row = _one_comparable({"living_area_sqft": 20_000.0}, {})
    assert row["adj_living_area_usd"] == pytest.approx(RULES.max_line_share * 400_000)
    row = _one_comparable({"living_area_sqft": 20_000.0, "quality_code": 13, "condition_code": 5}, {})
    assert row["adj_gross_pct"] == pytest.approx(100 * RULES.max_gross_share)
    assert row["adj_living_area_usd"] == pytest.approx(row["adj_quality_usd"])


def test_similarity_halves_at_one_scale_and_the_distance_is_in_miles():
    row = _one_comparable({}, {})
    assert row["distance_mi"] == pytest.approx(1.0, abs=1e-3)
    distance = (row["distance_mi"] / RULES.scales.distance_miles) ** 2
    age = (row["months_ago"] / RULES.scales.months_ago) ** 2
    assert row["similarity"] == pytest.approx(1 / (1 + distance + age))
    larger = _one_comparable({"living_area_sqft": 2000 * np.exp(RULES.scales.size_log)}, {})
    assert 1 / larger["similarity"] - 1 / row["similarity"] == pytest.approx(1.0)


def test_time_adjusts_by_the_countys_index(subjects):
    rising = comparables(subjects, sold_homes(growth=0.01, noise=0.03), MONTH, PARAMS)
    share = rising["adj_time_usd"] / rising["comp_sale_price_usd"]
    whole = rising["adj_gross_pct"] < 100 * RULES.max_gross_share - 1e-9
    months = 3 - rising["comp_sale_date"].dt.month + 12 * (2015 - rising["comp_sale_date"].dt.year)
    assert np.allclose(share[whole], np.expm1(0.01 * months[whole]), atol=0.03)


def test_later_sales_change_nothing(history, subjects, found):
    later = sold_homes(first=MONTH, months=2, seed=5).assign(sale_price_usd=9e6)
    again = comparables(subjects, pd.concat([later, history, subjects], ignore_index=True), MONTH, PARAMS)
    pd.testing.assert_frame_equal(again, found)


def test_the_own_sales_and_prices_change_nothing(history, subjects, found):
    one = subjects.head(1)
    expected = found[found["property_id"] == one["property_id"].iloc[0]].reset_index(drop=True)
    earlier = one.assign(month="2014-11", sale_date=pd.Timestamp("2014-11-11"), sale_price_usd=350_000.0)
    records = pd.concat([history, earlier, subjects], ignore_index=True)
    repriced = one.assign(sale_price_usd=1.0, list_price_usd=1.0)
    again = comparables(repriced, records, MONTH, PARAMS)
    assert again["comp_property_id"].tolist() == expected["comp_property_id"].tolist()
    # The own earlier sale is left out of the comparables; in the county's index it is one of 600.
    assert np.allclose(again["adjusted_price_usd"], expected["adjusted_price_usd"], rtol=0.02)
    unsold = comparables(repriced, history, MONTH, PARAMS)
    pd.testing.assert_frame_equal(unsold, expected)


def test_the_order_of_subjects_and_sales_does_not_matter_even_at_one_spot(history, subjects):
    tower = history.assign(
        latitude=47.6, longitude=-122.2, sale_date=pd.Timestamp("2014-12-12"), month="2014-12"
    )
    for name in ("lot_area_sqft", "bedrooms", "bathrooms", "effective_age_years", "living_area_sqft"):
        tower[name] = 5.0
    here = subjects.assign(latitude=47.6, longitude=-122.2)
    for records, homes in ((history, subjects), (tower, here)):
        before = comparables(homes, records, MONTH, PARAMS)
        after = comparables(shuffled(homes), shuffled(records), MONTH, PARAMS)
        pd.testing.assert_frame_equal(after, before)


def test_of_equal_sales_the_ones_of_the_smaller_property_id_come_first(history, subjects):
    equal = pd.concat([history.iloc[[0]]] * 30, ignore_index=True)
    equal["property_id"] = [f"p{k * 7 % 30:02d}" for k in range(30)]
    # Equal to the home in all that adjusts, so that all are close.
    home = equal.head(1).assign(property_id="home", month=MONTH)
    rows = comparables(home, equal, MONTH, PARAMS)
    assert rows["comp_property_id"].tolist() == [f"p{k:02d}" for k in range(8)]


def test_a_sale_that_needs_less_adjustment_weighs_more(found):
    witness = found["similarity"] * (1 - found["adj_gross_pct"] / 100)
    share = witness / witness.groupby(found["property_id"]).transform("sum")
    assert np.allclose(found["weight"], share)


def test_each_subject_is_compared_by_itself(history, subjects, found):
    alone = comparables(subjects.iloc[[7]], history, MONTH, PARAMS)
    same = found[found["property_id"] == subjects["property_id"].iloc[7]].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, same)


def test_the_circle_grows_only_as_far_as_it_must(history, subjects):
    home = subjects.head(1).assign(latitude=47.6, longitude=-122.2, property_type=None)
    enough = PARAMS.comparables.enough_in_radius
    ring = np.where(np.arange(len(history)) < enough + 3, 0.3, 0.8) / 69.0933
    # Sales like the home itself: none needs to be looked for further off.
    alike = home.iloc[0][
        [*MEASURES, "is_waterfront", "view_code", "living_area_sqft", "lot_area_sqft"]
    ].to_dict()
    records = history.assign(latitude=47.6 + ring, longitude=-122.2, **alike)
    assert comparables(home, records, MONTH, PARAMS)["distance_mi"].max() == pytest.approx(0.3, abs=1e-3)
    few = records.drop(index=range(5, enough + 3))
    assert comparables(home, few, MONTH, PARAMS)["distance_mi"].max() == pytest.approx(0.8, abs=1e-3)


def test_a_home_of_unknown_type_is_compared_to_all_and_a_sale_of_unknown_type_to_any(history, subjects):
    unknown = subjects.assign(property_type=None)
    untyped = history.assign(property_type=None)
    for rows in (comparables(unknown, history, MONTH, PARAMS), comparables(subjects, untyped, MONTH, PARAMS)):
        assert (rows.groupby("property_id").size() >= 3).all()
        assert rows["property_id"].nunique() == len(subjects)


def test_homes_without_coordinates_or_area_and_months_without_sales_have_none(history, subjects):
    lost = subjects.copy()
    lost.loc[0, "longitude"] = np.nan
    lost.loc[1, "living_area_sqft"] = np.nan
    rows = comparables(lost, history, MONTH, PARAMS)
    assert not {lost.loc[0, "property_id"], lost.loc[1, "property_id"]} & set(rows["property_id"])
    nothing = comparables(subjects, subjects, MONTH, PARAMS)
    assert nothing.empty
    assert list(nothing) == COMPARABLES.column_names


def test_simulated_sales_are_no_comparables_of_observed_homes(history, subjects, found):
    generated = sold_homes(seed=4, is_simulated=True)
    mixed = pd.concat([generated, history], ignore_index=True)
    pd.testing.assert_frame_equal(comparables(subjects, mixed, MONTH, PARAMS), found)
    rows = comparables(subjects.assign(is_simulated=True), mixed, MONTH, PARAMS)
    assert rows["is_simulated"].all()
    assert set(rows["comp_property_id"]) <= set(generated["property_id"])


def test_where_no_sale_has_coordinates_comparables_are_of_the_place_and_say_no_distance(history, subjects):
    nowhere = {"latitude": np.nan, "longitude": np.nan}
    coded = [frame.assign(**nowhere, place="N" + frame["zip"], zip=None) for frame in (subjects, history)]
    found = comparables(*coded, MONTH, PARAMS)
    place = pd.concat(coded).set_index("property_id")["place"]
    assert set(found["property_id"]) == set(subjects["property_id"])
    assert (place[found["property_id"]].to_numpy() == place[found["comp_property_id"]].to_numpy()).all()
    assert found["distance_mi"].isna().all() and found["weight"].notna().all()
    assert conform(found, COMPARABLES).num_rows == len(found)
    assert len(comparables(shuffled(coded[0]), shuffled(coded[1]), MONTH, PARAMS)) == len(found)


def test_where_sales_have_coordinates_a_home_without_them_still_has_none(history, subjects):
    lost = subjects.assign(latitude=np.nan)
    assert comparables(lost, history, MONTH, PARAMS).empty
