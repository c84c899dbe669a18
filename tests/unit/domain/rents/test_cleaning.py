"""Which amounts count as rents."""

import pandas as pd

from realestate_assets.domain.rents.cleaning import believable_area, believable_rents
from realestate_assets.domain.rents.params import load_rent_params
from tests.unit.domain.rents.market import market

PARAMS = load_rent_params().cleaning


def test_nightly_rates_slips_and_nothing_are_no_rents_and_dear_homes_are():
    ads = market(400)
    middle = ads.loc[ads["bedrooms"] == 2, "rent_monthly_usd"].median()
    odd = (
        ads[ads["bedrooms"] == 2]
        .head(6)
        .assign(rent_monthly_usd=[0.0, -5.0, float("nan"), middle / 12, middle * 11, middle * 1.7])
    )
    found = believable_rents(pd.concat([ads, odd], ignore_index=True), PARAMS)
    assert found[: len(ads)].all()
    assert found[len(ads) :].tolist() == [False, False, False, False, False, True]


def test_bedrooms_that_few_homes_have_are_bounded_by_the_market():
    ads = market(400)
    lone = ads.head(1).assign(bedrooms=9.0, rent_monthly_usd=200_000.0)
    found = believable_rents(pd.concat([ads, lone], ignore_index=True), PARAMS)
    assert not found[-1] and found[:-1].all()


def test_an_area_that_is_no_homes_is_unknown():
    area = believable_area(pd.Series([1.0, 850.0, 1_121_312.0, None]), PARAMS)
    assert area.isna().tolist() == [True, False, True, True]
