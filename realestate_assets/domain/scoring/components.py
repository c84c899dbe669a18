"""The numbers of a score: signals of each row, components, confidence and the score itself.

Everything is array arithmetic in a fixed order, so that the same inputs give the same score to the bit,
whatever the order of the rows. Words for a reader are in `score_reasons`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.scoring.cashflow import Floats, as_floats
from realestate_assets.domain.scoring.config import Component, ScoringConfig
from realestate_assets.domain.tables import SCORE_COMPONENTS

DECIMALS = 6


def flag_floats(column: pd.Series) -> Floats:
    """A nullable boolean column as 1, 0 and NaN."""
    return column.astype("boolean").astype("Float64").to_numpy(dtype="float64", na_value=np.nan)


def field_completeness(features: pd.DataFrame, key_fields: tuple[str, ...]) -> Floats:
    """Share of the key fields that are known."""
    return features[list(key_fields)].notna().to_numpy().mean(axis=1)


def signal_inputs(
    features: pd.DataFrame, measures: pd.DataFrame, county: County, config: ScoringConfig
) -> dict[str, Floats]:
    """Every signal, and every input a signal needs, as an array over the rows."""
    price, value = as_floats(features["list_price_usd"]), as_floats(measures["market_value_p50_usd"])
    arv = as_floats(measures["arv_usd"])
    paid = as_floats(features["last_sale_price_usd"])
    spread = as_floats(measures["market_value_p90_usd"]) - as_floats(measures["market_value_p10_usd"])
    plain = ("gain_probability", "cap_rate_pct", "cash_on_cash_pct", "rent_monthly_usd")
    return {
        **{name: as_floats(measures[name]) for name in (*plain, "comparable_count")},
        "asking_price_usd": price,
        "arv_usd": arv,
        "offer_gap_pct": 100 * (as_floats(measures["max_allowable_offer_usd"]) - price) / arv,
        "last_sale_price_usd": paid,
        # From the value, not the asking price: asking less must not look like having gained less.
        "gain_since_last_sale_pct": 100 * (value / paid - 1),
        "days_on_market": as_floats(features["days_on_market"]),
        "market_time_ratio": as_floats(features["days_on_market"]) / county.market.target_days_on_market,
        "market_heat_pct": as_floats(features["market_heat_pct"]),
        "market_appreciation_pct": as_floats(features["market_appreciation_pct"]),
        "zip_price_trend_pct": as_floats(features["zip_price_per_sqft_trend_pct"]),
        "zip_price_per_sqft_trend_pct": as_floats(features["zip_price_per_sqft_trend_pct"]),
        "condition_code": as_floats(features["condition_code"]),
        "effective_age_years": as_floats(features["effective_age_years"]),
        "tenure_years": as_floats(features["tenure_years"]),
        "field_completeness": field_completeness(features, config.key_fields),
        "interval_width_pct": 100 * spread / value,
        **{
            name: flag_floats(features[name])
            for name in (
                "is_absentee_owner",
                "is_absentee_out_of_state",
                "is_tax_delinquent",
                "is_bank_owner",
                "is_flood_hazard_area",
            )
        },
    }


@dataclass(frozen=True)
class Neighborhoods:
    """Target neighbourhood of each row: name (None outside), multiplier, and words for the reason."""

    name: np.ndarray
    multiplier: Floats
    label: list[str]


def neighborhoods(zips: pd.Series, county: County) -> Neighborhoods:
    """The neighbourhood of each ZIP; of several the higher multiplier, and the label says so."""
    found: dict[str, tuple[str | None, float, str]] = {}
    for code in zips.dropna().unique():
        several = [n for n in county.neighborhoods if code in n.zips]
        if best := county.neighborhood_of(code):
            note = ", the highest of " + str(len(several)) + " that hold the ZIP" if len(several) > 1 else ""
            found[code] = (best.name, best.multiplier, f"{best.name} ({code}){note}")
    outside = (None, 1.0, "")
    per_row = [found.get(code, outside) for code in zips.tolist()]
    return Neighborhoods(
        name=np.array([p[0] for p in per_row], dtype=object),
        multiplier=np.array([p[1] for p in per_row], dtype="float64"),
        label=[p[2] for p in per_row],
    )


@dataclass(frozen=True)
class BuyBox:
    """Rows outside the county's filter: which cost points, and how many tests each misses."""

    penalised: np.ndarray
    outside: np.ndarray
    misses: Floats
    label: list[str]


def incomplete_fields(features: pd.DataFrame, required: tuple[str, ...]) -> np.ndarray:
    """Names of the required fields that are unknown, of each row, separated by commas; "" where none is."""
    missing = features[list(required)].isna().to_numpy()
    names = np.array([f"{name}, " for name in required], dtype=object)
    return np.array([text.removesuffix(", ") for text in missing @ names], dtype=object)


def buy_box(features: pd.DataFrame, county: County, required: tuple[str, ...]) -> BuyBox:
    """Compare beds, baths, type and price with the county's filter.

    An unknown required field is outside: hiding it must not help. Any other that is unknown is not.
    """
    market, price = county.market, as_floats(features["list_price_usd"])
    kind = features["property_type"]
    unknown = {
        name: features[name].isna().to_numpy() & (name in required)
        for name in ("bedrooms", "bathrooms", "property_type", "list_price_usd")
    }
    strange = (kind.notna() & ~kind.isin(market.property_types)).to_numpy(dtype=bool)
    few_bedrooms = as_floats(features["bedrooms"]) < market.min_bedrooms
    few_bathrooms = as_floats(features["bathrooms"]) < market.min_bathrooms
    tests = (
        ("bedrooms", few_bedrooms | unknown["bedrooms"], True),
        ("bathrooms", few_bathrooms | unknown["bathrooms"], True),
        ("property type", strange | unknown["property_type"], True),
        ("price above the maximum", (price > market.max_price_usd) | unknown["list_price_usd"], True),
        # Costs nothing: a lower asking price must never lower the score.
        ("price below the minimum", price < market.min_price_usd, False),
    )
    outside = np.column_stack([failed for _, failed, _ in tests])
    names = [name for name, _, _ in tests]
    return BuyBox(
        penalised=np.any(np.column_stack([failed for _, failed, costs in tests if costs]), axis=1),
        outside=np.any(outside, axis=1),
        misses=outside.sum(axis=1).astype("float64"),
        label=[", ".join(n for n, hit in zip(names, row, strict=True) if hit) for row in outside.tolist()],
    )


@dataclass(frozen=True)
class Scored:
    """The parts of a score over all rows, kept for the reasons."""

    strengths: dict[str, Floats]
    components: dict[str, Floats]
    unmultiplied_market: Floats
    confidence: Floats
    confidence_points: Floats
    score: Floats


def _counted(
    inputs: dict[str, Floats], incomplete: np.ndarray, settings: Component
) -> tuple[dict[str, Floats], Floats]:
    """Strength of each signal of a component, never missing, and the weight of those that are known.

    What is unknown counts as the signal's `unknown`, and as nothing where a required field is unknown: then
    no strength can rise by hiding that field.
    """
    strengths, known = {}, np.zeros(len(incomplete))
    for name, signal in settings.signals.items():
        strength = signal.strength(inputs[name])
        is_known = ~np.isnan(strength)
        strengths[name] = np.where(is_known, strength, np.where(incomplete, 0.0, signal.unknown))
        known = known + np.where(is_known, signal.weight, 0.0)
    return strengths, known


def compute_scores(
    inputs: dict[str, Floats],
    multiplier: Floats,
    penalised: np.ndarray,
    incomplete: np.ndarray,
    config: ScoringConfig,
) -> Scored:
    """Signals -> components -> score; what is unknown counts as unfavourable.

    Args:
        inputs: of `signal_inputs`.
        multiplier: of each row's neighbourhood.
        penalised: rows outside the buying filter.
        incomplete: rows of which a required field is unknown.
        config: scoring settings.
    """
    strengths: dict[str, Floats] = {}
    components: dict[str, Floats] = {}
    coverage = np.zeros_like(multiplier)
    known_components = np.zeros_like(multiplier)
    for name in SCORE_COMPONENTS:
        settings = config.components[name]
        found, known = _counted(inputs, incomplete, settings)
        strengths |= found
        total = sum((signal.weight * found[s] for s, signal in settings.signals.items()), np.zeros(1))
        # The bound only undoes rounding: a mean of values in [0, 1] may come out as 1.0000000000000002.
        components[name] = np.minimum(total, 1.0)
        coverage = coverage + settings.weight * known
        known_components = known_components + (known > 0)
    unmultiplied = components["market"]
    components["market"] = np.clip(unmultiplied * multiplier, 0.0, 1.0)

    base = sum((config.components[n].weight * components[n] for n in SCORE_COMPONENTS), np.zeros(1))
    base = np.minimum(base, 1.0)
    data_share, effect = config.confidence.data_share, config.confidence.effect
    confidence = data_share * components["data_confidence"] + (1 - data_share) * np.minimum(coverage, 1.0)
    confidence = np.clip(confidence, 0.0, 1.0).round(DECIMALS)
    lost = 100 * base * effect * (1 - confidence)
    penalty = np.where(penalised, config.buy_box_penalty_points, 0.0)
    score = np.round(np.clip(100 * base - lost - penalty, 0.0, 100.0), DECIMALS)
    return Scored(
        strengths=strengths,
        components=components,
        unmultiplied_market=unmultiplied,
        confidence=confidence,
        confidence_points=lost,
        score=np.where(known_components >= config.min_components, score, np.nan),
    )
