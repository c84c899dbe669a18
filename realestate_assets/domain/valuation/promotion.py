"""Candidate against champion: which model values a county's month, decided by prices neither has seen.

Pure functions. A model is judged by what it says of sales it did not learn from: the candidate out of fold,
the champion on sales after its training range. The prices come from the warehouse, never from a model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from realestate_assets.domain.core.months import add_months
from realestate_assets.domain.tables.codes import (
    BETTER_OUTSIDE,
    FIRST,
    FIRST_OUTSIDE,
    KEPT_OUTSIDE,
    KEPT_WORSE,
    NO_CANDIDATE,
    NO_MODEL,
    PROMOTED,
    REFUSED,
)
from realestate_assets.domain.valuation.model import ValueModel
from realestate_assets.domain.valuation.out_of_fold import SALE_KEY, VALUE_COLUMNS, values
from realestate_assets.domain.valuation.promotion_policy import PromotionPolicy
from realestate_assets.domain.valuation.ratio_groups import study_row

VALUE = "market_value_p50_usd"
JUDGED = ("n", "median_ratio", "cod", "prd", "prb", "mki", "mdape_pct", "log_r2", "interval_coverage")


@dataclass(frozen=True)
class Comparison:
    """Two models on the same sales: their figures, and the paired difference of their errors."""

    candidate: Mapping[str, float | None]
    champion: Mapping[str, float | None]
    n: int
    error_rise: float
    standard_error: float
    # Sales the candidate was trained on.
    trained_on: int


@dataclass(frozen=True)
class Decision:
    """What was decided, and why; `promoted` says that the candidate is used."""

    code: str
    promoted: bool
    reasons: Sequence[str] = field(default_factory=tuple)


def judged_sales(model: ValueModel, prices: pd.DataFrame, month: str, months: int) -> pd.DataFrame:
    """Out-of-fold values of the model's sales of the last months, beside the prices of the warehouse.

    Args:
        model: a model that carries its out-of-fold values.
        prices: records with SALE_KEY and sale_price_usd, of valid sales.
        month: the month valued; records of it and later are left out.
        months: how far back.
    """
    own = values(model.out_of_fold)
    own = own[(own["month"] >= add_months(month, -months)) & (own["month"] < month)]
    return own.merge(prices, on=SALE_KEY, how="inner", validate="one_to_one")


def unseen_sales(judged: pd.DataFrame, champion: ValueModel) -> pd.DataFrame:
    """Those sold after the champion's training range, of properties that it never saw sold."""
    seen = values(champion.out_of_fold)[["county", "property_id"]].drop_duplicates()
    known = pd.MultiIndex.from_frame(seen)
    own = pd.MultiIndex.from_frame(judged[["county", "property_id"]])
    later = pd.to_datetime(judged["sale_date"]) > pd.Timestamp(champion.train_to)
    return judged[later.to_numpy() & ~own.isin(known)]


def figures(sales: pd.DataFrame, min_sales: int) -> dict[str, float | int | None]:
    """JUDGED of some sales; None below `min_sales`."""
    row = study_row(sales, min_sales=min_sales)
    return {name: None if (value := row[name]) is None else round(value, 6) for name in JUDGED}


def compare(
    candidate: pd.DataFrame, champion: pd.DataFrame, min_sales: int, trained_on: int
) -> Comparison | None:
    """Two sets of values of the same sales, row by row; None below `min_sales` sales.

    Args:
        candidate: sale_price_usd and VALUE_COLUMNS.
        champion: VALUE_COLUMNS of the same rows in the same order.
        min_sales: fewest sales that tell two models apart.
        trained_on: sales the candidate was trained on.
    """
    n = len(candidate)
    if n < min_sales:
        return None
    log_price = np.log(candidate["sale_price_usd"].to_numpy(float))
    errors = [np.abs(np.log(v[VALUE].to_numpy(float)) - log_price) for v in (candidate, champion)]
    difference = errors[0] - errors[1]
    theirs = candidate.assign(**{name: champion[name].to_numpy(float) for name in VALUE_COLUMNS})
    return Comparison(
        figures(candidate, min_sales),
        figures(theirs, min_sales),
        n,
        float(difference.mean()),
        float(difference.std(ddof=1) / np.sqrt(n)),
        trained_on,
    )


def decide(
    policy: PromotionPolicy,
    candidate: Mapping[str, float | None] | None,
    champion: Mapping[str, float | None] | None,
    comparison: Comparison | None,
) -> Decision:
    """Whether the candidate is used.

    Args:
        policy: the rules.
        candidate: figures of its own judged sales; None where there is no candidate.
        champion: the same of the model in use; None where there is none.
        comparison: both on the same sales; None where these are too few.
    """
    if candidate is None:
        return (
            Decision(NO_MODEL, False, ("Too few earlier sales, and no earlier model.",))
            if champion is None
            else Decision(NO_CANDIDATE, False, ("Too few earlier sales for a model of this month.",))
        )
    outside = policy.ranges.outside(candidate)
    reasons = _range_reasons(policy, candidate, outside)
    if champion is None:
        return _first(policy, reasons)
    if comparison is not None and (worse := _worse(policy, comparison)):
        return Decision(KEPT_WORSE, False, (worse, *reasons))
    if not reasons:
        return Decision(PROMOTED, True, (_not_worse(comparison),))
    theirs = policy.ranges.outside(champion)
    no_refuge = all(theirs.get(name, 0.0) >= distance for name, distance in outside.items())
    if policy.replace_champion_outside_too and outside and no_refuge:
        return Decision(BETTER_OUTSIDE, True, (*reasons, "The model in use lies outside by as much or more."))
    return Decision(KEPT_OUTSIDE, False, reasons)


def _first(policy: PromotionPolicy, reasons: Sequence[str]) -> Decision:
    if not reasons:
        return Decision(FIRST, True, ("No earlier model to compare with; all ranges hold.",))
    if policy.allow_first:
        return Decision(FIRST_OUTSIDE, True, (*reasons, "There is no earlier model to use instead."))
    return Decision(REFUSED, False, reasons)


def _range_reasons(
    policy: PromotionPolicy, figures_: Mapping[str, float | None], outside: Mapping[str, float]
) -> tuple[str, ...]:
    if figures_.get("median_ratio") is None:
        return (f"Only {figures_.get('n', 0)} of its sales are in the warehouse: too few to judge it by.",)
    ranges = {name: getattr(policy.ranges, name) for name in outside}
    return tuple(
        f"{name} {figures_[name]:.3f} lies outside {span.low:g} to {span.high:g} "
        f"({figures_['n']:,} sales, out of fold)."
        for name, span in ranges.items()
    )


def _worse(policy: PromotionPolicy, found: Comparison) -> str:
    bound = policy.against_champion.bound(found.trained_on, found.standard_error)
    if found.error_rise <= bound:
        return ""
    return (
        f"On {found.n:,} sales that neither has learned from its mean absolute log error is higher by "
        f"{found.error_rise:.3f} than that of the model in use (allowed {bound:.3f}); {_side_by_side(found)}."
    )


def _not_worse(found: Comparison | None) -> str:
    if found is None:
        return "All ranges hold; too few later sales to compare it with the model in use."
    return f"All ranges hold; on {found.n:,} sales that neither has learned from {_side_by_side(found)}."


def _side_by_side(found: Comparison) -> str:
    return ", ".join(
        f"{label} {found.candidate[name]:.3f} against {found.champion[name]:.3f}"
        for label, name in (("COD", "cod"), ("median ratio", "median_ratio"))
        if found.candidate[name] is not None and found.champion[name] is not None
    )
