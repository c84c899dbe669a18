"""The resale test: do homes that soon sold again for far more look cheap against their value?

What it does not prove: that a buyer could have had the gain. What was spent on the home between the sales
is unknown; a low first price is often no market price (between relatives, in distress); only parcels that did
sell again within the file are ranked; and out-of-fold values know the market after the first sale.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from realestate_assets.domain.valuation.learning import learn
from realestate_assets.domain.valuation.params import ValuationParams
from realestate_assets.domain.valuation.train import train, training_sales

GAIN = 1.25
# The product's few folds are there to measure errors, and cost time. A value by a model that has seen nine
# tenths of the sales is nearer to what the product's own model, which has seen all of them, would say.
MORE_FOLDS = (5, 10)


def first_sales(king: pd.DataFrame) -> pd.DataFrame:
    """The first sale of each parcel that sold twice or more in the file, and whether it gained GAIN."""
    ordered = king.sort_values(["property_id", "sale_date"], kind="stable")
    following = ordered.groupby("property_id")["sale_price_usd"].shift(-1)
    first = ~ordered.duplicated("property_id") & following.notna()
    return ordered[first].assign(gained=(following / ordered["sale_price_usd"])[first] >= GAIN)


def auc(score: np.ndarray, positive: np.ndarray) -> float:
    """Probability that a positive has a higher score than a negative (Mann-Whitney U over its maximum)."""
    ranks, count = rankdata(score), int(positive.sum())
    wins = ranks[positive].sum() - count * (count + 1) / 2
    return float(wins / (count * (len(positive) - count)))


def out_of_fold_values(king: pd.DataFrame, params: ValuationParams) -> pd.Series:
    """Values by models of all the file's sales that have not seen the parcel, by the row's index.

    At the level of each sale's own month, from the time index.
    """
    last = str(pd.Period(king["month"].max(), freq="M") + 1)
    sales = training_sales(king, last, False)
    learned = learn(sales, "county", params)
    log_value = learned.estimate.log_value + np.median(learned.target - learned.estimate.log_value)
    keys = pd.MultiIndex.from_frame(sales[["month", "property_id"]])
    return pd.Series(np.exp(log_value + learned.index.log_level(sales["sale_date"])), index=keys)


def with_folds(params: ValuationParams, folds: int) -> ValuationParams:
    """The same parameters, but for the number of folds."""
    return params.model_copy(update={"training": params.training.model_copy(update={"folds": folds})})


def earlier_values(king: pd.DataFrame, subjects: pd.DataFrame, params: ValuationParams) -> pd.Series:
    """Values of the subjects by the model of their month, where enough earlier sales made one."""
    found = []
    for month, own in subjects.reset_index(drop=True).groupby("month"):
        sales = training_sales(king, month, False)
        if len(sales) >= params.training.min_county_sales:
            keys = pd.MultiIndex.from_frame(own[["month", "property_id"]])
            values = train(sales, "county", params).predict(own)["market_value_p50_usd"]
            found.append(pd.Series(values.to_numpy(), index=keys))
    return pd.concat(found)


def resale_report(king: pd.DataFrame, params: ValuationParams, say: Callable[[str], None]) -> str:
    """One line a kind of value."""
    first = first_sales(king)
    first = first.set_index(pd.MultiIndex.from_frame(first[["month", "property_id"]]))
    lines = []
    kinds: dict[str, Callable[[], pd.Series]] = {
        **{
            f"out of {folds} folds": partial(out_of_fold_values, king, with_folds(params, folds))
            for folds in sorted({params.training.folds, *MORE_FOLDS})
        },
        "without look-ahead": lambda: earlier_values(king, first, params),
    }
    for name, values in kinds.items():
        value = values().reindex(first.index)
        known = value.notna().to_numpy()
        discount = 1.0 - (first["sale_price_usd"] / value).to_numpy()[known]
        gained = first["gained"].to_numpy(bool)[known]
        lines.append(
            f"resale test, {name}: AUC {auc(discount, gained):.3f} "
            f"({len(gained)} parcels, {int(gained.sum())} resold at {GAIN}x or more)"
        )
        say(lines[-1])
    return "\n".join(lines)
