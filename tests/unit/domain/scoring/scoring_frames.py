"""Rows of features, values and after-repair values for the tests of the score."""

import json

import numpy as np
import pandas as pd

from realestate_assets.domain.counties.county import County, load_counties
from realestate_assets.domain.scoring.clearances import Clearances
from realestate_assets.domain.scoring.config import ScoringConfig, load_scoring_config
from realestate_assets.domain.scoring.score import OFFER_COLUMNS, score_partition

KING = load_counties(None)["king-wa"]
CONFIG = load_scoring_config()
NOTHING_CLEARED = Clearances()

BEST = {
    "list_price_usd": 300_000.0,
    "condition_code": 5.0,
    "effective_age_years": 0.0,
    "days_on_market": 400.0,
    "is_absentee_owner": True,
    "is_absentee_out_of_state": True,
    "is_tax_delinquent": True,
    "is_bank_owner": True,
    "tenure_years": 30.0,
    "last_sale_price_usd": 100_000.0,
    "zip_median_rent_usd": 6_000.0,
    "zip_price_per_sqft_trend_pct": 20.0,
    "market_heat_pct": 104.0,
    "market_appreciation_pct": 20.0,
    "tax_annual_usd": 1_000.0,
    "zip": "98004",
}

WORST = {
    "list_price_usd": 2_000_000.0,
    "condition_code": 1.0,
    "effective_age_years": 150.0,
    "days_on_market": 0.0,
    "tenure_years": 0.0,
    "last_sale_price_usd": 900_000.0,
    "zip_median_rent_usd": 500.0,
    "zip_price_per_sqft_trend_pct": -20.0,
    "market_heat_pct": 90.0,
    "market_appreciation_pct": -10.0,
    "is_flood_hazard_area": True,
    "zip": "98125",
}

TEXT = {"county": "king-wa", "month": "2015-03", "zip": "98125", "property_type": "single_family"}
NUMBERS = {
    "latitude": 47.7,
    "longitude": -122.3,
    "living_area_sqft": 2000.0,
    "lot_area_sqft": 6000.0,
    "bedrooms": 3.0,
    "bathrooms": 2.0,
    "year_built": 1980.0,
    "effective_age_years": 30.0,
    "condition_code": 3.0,
    "quality_code": 7.0,
    "hoa_monthly_usd": np.nan,
    "list_price_usd": 500_000.0,
    "assessed_value_usd": 480_000.0,
    "tax_annual_usd": np.nan,
    "last_sale_price_usd": 400_000.0,
    "days_on_market": 45.0,
    "tenure_years": 5.0,
    "tax_delinquent_usd": np.nan,
    "tax_sale_year": np.nan,
    "zip_median_income_usd": 90_000.0,
    "zip_median_rent_usd": 2_000.0,
    "bedroom_rent_usd": np.nan,
    "zip_price_per_sqft_trend_pct": 4.0,
    "market_appreciation_pct": 8.0,
    "market_appreciation_sales": 240.0,
    "market_heat_pct": 100.0,
    "market_heat_sales": 60.0,
}
MARKET = {
    "market_appreciation_basis": "zip",
    "market_appreciation_month": "2015-03",
    "market_heat_basis": "county",
}
FLAGS = {
    "is_absentee_owner": False,
    "is_absentee_out_of_state": False,
    "is_tax_delinquent": False,
    "is_bank_owner": False,
    "is_flood_hazard_area": False,
}


def features(rows: int = 1, **changes: object) -> pd.DataFrame:
    """Rows with ids p000, p001, …; a change is a value or a list of one value a row."""
    data = {
        "property_id": [f"p{k:03d}" for k in range(rows)],
        **TEXT,
        **NUMBERS,
        **FLAGS,
        **MARKET,
        "is_list_price_assumed": False,
        "listing_status": "active",
        "offer_state": "on_offer",
        "sale_validity": None,
        "is_simulated": False,
        **changes,
    }
    frame = pd.DataFrame(data, index=range(rows))
    for name in FLAGS:
        frame[name] = frame[name].astype("boolean")
    for name in NUMBERS:
        frame[name] = frame[name].astype("float64")
    return frame


def values(subjects: pd.DataFrame, **changes: object) -> pd.DataFrame:
    data = {
        "property_id": subjects["property_id"].to_numpy(),
        "value_status": "valued",
        "model_kind": "county",
        "model_id": "m1",
        "market_value_p10_usd": 480_000.0,
        "market_value_p50_usd": 550_000.0,
        "market_value_p90_usd": 640_000.0,
        "discount_probability": 0.7,
        **changes,
    }
    return pd.DataFrame(data)


def offers(subjects: pd.DataFrame, **changes: object) -> pd.DataFrame:
    """What was learned from offers; a home without an ask has no chance of a gain."""
    chance = np.where(subjects["list_price_usd"].isna(), np.nan, 0.024)
    data = {
        "property_id": subjects["property_id"].to_numpy(),
        **dict.fromkeys(OFFER_COLUMNS),
        "gain_probability": chance,
        "gain_cases": 1_000.0,
        **changes,
    }
    return pd.DataFrame(data)


def arv(subjects: pd.DataFrame, **changes: object) -> pd.DataFrame:
    data = {
        "property_id": subjects["property_id"].to_numpy(),
        "arv_usd": 560_000.0,
        "arv_low_usd": 520_000.0,
        "arv_high_usd": 600_000.0,
        "comparable_count": 6,
        "close_comparable_count": 6,
        **changes,
    }
    return pd.DataFrame(data)


def scored(
    subjects: pd.DataFrame,
    value_rows: pd.DataFrame | None = None,
    arv_rows: pd.DataFrame | None = None,
    county: County = KING,
    config: ScoringConfig = CONFIG,
    clearances: Clearances = NOTHING_CLEARED,
    offer_rows: pd.DataFrame | None = None,
) -> pd.DataFrame:
    return score_partition(
        subjects,
        values(subjects) if value_rows is None else value_rows,
        arv(subjects) if arv_rows is None else arv_rows,
        county,
        config,
        clearances,
        offers(subjects) if offer_rows is None else offer_rows,
    )


def empty_record() -> pd.DataFrame:
    """A home of which nothing is recorded."""
    subjects = features(1)
    measured = [c for c in subjects if subjects[c].dtype == "float64"]
    subjects[measured] = np.nan
    for name in FLAGS:
        subjects[name] = pd.array([None], dtype="boolean")
    subjects["zip"] = None
    subjects["property_type"] = None
    return subjects


def reason_list(row: pd.Series, side: str) -> list[dict]:
    return json.loads(row["reasons"])[side]


def codes(row: pd.Series, side: str = "negative") -> list[str]:
    return [reason["code"] for reason in reason_list(row, side)]


def county_with(**market: object):
    return KING.model_copy(update={"market": KING.market.model_copy(update=market)})
