"""Homes without coordinates: neighbours of the same place, never the home's own sale, in any order."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.core.places import lack_zips, places_of
from realestate_assets.domain.valuation.features import FeatureSet
from realestate_assets.domain.valuation.in_place import has_coordinates, neighbours_in_place
from tests.unit.domain.valuation.sold_homes import sold_homes

SCALES = {"living_area_sqft": 0.3, "bedrooms": 2.0, "months_ago": 12.0}


def found(subjects: pd.DataFrame, sales: pd.DataFrame, count: int = 5) -> np.ndarray:
    ages = np.zeros(len(subjects)), np.zeros(len(sales))
    return neighbours_in_place(subjects, sales, ages, SCALES, count)


def test_neighbours_are_the_most_alike_of_the_place():
    sales = sold_homes(per_month=30)
    index = found(sales, sales)
    zips = sales["zip"].to_numpy()
    assert (index >= 0).all() and (zips[index] == zips[:, None]).all()
    logs = np.log(sales["living_area_sqft"].to_numpy(float)) / 0.3
    beds = sales["bedrooms"].to_numpy(float) / 2.0
    apart = np.hypot(logs[:, None] - logs[None], beds[:, None] - beds[None])
    apart[(zips[:, None] != zips[None]) | np.eye(len(sales), dtype=bool)] = np.inf
    best = np.sort(apart, axis=1)[:, :5]
    assert np.allclose(np.take_along_axis(apart, index, axis=1), best)


@given(st.integers(0, 4), st.integers(1, 8))
def test_a_home_is_never_its_own_neighbour(sales_of_it, count):
    sales = sold_homes(months=2, per_month=6)
    own = sales.index < sales_of_it
    sales.loc[own, ["property_id", "zip"]] = ["home", "98004"]
    index = found(sales, sales, count)
    ids = sales["property_id"].to_numpy(object)
    assert not ((ids[index] == ids[:, None]) & (index >= 0)).any()


def test_a_place_without_sales_and_a_home_without_a_place_have_none():
    sales = sold_homes(per_month=20)
    subjects = sold_homes(first="2015-03", months=1, per_month=2, seed=4).assign(zip=["99999", None])
    assert (found(subjects, sales) == -1).all()
    assert (found(subjects, sales.iloc[:0]) == -1).all()


def test_the_place_is_the_zip_or_else_the_sources_own_code():
    homes = pd.DataFrame({"zip": ["98004", None, None], "place": ["98004", "N1", None]})
    assert places_of(homes).fillna("none").tolist() == ["98004", "N1", "none"]
    assert lack_zips(homes) and not lack_zips(homes.head(1))


def test_the_model_of_a_county_with_zips_keeps_them_and_one_without_takes_the_place():
    homes = sold_homes(per_month=5)
    assert FeatureSet.of_sales(homes, "county").place == "zip"
    assert FeatureSet.of_sales(homes.assign(place=homes["zip"]), "county").place == "zip"
    coded = homes.assign(place="N" + homes["zip"], zip=None)
    features = FeatureSet.of_sales(coded, "county")
    assert features.place == "place" and features.places == tuple(sorted(coded["place"].unique()))


def test_one_home_with_coordinates_is_enough_for_distances():
    homes = sold_homes(months=1)
    assert has_coordinates(homes) and not has_coordinates(homes.assign(latitude=np.nan))
