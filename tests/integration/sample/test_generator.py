"""The sample is like its market: whole half-years and years of every county."""

import numpy as np
import pandas as pd
import pytest

from tests.unit.sample.test_generator import COUNTIES, HALF_YEAR, SEED, YEAR, cleaned, generate_raw

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("county", COUNTIES.values(), ids=list(COUNTIES))
def test_a_sample_looks_like_its_county(county):
    raw = generate_raw(county, HALF_YEAR, SEED, 240)
    properties, rejects = cleaned(county, raw)
    assert len(properties) + len(rejects) == raw.num_rows == 6 * 240
    level = county.market.median_price_at("2023-10")
    assert properties["sale_price_usd"].median() == pytest.approx(level, rel=0.12)
    assert set(properties["zip"]) == set(county.sample.zips)
    assert properties["latitude"].between(county.bounds.south, county.bounds.north).all()
    assert properties["longitude"].between(county.bounds.west, county.bounds.east).all()
    assert (properties["state"] == county.state).all()
    assert (properties["property_type"] == "condo").mean() == pytest.approx(
        county.sample.condo_share, abs=0.05
    )
    ratio = properties["assessed_value_usd"] / properties["list_price_usd"]
    assert ratio.median() == pytest.approx(county.assessment_ratio, rel=0.12)


@pytest.mark.parametrize("slug", ["king-wa", "miami-dade-fl", "cook-il"])
def test_a_hedonic_regression_explains_prices(slug):
    county = COUNTIES[slug]
    sold = cleaned(county, generate_raw(county, YEAR, SEED, 240))[0].dropna(subset="sale_price_usd")
    columns = [
        np.log(sold["living_area_sqft"]),
        sold[["bathrooms", "bedrooms", "year_built", "condition_code", "quality_code", "view_code"]],
        sold["is_waterfront"],
        pd.get_dummies(sold["zip"]),
        pd.get_dummies(sold["property_type"]),
    ]
    inputs = pd.concat(columns, axis=1).to_numpy(dtype=float)
    price = np.log(sold["sale_price_usd"].to_numpy())
    residual = price - inputs @ np.linalg.lstsq(inputs, price, rcond=None)[0]
    explained = 1 - residual.var() / price.var()
    # Not all of it either: a sample without noise would promise an accuracy no market gives.
    assert 0.70 < explained < 0.98
    assert 0.08 < residual.std() < 0.18
