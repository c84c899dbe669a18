"""Made-up sales with asks and blind values: what the measures of offers are tested on."""

import numpy as np
import pandas as pd

from realestate_assets.domain.offers.asks import BlindValues
from realestate_assets.domain.valuation.time_index import TimeIndex

FLAT = TimeIndex((), (), 0.0, 0)
UNKNOWN = (
    "condition_code", "days_on_market", "is_bank_owner", "is_tax_delinquent", "is_absentee_owner", "remarks",
)  # fmt: skip


def sold(count: int = 600, seed: int = 1, county: str = "king-wa", noise: float = 0.05) -> pd.DataFrame:
    """Sales of 2014, a property each, asked a month before; value, ask and price differ by chance."""
    rng = np.random.default_rng(seed)
    value = np.exp(rng.normal(12.8, 0.3, count))
    ask = value * np.exp(rng.normal(0, 0.15, count))
    date = pd.Timestamp("2014-01-01") + pd.to_timedelta(rng.integers(31, 330, count), unit="D")
    frame = pd.DataFrame(
        {
            "county": county,
            "month": pd.Series(date).dt.strftime("%Y-%m"),
            "property_id": [f"{county}-{at:05d}" for at in range(count)],
            "is_simulated": False,
            "sale_date": date,
            "sale_price_usd": ask * np.exp(rng.normal(-0.01, noise, count)),
            "sale_validity": "VALID",
            "is_arms_length": True,
            "living_area_sqft": 1_800.0,
            "list_price_usd": ask,
            "is_list_price_assumed": False,
            "list_date": date - pd.Timedelta(days=30),
            "property_type": "single_family",
            **dict.fromkeys(UNKNOWN),
        }
    )
    return frame.assign(value_usd=value)


def blind(sales: pd.DataFrame) -> BlindValues:
    """Their values as a model's out-of-fold record would give them."""
    values = sales[["county", "month", "property_id"]].assign(
        market_value_p10_usd=sales["value_usd"] * 0.85,
        market_value_p50_usd=sales["value_usd"],
        market_value_p90_usd=sales["value_usd"] * 1.15,
        source=0,
    )
    return BlindValues(values, (FLAT,))


def resold(sales: pd.DataFrame, rows: np.ndarray, days: int, ratio: float) -> pd.DataFrame:
    """The sales, and another of some of them some days later at a multiple of the ask."""
    again = sales.iloc[rows].copy()
    again["sale_price_usd"] = again["list_price_usd"] * ratio
    again["sale_date"] = again["sale_date"] + pd.Timedelta(days=days)
    again["month"] = again["sale_date"].dt.strftime("%Y-%m")
    again["list_price_usd"], again["list_date"] = again["sale_price_usd"], again["sale_date"]
    return pd.concat([sales, again.assign(sale_validity="RESOLD_WITHIN_365_DAYS")], ignore_index=True)


def homes(ask, value: float = 400_000.0, **known) -> pd.DataFrame:
    """Homes on offer at these asks, of one value."""
    ask = np.atleast_1d(np.asarray(ask, dtype=float))
    frame = pd.DataFrame({"ask_usd": ask, "value_usd": value, "log_width": 0.3})
    frame = frame.assign(property_type="single_family", market_days=np.nan, **dict.fromkeys(UNKNOWN))
    return frame.assign(**known)
