"""Sold homes whose worth is known, as rows of features: what the tests of the valuation learn from."""

import numpy as np
import pandas as pd

from realestate_assets.domain.comparables.comparables import RECORD_COLUMNS
from realestate_assets.domain.sales.validity import VALID
from realestate_assets.domain.valuation.features import TRAINING_COLUMNS
from realestate_assets.domain.valuation.nearby import RECORD_COLUMNS as NEARBY_COLUMNS
from realestate_assets.domain.valuation.params import ValuationParams, load_params

COLUMNS = tuple(dict.fromkeys((*TRAINING_COLUMNS, *RECORD_COLUMNS, *NEARBY_COLUMNS)))
ZIPS = ("98004", "98052", "98103", "98118")
# What the median of a ZIP's homes is dearer, log points.
ZIP_LEVEL = {"98004": 0.4, "98052": 0.2, "98103": 0.1, "98118": -0.3}


def quick_params() -> ValuationParams:
    """The shipped parameters with fewer trees."""
    params = load_params()
    return params.model_copy(
        update={
            "learner": params.learner.model_copy(update={"rounds": 60, "learning_rate": 0.15}),
            "local_learner": params.local_learner.model_copy(update={"rounds": 40, "learning_rate": 0.15}),
            "spread_learner": params.spread_learner.model_copy(update={"rounds": 20}),
        }
    )


def sold_homes(
    first: str = "2014-05",
    months: int = 10,
    per_month: int = 60,
    *,
    growth: float = 0.0,
    noise: float = 0.08,
    seed: int = 1,
    county: str = "king-wa",
    is_simulated: bool = False,
) -> pd.DataFrame:
    """Homes sold on different days of each month; the log price rises by `growth` a month."""
    random = np.random.default_rng(seed)
    n = months * per_month
    position = np.repeat(np.arange(months), per_month)
    period = pd.PeriodIndex([pd.Period(first, freq="M") + int(k) for k in position])
    zips = random.choice(ZIPS, n)
    area = np.round(np.exp(random.normal(7.5, 0.35, n)))
    grade = random.integers(5, 11, n)
    condition = random.integers(2, 6, n)
    log_price = (
        11.2
        + 0.6 * (np.log(area) - 7.5) * 1.0
        + 0.1 * (grade - 7)
        + 0.05 * (condition - 3)
        + np.array([ZIP_LEVEL[z] for z in zips])
        + 1.8
        + growth * position
        + random.normal(0, noise, n)
    )
    blank = dict.fromkeys(COLUMNS, np.nan)
    known = {
        "county": county,
        "month": period.strftime("%Y-%m"),
        "property_id": [f"{county}-{seed}-{k:05d}" for k in range(n)],
        "is_simulated": is_simulated,
        "sale_date": period.to_timestamp() + pd.to_timedelta(random.integers(0, 28, n), unit="D"),
        "sale_price_usd": np.exp(log_price),
        "sale_validity": VALID,
        "list_price_usd": np.exp(log_price),
        "property_type": random.choice(["single_family", "townhouse"], n),
        "street": [f"{k} MAIN ST" for k in range(n)],
        "zip": zips,
        "latitude": 47.5 + 0.05 * np.array([ZIPS.index(z) for z in zips]) + random.normal(0, 0.01, n),
        "longitude": -122.2 + random.normal(0, 0.01, n),
        "living_area_sqft": area,
        "lot_area_sqft": np.round(np.exp(random.normal(8.8, 0.4, n))),
        "bedrooms": random.integers(1, 6, n).astype(float),
        "bathrooms": random.integers(1, 4, n).astype(float),
        "stories": 1.0,
        "year_built": random.integers(1920, 2014, n),
        "effective_age_years": random.integers(1, 90, n).astype(float),
        "condition_code": condition,
        "quality_code": grade,
        "is_waterfront": False,
    }
    return pd.DataFrame({**blank, **known}, index=range(n))


def shuffled(frame: pd.DataFrame, seed: int = 3) -> pd.DataFrame:
    """The same rows in another order."""
    return frame.sample(frac=1.0, random_state=seed).reset_index(drop=True)
