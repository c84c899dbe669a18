"""Likely sale value and chance of a gain of a month's homes, with the reason where there is none."""

import numpy as np
import pandas as pd

from realestate_assets.domain.offers.cases import SIGNAL_COLUMNS
from realestate_assets.domain.offers.likely import LIKELY_COLUMNS
from realestate_assets.domain.offers.model import OfferModel
from realestate_assets.domain.tables import OFFER_COLUMNS

NO_VALUE, NO_ASK, ASK_IS_PRICE, NOT_LEARNED = "NO_VALUE", "NO_ASK", "ASK_IS_PRICE", "NOT_LEARNED"
TEXTS = ("likely_sale_basis", "likely_sale_reason", "gain_basis", "gain_reason", "offer_model_id")
VALUE_COLUMNS = ("market_value_p10_usd", "market_value_p50_usd", "market_value_p90_usd")


def homes_of(features: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """What both measures take, a row a home in the order of the features.

    Args:
        features: rows of marts.features; `remarks` and other SIGNAL_COLUMNS that are absent are unknown.
        values: VALUE_COLUMNS by property_id.
    """
    found = values.set_index("property_id").reindex(features["property_id"])
    low, middle, high = (found[name].to_numpy(dtype=float, na_value=np.nan) for name in VALUE_COLUMNS)
    ask = features["list_price_usd"].to_numpy(dtype=float, na_value=np.nan)
    waited = features["days_on_market"].to_numpy(dtype=float, na_value=np.nan)
    signals = {name: features.get(name) for name in SIGNAL_COLUMNS}
    return pd.DataFrame(
        {
            "ask_usd": np.where(ask > 0, ask, np.nan),
            "value_usd": middle,
            "log_width": np.log(high / low),
            "property_type": features["property_type"],
            "market_days": waited,
            **signals,
        },
        index=features.index,
    )


def offer_rows(features: pd.DataFrame, values: pd.DataFrame, model: OfferModel | None) -> pd.DataFrame:
    """OFFER_COLUMNS by property_id.

    A recorded price that serves as asking price says nothing of what a home will sell for: the likely sale
    value is missing there. The chance of a gain takes it for the ask.

    Args:
        features: rows of marts.features with is_list_price_assumed, and `remarks` where known.
        values: property_id and VALUE_COLUMNS, missing where there is no value.
        model: of the month; None where none was learned.
    """
    homes = homes_of(features, values)
    has_ask, has_value = homes["ask_usd"].notna(), homes["value_usd"].notna() & homes["log_width"].notna()
    assumed = features["is_list_price_assumed"].astype(bool)
    reason = np.select(
        [~has_value, ~has_ask, np.full(len(homes), model is None)], [NO_VALUE, NO_ASK, NOT_LEARNED], ""
    ).astype(object)
    likely_reason = np.where((reason == "") & assumed, ASK_IS_PRICE, reason)
    found = pd.DataFrame(
        {"property_id": features["property_id"].to_numpy(), **dict.fromkeys(OFFER_COLUMNS, np.nan)},
        index=features.index,
    )
    found[list(TEXTS)] = None
    found[list(TEXTS)] = found[list(TEXTS)].astype(object)
    found["likely_sale_reason"] = pd.Series(likely_reason, found.index).replace({"": None})
    found["gain_reason"] = pd.Series(reason, found.index).replace({"": None})
    if model is None:
        return found
    found["offer_model_id"] = model.to_row()["offer_model_id"]
    told = likely_reason == ""
    if told.any():
        likely = model.likely.predict(homes[told])
        for name in LIKELY_COLUMNS:
            found.loc[told, name] = likely[name]
        found.loc[told, "sale_above_ask_probability"] = likely["sale_above_ask_probability"]
        found.loc[told, "likely_sale_basis"] = model.likely.basis
        found.loc[told, "likely_sale_sales"] = float(model.likely.pooled_sales)
    _put_chances(found, homes, reason == "", model)
    return found


def _put_chances(found: pd.DataFrame, homes: pd.DataFrame, open_: np.ndarray, model: OfferModel) -> None:
    """The columns of the chance of a gain, of the homes that can have one."""
    gain = model.gain
    if gain.reason:
        found.loc[open_, "gain_reason"] = gain.reason
        return
    found.loc[open_, "gain_probability"] = gain.probability(homes[open_], model.params.gain)
    found.loc[open_, "gain_basis"] = gain.basis
    found.loc[open_, "gain_median_pct"] = gain.median_gain_pct
    found.loc[open_, "gain_cases"] = float(round(gain.cases))
