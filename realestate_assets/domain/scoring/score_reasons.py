"""Which reasons a score has: every signal, missing input and adjustment as a candidate with its points."""

import numpy as np
import pandas as pd

from realestate_assets.domain.core import formats
from realestate_assets.domain.scoring.cashflow import Floats, as_floats
from realestate_assets.domain.scoring.components import DECIMALS, BuyBox, Neighborhoods, Scored
from realestate_assets.domain.scoring.config import ScoringConfig
from realestate_assets.domain.scoring.market_basis import APPRECIATION, HEAT, market_bases
from realestate_assets.domain.scoring.reasons import MISSING_TEXTS, SIGNALS, Candidate, reasons_json


def unpaid_taxes(features: pd.DataFrame) -> list[str]:
    """`Taxes of $3,200 unpaid (tax sale 2021)` for each row, as far as amount and year are known."""
    amounts, years = (as_floats(features[name]) for name in ("tax_delinquent_usd", "tax_sale_year"))
    labels = np.full(len(features), "Taxes unpaid", dtype=object)
    # Few rows have either: the words are put together for those alone.
    for row in np.flatnonzero(~(np.isnan(amounts) & np.isnan(years))).tolist():
        amount = "" if np.isnan(amounts[row]) else f" of {formats.usd(amounts[row])}"
        sale = "" if np.isnan(years[row]) else f" (tax sale {years[row]:.0f})"
        labels[row] = f"Taxes{amount} unpaid{sale}"
    return labels.tolist()


def _signal_candidates(
    features: pd.DataFrame, inputs: dict[str, Floats], scored: Scored, config: ScoringConfig
) -> list[Candidate]:
    found = []
    labels = {
        "is_tax_delinquent": unpaid_taxes(features),
        "market_heat_pct": market_bases(features, HEAT),
        "market_appreciation_pct": market_bases(features, APPRECIATION),
    }
    for name, signal in SIGNALS.items():
        setting = config.components[signal.component].signals[name]
        weight = config.components[signal.component].weight * setting.weight
        points = 100 * weight * (scored.strengths[name] - 0.5)
        for sign, direction, (code, text) in (
            (1.0, "positive", signal.positive),
            (-1.0, "negative", signal.negative),
        ):
            side = sign * points
            # Of what is unknown the missing input is the reason, whatever it counts as.
            side = np.where(np.isnan(inputs[name]), 0.0, side)
            side = np.where(side >= max(config.reason_min_points, 10.0**-DECIMALS), side, 0.0)
            found.append(
                Candidate(
                    code,
                    direction,
                    text,
                    side,
                    inputs[name],
                    setting.benchmark,
                    signal.style,
                    signal.is_flag,
                    labels.get(name),
                )
            )
    return found


def _missing_candidates(inputs: dict[str, Floats], scored: Scored, config: ScoringConfig) -> list[Candidate]:
    """One reason per missing input: the share of weight that hangs on it, and what it costs."""
    shares = {code: np.zeros_like(scored.confidence) for code in MISSING_TEXTS}
    lost = {code: np.zeros_like(scored.confidence) for code in MISSING_TEXTS}
    for name, signal in SIGNALS.items():
        component = config.components[signal.component]
        weight = component.weight * component.signals[name].weight
        unexplained = np.isnan(inputs[name])
        for position, (column, code) in enumerate(signal.needs):
            is_last = position == len(signal.needs) - 1
            blamed = unexplained if is_last else unexplained & np.isnan(inputs[column])
            shares[code] = shares[code] + np.where(blamed, weight, 0.0)
            points = 100 * weight * (0.5 - scored.strengths[name])
            lost[code] = lost[code] + np.where(blamed, points, 0.0)
            unexplained = unexplained & ~blamed
    return [
        Candidate(code, "negative", text, lost[code], shares[code], style="share", shown=shares[code] > 0)
        for code, text in MISSING_TEXTS.items()
    ]


def _special_candidates(
    scored: Scored, places: Neighborhoods, box: BuyBox, config: ScoringConfig
) -> list[Candidate]:
    lift = scored.components["market"] - scored.unmultiplied_market
    points = 100 * config.components["market"].weight * lift
    in_place = np.array([bool(name) for name in places.name], dtype=bool)
    text = "{label}: market component x {value}"
    lost = scored.confidence_points
    penalty = np.where(box.penalised, config.buy_box_penalty_points, 0.0)
    return [
        Candidate(
            "NEIGHBORHOOD_MULTIPLIER", direction, text, sign * points, places.multiplier, 1.0, "decimal",
            label=places.label, shown=in_place & (sign * points > 0),
        )
        for sign, direction in ((1.0, "positive"), (-1.0, "negative"))
    ] + [
        Candidate(
            "OUTSIDE_BUY_BOX", "negative", "Outside the county's buying filter: {label}", penalty,
            box.misses, style="count", label=box.label, shown=box.outside,
        ),
        Candidate(
            "LOW_CONFIDENCE", "negative", "Confidence of {value} lowers the score",
            np.where(lost >= config.reason_min_points, lost, 0.0), scored.confidence, 1.0, "share",
        ),
    ]  # fmt: skip


def score_reasons(
    features: pd.DataFrame,
    inputs: dict[str, Floats],
    scored: Scored,
    places: Neighborhoods,
    box: BuyBox,
    config: ScoringConfig,
) -> list[str]:
    """The reasons of every row as JSON text: signals, missing inputs, neighbourhood, filter, confidence."""
    candidates = (
        _signal_candidates(features, inputs, scored, config)
        + _missing_candidates(inputs, scored, config)
        + _special_candidates(scored, places, box, config)
    )
    return reasons_json(candidates, len(features))
