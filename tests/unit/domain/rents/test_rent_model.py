"""The learned rent: near what is asked, in the right order, with an interval that holds."""

import numpy as np
import pandas as pd
import pytest

from realestate_assets.domain.rents.homes import homes
from realestate_assets.domain.rents.model import RENT_COLUMNS, RentModel, folds_of
from realestate_assets.domain.rents.params import load_rent_params
from tests.unit.domain.rents.market import market

PARAMS = load_rent_params()
LIGHT = PARAMS.model_copy(
    update={"trees": PARAMS.trees.model_copy(update={"rounds": 60}), "folds": 3, "inner_folds": 3}
)


def read(ads):
    return homes(ads, LIGHT.cleaning)


@pytest.fixture(scope="module")
def fitted():
    ads = market(900)
    return RentModel.fit(read(ads), ads["rent_monthly_usd"].to_numpy(), np.arange(len(ads)), LIGHT)


def test_homes_it_has_not_seen_rent_for_about_what_it_says(fitted):
    ads = market(400, seed=8)
    found, rent = fitted.predict(read(ads)), ads["rent_monthly_usd"].to_numpy()
    assert np.median(np.abs(found["rent_p50_usd"] / rent - 1)) < 0.06
    low, middle, high = (found[name].to_numpy() for name in RENT_COLUMNS)
    assert (low <= middle).all() and (middle <= high).all()
    assert 0.70 < np.mean((low <= rent) & (rent <= high)) < 0.92


def test_a_town_nobody_advertised_has_the_markets_level(fitted):
    ads = market(40, seed=9)
    rent = fitted.predict(read(ads.assign(town="Nowhere")))["rent_p50_usd"]
    dear = fitted.predict(read(ads.assign(town="Northside")))["rent_p50_usd"]
    cheap = fitted.predict(read(ads.assign(town="Southgate")))["rent_p50_usd"]
    assert (cheap < rent).mean() > 0.9 and (rent < dear).mean() > 0.9


def test_a_property_that_tells_little_still_has_a_rent(fitted):
    bare = pd.DataFrame(
        {"market": ["king-wa", "other"], "town": [None, "X"], "bedrooms": [None, 3], "living_area_sqft": None}
    )
    found = fitted.predict(read(bare))
    assert np.isfinite(found.to_numpy()).all()


def test_the_same_rents_give_the_same_model():
    ads = market(200)
    told = [
        RentModel.fit(read(ads), ads["rent_monthly_usd"].to_numpy(), np.arange(200), LIGHT).predict(read(ads))
        for _ in range(2)
    ]
    pd.testing.assert_frame_equal(told[0], told[1], check_exact=True)


def test_a_group_lies_in_one_fold_and_folds_are_even():
    groups = np.repeat(np.arange(50), 3)
    folds = folds_of(groups, 5, 1)
    assert (pd.Series(folds).groupby(groups).nunique() == 1).all()
    assert set(np.bincount(folds)) == {30}
