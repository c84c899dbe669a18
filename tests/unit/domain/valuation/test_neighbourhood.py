import json

import numpy as np
import pandas as pd
import pytest

from realestate_assets.domain.valuation.neighbourhood import (
    NEIGHBOURHOOD_FEATURES,
    Anchors,
    Neighbourhood,
    anchors_from_dict,
    anchors_of,
    anchors_to_dict,
)
from realestate_assets.domain.valuation.params import load_params
from tests.unit.domain.valuation.sold_homes import sold_homes

PARAMS = load_params().neighbourhood


@pytest.fixture(scope="module")
def homes() -> pd.DataFrame:
    return sold_homes(months=4)


def _features(subjects, anchors, residual, usable=None) -> pd.DataFrame:
    around = Neighbourhood.of(subjects, Anchors.of(anchors_of(anchors)), PARAMS)
    values = around.features(residual, residual + 5.0, usable)
    return pd.DataFrame(values, columns=list(NEIGHBOURHOOD_FEATURES))


def test_what_all_paid_alike_is_what_every_home_is_told(homes):
    found = _features(homes, homes, np.full(len(homes), 0.2))
    for name in ("residual_of_closest", "residual_of_near", "residual_of_wider"):
        assert found[name].to_numpy() == pytest.approx(0.2)
    assert found["log_price_per_sqft_around"].to_numpy() == pytest.approx(5.2)
    assert (found["residual_of_alike"] <= 0.2).all()


def test_the_own_price_and_those_of_the_propertys_other_sales_say_nothing(homes):
    twice = pd.concat([homes, homes.iloc[:1].assign(sale_date=homes["sale_date"].max())], ignore_index=True)
    residual = np.zeros(len(twice))
    residual[[0, len(homes)]] = 9.0
    found = _features(twice.iloc[[0, len(homes)]], twice, residual)
    assert (found.filter(like="residual").to_numpy() == 0).all()
    assert found["log_price_per_sqft_around"].tolist() == pytest.approx([5.0, 5.0])


def test_sales_that_may_not_be_used_say_nothing(homes):
    usable = np.arange(len(homes)) % 5 != 0
    before, after = (_features(homes, homes, np.where(usable, 0.1, value), usable) for value in (0.0, 9.0))
    pd.testing.assert_frame_equal(before, after)


def test_alike_homes_are_believed_and_few_of_them_hardly(homes):
    models = pd.concat([homes.iloc[[0]]] * 6, ignore_index=True)
    models["property_id"] = [f"row-{k}" for k in range(6)]
    found = _features(models.iloc[[0]], models, np.full(6, 0.3))
    assert 0.25 < found.loc[0, "residual_of_alike"] < 0.3
    unlike = models.assign(living_area_sqft=models["living_area_sqft"] * 2, year_built=1900)
    unlike.loc[0] = models.loc[0]
    found = _features(models.iloc[[0]], unlike, np.full(6, 0.3))
    assert abs(found.loc[0, "residual_of_alike"]) < 0.01


def test_a_home_without_coordinates_or_with_nothing_near_has_no_figures(homes):
    subjects = homes.head(2).copy()
    subjects.loc[0, "latitude"] = np.nan
    subjects.loc[1, ["latitude", "longitude"]] = [30.0, -95.0]
    found = _features(subjects, homes, np.full(len(homes), 0.2))
    assert found["residual_of_near"].isna().all()
    assert found["weight_of_alike"].tolist() == [0.0, 0.0]


def test_sales_without_coordinates_are_passed_over(homes):
    blind = homes.copy()
    blind.loc[::2, "longitude"] = np.nan
    residual = np.where(blind["longitude"].isna(), 9.0, 0.1)
    found = _features(homes, blind, residual)
    assert found["residual_of_wider"].to_numpy() == pytest.approx(0.1)


def test_json_brings_the_anchors_back_unchanged(homes):
    anchors = anchors_of(homes.assign(bathrooms=homes["bathrooms"].mask(homes.index % 3 == 0)))
    stored = json.loads(json.dumps(anchors_to_dict(anchors), allow_nan=False))
    pd.testing.assert_frame_equal(anchors_from_dict(stored), anchors)
