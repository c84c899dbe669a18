"""Out-of-fold values of a model's training sales, stored with it: what it says of sales it has not seen.

They are values alone, never prices: who judges a model takes the prices from the warehouse, so that one
trained on wrong prices cannot speak for itself.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

SALE_KEY = ["county", "month", "property_id"]
VALUE_COLUMNS = ("market_value_p10_usd", "market_value_p50_usd", "market_value_p90_usd")
# A hundred-thousandth of a log point is a few dollars a home, and half the bytes of the full number.
DECIMALS = 5


def record(sales: pd.DataFrame, ends: tuple[np.ndarray, np.ndarray, np.ndarray]) -> dict[str, Any]:
    """The values of some sales as stored: by the record that reported each, at the level of its own date.

    Args:
        sales: county, month and property_id, one row a training sale.
        ends: out-of-fold log value at the interval's lower end, in its middle and at its upper end, at the
            price level of the sale's date.
    """
    stored: dict[str, Any] = {"property_id": sales["property_id"].astype(str).tolist()}
    for name in ("county", "month"):
        codes, values = pd.factorize(sales[name].astype(str), sort=True)
        stored[name] = {"values": list(values), "codes": codes.tolist()}
    for name, log_value in zip(VALUE_COLUMNS, ends, strict=True):
        stored[name] = np.round(log_value, DECIMALS).tolist()
    return stored


def values(stored: Mapping[str, Any]) -> pd.DataFrame:
    """SALE_KEY and VALUE_COLUMNS in dollars, one row a training sale; empty where nothing was stored."""
    if not stored:
        return pd.DataFrame(columns=[*SALE_KEY, *VALUE_COLUMNS])
    columns = {"property_id": np.array(stored["property_id"], dtype=object)}
    for name in ("county", "month"):
        codes = np.array(stored[name]["codes"], dtype=int)
        columns[name] = np.array(stored[name]["values"], dtype=object)[codes]
    columns |= {name: np.exp(np.array(stored[name], dtype=float)) for name in VALUE_COLUMNS}
    return pd.DataFrame(columns)[[*SALE_KEY, *VALUE_COLUMNS]]
