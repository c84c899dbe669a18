"""Why a score is what it is: the catalogue of signals with their words, and the reasons as JSON.

A reason is {"code", "text", "value", "benchmark", "weight", "direction"}; `weight` is the number of points it
moves the score away from neutral. How a signal is measured is in `scoring`, how strongly it counts in
config/scoring.yaml.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from realestate_assets.domain.core import formats
from realestate_assets.domain.scoring.cashflow import Floats

MAX_REASONS = 5


@dataclass(frozen=True)
class Signal:
    """One measured signal: its component, the words for and against, and the inputs it cannot do without.

    `needs` lists (input, code) in the order in which a missing input is blamed.
    """

    component: str
    positive: tuple[str, str]
    negative: tuple[str, str]
    needs: tuple[tuple[str, str], ...]
    style: str = "percent"
    is_flag: bool = False


PRICE = ("asking_price_usd", "NO_ASKING_PRICE")
RENT = ("rent_monthly_usd", "NO_RENT_ESTIMATE")
CONDITION = ("condition_code", "NO_CONDITION")
ARV = ("arv_usd", "NO_COMPARABLES")
RANGE = ("interval_width_pct", "NO_VALUE_RANGE")

SIGNALS: dict[str, Signal] = {
    "gain_probability": Signal(
        "undervaluation",
        ("LIKELY_GAIN", "Of 100 homes like this, {value} resold for 1.25 times the ask within 400 days"),
        ("UNLIKELY_GAIN", "Of 100 homes like this, only {value} resold for 1.25 times the ask in 400 days"),
        (PRICE, ("gain_probability", "NO_GAIN_CHANCE")),
        style="of_a_hundred",
    ),
    "cap_rate_pct": Signal(
        "yield",
        ("HIGH_CAP_RATE", "Cap rate of {value} (benchmark {benchmark})"),
        ("LOW_CAP_RATE", "Cap rate of only {value} (benchmark {benchmark})"),
        (PRICE, RENT),
    ),
    "cash_on_cash_pct": Signal(
        "yield",
        ("HIGH_CASH_RETURN", "Cash-on-cash return of {value} (benchmark {benchmark})"),
        ("LOW_CASH_RETURN", "Cash-on-cash return of {value} (benchmark {benchmark})"),
        (PRICE, RENT, CONDITION),
    ),
    "offer_gap_pct": Signal(
        "equity",
        (
            "PRICE_NEAR_MAX_OFFER",
            "Maximum offer less asking price: {value} of ARV (benchmark {benchmark})",
        ),
        (
            "PRICE_ABOVE_MAX_OFFER",
            "Maximum offer less asking price: {value} of ARV (benchmark {benchmark})",
        ),
        (PRICE, ARV, CONDITION),
    ),
    "gain_since_last_sale_pct": Signal(
        "equity",
        ("OWNER_HAS_GAINED", "Value is {value} above what the owner paid (benchmark {benchmark})"),
        ("OWNER_HAS_GAINED_LITTLE", "Value against what the owner paid: {value} (benchmark {benchmark})"),
        (("last_sale_price_usd", "NO_LAST_SALE"),),
    ),
    "market_time_ratio": Signal(
        "motivation",
        ("LONG_ON_MARKET", "On the market {value} times as long as the county's target"),
        ("SHORT_ON_MARKET", "On the market {value} times as long as the county's target"),
        (("days_on_market", "NO_DAYS_ON_MARKET"),),
        style="decimal",
    ),
    "is_absentee_owner": Signal(
        "motivation",
        ("ABSENTEE_OWNER", "The owner does not live at the property"),
        ("OWNER_OCCUPIED", "The owner lives at the property"),
        (("is_absentee_owner", "NO_OWNER_DATA"),),
        is_flag=True,
    ),
    "is_absentee_out_of_state": Signal(
        "motivation",
        ("OUT_OF_STATE_OWNER", "Owner lives out of state"),
        ("OWNER_IN_STATE", "Owner lives in the state"),
        (("is_absentee_out_of_state", "NO_OWNER_DATA"),),
        is_flag=True,
    ),
    "tenure_years": Signal(
        "motivation",
        ("LONG_TENURE", "Owned for {value} (benchmark {benchmark})"),
        ("SHORT_TENURE", "Owned for {value} (benchmark {benchmark})"),
        (("tenure_years", "NO_TENURE"),),
        style="years",
    ),
    "is_tax_delinquent": Signal(
        "motivation",
        ("TAXES_UNPAID", "{label}"),
        ("TAXES_PAID", "No unpaid taxes were offered at a tax sale"),
        (("is_tax_delinquent", "NO_TAX_DATA"),),
        is_flag=True,
    ),
    "is_bank_owner": Signal(
        "motivation",
        ("BANK_OWNED", "Owned by a bank or lender"),
        ("NOT_BANK_OWNED", "Not owned by a bank or lender"),
        (("is_bank_owner", "NO_OWNER_NAME"),),
        is_flag=True,
    ),
    "market_heat_pct": Signal(
        "market",
        ("HOT_MARKET", "Homes sold for {value} of their ask ({label}; benchmark {benchmark})"),
        ("COOL_MARKET", "Homes sold for only {value} of their ask ({label}; benchmark {benchmark})"),
        (("market_heat_pct", "NO_MARKET_HEAT"),),
    ),
    "market_appreciation_pct": Signal(
        "market",
        ("PRICES_RISE", "Prices changed by {value} in twelve months ({label}; benchmark {benchmark})"),
        ("PRICES_STAGNATE", "Prices changed by {value} in twelve months ({label}; benchmark {benchmark})"),
        (("market_appreciation_pct", "NO_APPRECIATION"),),
    ),
    "zip_price_trend_pct": Signal(
        "market",
        ("ZIP_PRICES_RISE", "Price per sq ft in the ZIP changed by {value} (benchmark {benchmark})"),
        ("ZIP_PRICES_LAG", "Price per sq ft in the ZIP changed by {value} (benchmark {benchmark})"),
        (("zip_price_per_sqft_trend_pct", "NO_ZIP_TREND"),),
    ),
    "condition_code": Signal(
        "condition",
        ("GOOD_CONDITION", "Condition {value} of 5 (benchmark {benchmark})"),
        ("WORN_CONDITION", "Condition {value} of 5 (benchmark {benchmark})"),
        (CONDITION,),
        style="compact",
    ),
    "effective_age_years": Signal(
        "condition",
        ("RECENT_BUILDING", "Built or renovated {value} ago (benchmark {benchmark})"),
        ("OLD_BUILDING", "Built or renovated {value} ago (benchmark {benchmark})"),
        (("effective_age_years", "NO_BUILDING_AGE"),),
        style="years",
    ),
    "is_flood_hazard_area": Signal(
        "condition",
        ("NO_FLOOD_HAZARD", "Outside the special flood hazard area"),
        ("FLOOD_HAZARD", "Inside a special flood hazard area"),
        # Unknown is unknown: never read as low risk.
        (("is_flood_hazard_area", "NO_FLOOD_DATA"),),
        is_flag=True,
    ),
    "field_completeness": Signal(
        "data_confidence",
        ("COMPLETE_DATA", "{value} of the key fields are known (benchmark {benchmark})"),
        ("THIN_DATA", "Only {value} of the key fields are known (benchmark {benchmark})"),
        (("field_completeness", "NO_KEY_FIELDS"),),
        style="share",
    ),
    "comparable_count": Signal(
        "data_confidence",
        ("MANY_COMPARABLES", "{value} comparable sales (benchmark {benchmark})"),
        ("FEW_COMPARABLES", "{value} comparable sales (benchmark {benchmark})"),
        (("comparable_count", "NO_COMPARABLES"),),
        style="count",
    ),
    "interval_width_pct": Signal(
        "data_confidence",
        ("NARROW_VALUE_RANGE", "The value range is {value} of the value wide (benchmark {benchmark})"),
        ("WIDE_VALUE_RANGE", "The value range is {value} of the value wide (benchmark {benchmark})"),
        (RANGE,),
    ),
}

# What is said of a missing input; {value} is the share of the score's weight that hangs on it.
MISSING_TEXTS: dict[str, str] = {
    "NO_ASKING_PRICE": "No asking price: {value} of the weight counts as unfavourable",
    "NO_GAIN_CHANCE": "Chance of a gain unknown: {value} of the weight counts as unfavourable",
    "NO_RENT_ESTIMATE": "No rent estimate: {value} of the weight counts as unfavourable",
    "NO_CONDITION": "Condition unknown: {value} of the weight counts as unfavourable",
    "NO_COMPARABLES": "No comparable sales: {value} of the weight counts as unfavourable",
    "NO_VALUE_RANGE": "No value range: {value} of the weight counts as unfavourable",
    "NO_LAST_SALE": "Last sale unknown: {value} of the weight counts as unfavourable",
    "NO_DAYS_ON_MARKET": "Days on market unknown: {value} of the weight counts as unfavourable",
    "NO_OWNER_DATA": "Owner's address unknown: {value} of the weight counts as unfavourable",
    "NO_OWNER_NAME": "Kind of owner unknown: {value} of the weight counts as unfavourable",
    "NO_TENURE": "Owner's tenure unknown: {value} of the weight counts as unfavourable",
    "NO_TAX_DATA": "Unpaid taxes unknown: {value} of the weight counts as unfavourable",
    "NO_MARKET_HEAT": "Market heat unknown: {value} of the weight counts as unfavourable",
    "NO_APPRECIATION": "Change of prices in a year unknown: {value} of the weight counts as unfavourable",
    "NO_ZIP_TREND": "Price trend of the ZIP unknown: {value} of the weight counts as unfavourable",
    "NO_BUILDING_AGE": "Age of the building unknown: {value} of the weight counts as unfavourable",
    "NO_FLOOD_DATA": "Flood zone unknown: {value} of the weight counts as unfavourable",
    "NO_KEY_FIELDS": "Key fields unknown: {value} of the weight counts as unfavourable",
}

# Why there is no score at all.
STATUS_TEXTS: dict[str, str] = {
    "INSUFFICIENT_SALES": "Too few earlier sales to value the property",
    "MISSING_INPUTS": "Living area or location is missing: the property cannot be valued",
    "TOO_LITTLE_DATA": "Too few components are known for a score",
}

REASON_CODES: frozenset[str] = frozenset(
    [code for s in SIGNALS.values() for code, _ in (s.positive, s.negative)]
    + [*MISSING_TEXTS, *STATUS_TEXTS, "NEIGHBORHOOD_MULTIPLIER", "OUTSIDE_BUY_BOX", "LOW_CONFIDENCE"]
)


@dataclass(frozen=True)
class Candidate:
    """One possible reason over all rows: it stands where `points` is above 0, or where `shown` says so.

    `label` holds the words of each row that the template calls {label}.
    """

    code: str
    direction: str
    template: str
    points: Floats
    values: Floats
    benchmark: float | None = None
    style: str = "percent"
    is_flag: bool = False
    label: Sequence[str] | None = None
    shown: np.ndarray | None = None


def _number(value: float) -> str:
    return "null" if np.isnan(value) else repr(round(float(value), 4) + 0.0)


def _fragments(candidate: Candidate, rows: np.ndarray) -> list[str]:
    """The candidate's JSON object for each of these rows, keys in sorted order."""
    write = formats.STYLES[candidate.style]
    benchmark = candidate.benchmark
    head = (
        f'{{"benchmark": {"null" if benchmark is None else _number(benchmark)}, '
        f'"code": "{candidate.code}", "direction": "{candidate.direction}", "text": '
    )
    written_benchmark = write(benchmark)
    values = candidate.values[rows].tolist()
    labels = (
        [candidate.label[row] for row in rows.tolist()] if candidate.label is not None else [""] * len(rows)
    )
    texts = [
        json.dumps(candidate.template.format(value=write(v), benchmark=written_benchmark, label=label))
        for v, label in zip(values, labels, strict=True)
    ]
    if candidate.is_flag:
        numbers = ["true" if v > 0 else "false" for v in values]
    else:
        numbers = [_number(v) for v in values]
    weights = np.round(candidate.points[rows], 4).tolist()
    return [
        f'{head}{text}, "value": {number}, "weight": {weight!r}}}'
        for text, number, weight in zip(texts, numbers, weights, strict=True)
    ]


def _top(candidates: Sequence[Candidate], rows: int) -> list[str]:
    """Per row, the strongest candidates as a JSON array; ties go by code."""
    ordered = sorted(candidates, key=lambda c: c.code)
    if not ordered or not rows:
        return ["[]"] * rows
    points = np.column_stack([np.nan_to_num(np.round(c.points, 6)) for c in ordered])
    shown = np.column_stack([points[:, k] > 0 if c.shown is None else c.shown for k, c in enumerate(ordered)])
    points = np.where(shown, points, -1.0)
    # Columns stand in order of code, so a stable sort by points settles ties by code.
    ranking = np.argsort(-points, axis=1, kind="stable")[:, :MAX_REASONS]
    chosen = np.take_along_axis(points, ranking, axis=1) >= 0
    grid = np.full(ranking.shape, "", dtype=object)
    for k, candidate in enumerate(ordered):
        where = chosen & (ranking == k)
        if where.any():
            grid[where] = _fragments(candidate, np.nonzero(where)[0])
    return ["[" + ", ".join(filter(None, line)) + "]" for line in grid.tolist()]


def reasons_json(candidates: Sequence[Candidate], rows: int) -> list[str]:
    """Up to five reasons for and five against per row, as JSON text with sorted keys."""
    sides = {
        side: _top([c for c in candidates if c.direction == side], rows) for side in ("positive", "negative")
    }
    return [
        f'{{"negative": {against}, "positive": {in_favour}}}'
        for against, in_favour in zip(sides["negative"], sides["positive"], strict=True)
    ]


def status_json(code: str) -> str:
    """The reasons of a property without a score."""
    reason = {
        "benchmark": None,
        "code": code,
        "direction": "negative",
        "text": STATUS_TEXTS[code],
        "value": None,
        "weight": 0.0,
    }
    return json.dumps({"negative": [reason], "positive": []}, sort_keys=True)
