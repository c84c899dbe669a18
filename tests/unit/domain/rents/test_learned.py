"""Rents of properties: learned where advertisements preceded the month, else published and marked."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from realestate_assets.domain.counties.underwriting import Underwriting
from realestate_assets.domain.rents.learned import LearnedRents, learn_rents, rent_estimates
from realestate_assets.domain.rents.params import load_rent_params
from realestate_assets.domain.tables import RENT_ESTIMATES
from resources.warehouse.conform import conform
from tests.unit.domain.rents.market import market

PARAMS = load_rent_params()
LIGHT = PARAMS.model_copy(
    update={"trees": PARAMS.trees.model_copy(update={"rounds": 40}), "folds": 3, "inner_folds": 2}
)
TERMS = Underwriting()
NO_FACTS = pd.DataFrame(columns=["property_id", "field", "vintage", "is_later_vintage"])


def rents(count, seed=7):
    """Rows of raw.rents, from 2015-01-05 to the end of February."""
    ads = market(count, seed).rename(columns={"market": "county", "town": "city"})
    return ads.assign(
        month=ads["observed_date"].dt.strftime("%Y-%m"),
        source="ads",
        source_file="f.csv",
        source_row=np.arange(1, count + 1),
        zip=None,
        place_code=None,
        latitude=np.nan,
        longitude=np.nan,
        property_type=None,
        bathrooms=np.nan,
        street=None,
        unit=None,
    )


def homes(**changes):
    rows = {
        "county": "king-wa",
        "month": "2015-03",
        "property_id": ["a", "b", "c", "d"],
        "is_simulated": False,
        "city": ["NORTHSIDE", "SOUTHGATE", "SOUTHGATE", "SOUTHGATE"],
        "zip": "98101",
        "place": "98101",
        "latitude": 47.6,
        "longitude": -122.3,
        "property_type": ["single_family", "condo", "land", "condo"],
        "bedrooms": [3.0, 3.0, None, None],
        "bathrooms": 2.0,
        "living_area_sqft": [1400.0, 1400.0, None, None],
        "bedroom_rent_usd": [1900.0, None, None, None],
        "zip_median_rent_usd": [1500.0, 1500.0, 1500.0, None],
    }
    return pd.DataFrame({**rows, **changes})


@pytest.fixture(scope="module")
def learned():
    return learn_rents(rents(300), "2015-03", LIGHT)


def test_rents_are_learned_of_properties_of_which_something_is_known(learned):
    found = rent_estimates(homes(), learned, NO_FACTS, TERMS, LIGHT)
    conform(found, RENT_ESTIMATES)
    assert found["rent_source"].fillna("none").tolist() == ["learned", "learned", "acs", "none"]
    dear, cheap = found["rent_monthly_usd"][:2]
    assert 1.3 < dear / cheap < 1.8
    assert (found["rent_low_usd"][:2] < found["rent_monthly_usd"][:2]).all()
    assert found["rent_cases"].tolist()[:2] == [learned.rents] * 2
    assert found["rent_utilities_usd"].isna().tolist() == [True, True, False, True]
    assert found["rent_vintage"].dt.date[0] == learned.until <= date(2015, 2, 28)


@pytest.mark.parametrize("days", [1, 50])
def test_the_level_is_that_of_the_advertisements_though_all_are_of_one_day(days):
    ads = rents(600)
    ads["observed_date"] = pd.Timestamp("2015-02-01") - pd.to_timedelta(np.arange(600) % days, "D")
    told = learn_rents(ads, "2015-03", LIGHT)
    asked = rents(200, seed=11)
    subjects = homes().iloc[[0] * 200].reset_index(drop=True)
    for name in ("city", "bedrooms", "living_area_sqft"):
        subjects[name] = asked[name].to_numpy()
    found = rent_estimates(
        subjects.assign(property_id=[str(at) for at in range(200)]), told, NO_FACTS, TERMS, LIGHT
    )
    assert np.median(found["rent_monthly_usd"] / asked["rent_monthly_usd"]) == pytest.approx(1, abs=0.03)


def test_rents_that_rose_are_told_at_the_level_of_the_month():
    ads = pd.concat([rents(300, seed) for seed in range(5)], ignore_index=True)
    months_ago = np.arange(len(ads)) % 20 + 0.5
    ads["observed_date"] = pd.Timestamp("2015-03-01") - pd.to_timedelta(months_ago * 30.4, "D")
    ads["month"] = ads["observed_date"].dt.strftime("%Y-%m")
    ads["source_row"] = np.arange(len(ads)) + 1
    ads["title"] += pd.Series(np.arange(len(ads))).map(lambda at: " " + "xyz"[at % 3] * (at // 300 + 1))
    level = np.median(rents(300)["rent_monthly_usd"])
    ads["rent_monthly_usd"] *= np.exp(-0.01 * months_ago)
    told = learn_rents(ads, "2015-03", LIGHT)
    asked = rents(300)
    subjects = homes().iloc[[0] * 300].reset_index(drop=True)
    for name in ("city", "bedrooms", "living_area_sqft"):
        subjects[name] = asked[name].to_numpy()
    found = rent_estimates(
        subjects.assign(property_id=[str(at) for at in range(300)]), told, NO_FACTS, TERMS, LIGHT
    )
    assert np.median(found["rent_monthly_usd"]) == pytest.approx(level, rel=0.05)


def test_advertisements_of_the_month_and_later_change_nothing(learned):
    ads = rents(300)
    later = ads.assign(
        rent_monthly_usd=ads["rent_monthly_usd"] * 3,
        month="2015-03",
        observed_date=pd.Timestamp("2015-03-01"),
        source_row=ads["source_row"] + 1_000,
    )
    # A file may tell of a day of the month in an earlier month's partition.
    misplaced = later.assign(month="2015-02", source_row=ads["source_row"] + 2_000)
    again = learn_rents(pd.concat([ads, later, misplaced], ignore_index=True), "2015-03", LIGHT)
    told = [rent_estimates(homes(), each, NO_FACTS, TERMS, LIGHT) for each in (learned, again)]
    pd.testing.assert_frame_equal(*told, check_exact=True)


def test_the_order_of_the_rows_changes_nothing(learned):
    mixed = rents(300).sample(frac=1, random_state=3)
    told = [
        rent_estimates(homes(), each, NO_FACTS, TERMS, LIGHT)
        for each in (learned, learn_rents(mixed, "2015-03", LIGHT))
    ]
    pd.testing.assert_frame_equal(*told, check_exact=True)


def test_few_advertisements_leave_published_rents_with_their_vintage_and_mark():
    few = learn_rents(rents(PARAMS.min_rents - 1), "2015-03", LIGHT)
    assert few.model is None and few.rents <= PARAMS.min_rents - 1
    facts = pd.DataFrame(
        {
            "property_id": ["a", "a", "b"],
            "field": ["bedroom_rent_usd", "zip_median_rent_usd", "zip_median_rent_usd"],
            "vintage": [date(2018, 9, 30), date(2013, 12, 31), date(2013, 12, 31)],
            "is_later_vintage": [True, False, False],
        }
    )
    found = rent_estimates(homes(), few, facts, TERMS, LIGHT)
    conform(found, RENT_ESTIMATES)
    assert found["rent_source"].fillna("none").tolist() == ["hud", "acs", "acs", "none"]
    assert found["rent_vintage"].dt.date.tolist()[:2] == [date(2018, 9, 30), date(2013, 12, 31)]
    assert found["is_rent_later_vintage"].tolist()[:2] == [True, False]
    assert found["rent_monthly_usd"][0] == 1900 - TERMS.tenant_utilities_usd[3]
    assert found["rent_cases"].isna().all()


def test_a_home_advertised_in_two_months_is_one_rent():
    ads = rents(150)
    again = ads.assign(
        month="2015-02", observed_date=pd.Timestamp("2015-02-27"), source_row=ads["source_row"] + 1_000
    )
    found = learn_rents(pd.concat([ads, again], ignore_index=True), "2015-03", LIGHT)
    assert found.rents <= 150 and found.reposts >= 150


def test_without_advertisements_nothing_is_learned():
    assert learn_rents(rents(0), "2015-03", LIGHT) == LearnedRents(None, 0, 0, 0)
