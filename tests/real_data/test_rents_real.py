"""Rents of the public file of advertisements: grouped, cleaned, predicted where nothing was seen of them."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.rents import figures, judge, read_ads
from realestate_assets.domain.rents.cleaning import believable_rents
from realestate_assets.domain.rents.params import load_rent_params
from realestate_assets.domain.rents.reposts import latest_of_each, repost_groups
from tests.unit.domain.intake.landed import make_source, process

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
ADS = SHARED / "rentals" / "c5_us_12_cities_craigslist_rentals_2022_07.csv.gz"

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not ADS.exists(), reason="the real data beside the checkout is absent"),
]


@pytest.fixture(scope="module")
def rents():
    """The believable advertisements with the group of each."""
    params, ads = load_rent_params(), read_ads(ADS)
    kept = ads[believable_rents(ads, params.cleaning)].reset_index(drop=True)
    return ads, kept, repost_groups(kept, params.reposts)


def test_few_advertisements_are_no_rents_and_two_in_five_are_reposts(rents):
    ads, kept, groups = rents
    assert 0.01 < 1 - len(kept) / len(ads) < 0.04
    assert kept["rent_monthly_usd"].between(150, 30_000).all()
    assert 0.40 < 1 - len(np.unique(groups)) / len(kept) < 0.60


def test_rents_are_told_within_12_per_cent_and_nearer_than_by_the_median_of_town_and_bedrooms(rents):
    _, kept, groups = rents
    latest = latest_of_each(groups, kept["observed_date"])
    found = figures(judge(kept[latest].reset_index(drop=True), groups[latest], load_rent_params()))
    assert found["mdape_pct"] <= 12
    assert found["mdape_pct"] < found["median_mdape_pct"] - 2
    assert found["median_ratio"] == pytest.approx(1, abs=0.01)
    assert found["coverage"] == pytest.approx(0.80, abs=0.02)


def test_one_market_of_the_file_lands_as_a_countys_rents(rents):
    ads, _, _ = rents
    columns = {
        "source_id": "posting_id",
        "observed_date": {"from": "date_time", "format": "%Y-%m-%d %H:%M"},
        "rent_monthly_usd": "price",
        "bedrooms": "beds",
        "living_area_sqft": {"from": "sqft", "out_of_range": "null"},
        "city": "town",
        "title": "title",
    }
    source = make_source("ads", columns=columns, holds="rents", where={"site": "seattle"})
    raw, found = process({ADS.name: ADS.read_bytes()}, source, "2022-05", "2022-07")
    seattle = int((ads["market"] == "seattle").sum())
    assert raw.num_rows == len(ads) == found.rents.num_rows + found.rejects.num_rows
    assert sum(found.rents["advertisements"].to_pylist()) <= seattle
    assert 0.45 * seattle < found.rents.num_rows < 0.70 * seattle
    assert found.properties.num_rows == 0 and not found.warnings
