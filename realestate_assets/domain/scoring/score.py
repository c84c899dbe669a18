"""bird_dog_score of one partition: the SCORES rows from features, values and after-repair values.

The arithmetic is in `components`, measures in `measures`, words in `score_reasons`, settings in
`scoring_config`; reading and writing is the asset's affair.
"""

import numpy as np
import pandas as pd

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.rents.published import published_rents
from realestate_assets.domain.scoring.cashflow import Floats, as_floats
from realestate_assets.domain.scoring.clearances import Clearances
from realestate_assets.domain.scoring.components import (
    DECIMALS,
    buy_box,
    compute_scores,
    incomplete_fields,
    neighborhoods,
    signal_inputs,
)
from realestate_assets.domain.scoring.config import ScoringConfig, config_version
from realestate_assets.domain.scoring.measures import investment_measures
from realestate_assets.domain.scoring.paying import limits
from realestate_assets.domain.scoring.points import score_points
from realestate_assets.domain.scoring.reasons import status_json
from realestate_assets.domain.scoring.reviews import capped, review_reasons
from realestate_assets.domain.scoring.score_reasons import score_reasons
from realestate_assets.domain.scoring.values import VALUE_COLUMNS
from realestate_assets.domain.tables import (
    OFFER_COLUMNS,
    RENT_BASIS_COLUMNS,
    SCORE_COMPONENTS,
    SCORES,
    VALUE_BAND_COLUMNS,
)

ARV_COLUMNS = ("arv_usd", "arv_low_usd", "arv_high_usd")


def classify(score: Floats, config: ScoringConfig) -> np.ndarray:
    """Class names; None where there is no score."""
    levels = config.classes
    names = np.select(
        [np.isnan(score), score >= levels.excellent, score >= levels.good, score >= levels.fair],
        ["", "excellent", "good", "fair"],
        "poor",
    ).astype(object)
    names[names == ""] = None
    return names


def _aligned(frame: pd.DataFrame, features: pd.DataFrame) -> pd.DataFrame:
    """Rows of a frame keyed by property_id in the order of the features."""
    return frame.set_index("property_id").reindex(features["property_id"]).reset_index(drop=True)


def _of_offers(offers: pd.DataFrame | None, features: pd.DataFrame) -> dict[str, pd.Series]:
    """OFFER_COLUMNS in the order of the features; all missing where nothing was learned."""
    if offers is None:
        offers = pd.DataFrame({"property_id": features["property_id"], **dict.fromkeys(OFFER_COLUMNS)})
    rows = _aligned(offers, features)
    return {name: rows[name] for name in OFFER_COLUMNS}


def score_partition(
    features: pd.DataFrame,
    values: pd.DataFrame,
    arv: pd.DataFrame,
    county: County,
    config: ScoringConfig,
    clearances: Clearances,
    offers: pd.DataFrame | None = None,
    rents: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The SCORES rows of one county and month, ordered by property_id.

    Args:
        features: rows of marts.features of the partition.
        values: per property_id: value_status, model_kind, model_id, market_value_p10/p50/p90_usd,
            discount_probability; VALUE_BAND_COLUMNS where bands were judged.
        arv: per property_id: arv_usd, arv_low_usd, arv_high_usd, comparable_count,
            close_comparable_count; absent means none.
        county: market, neighbourhoods and underwriting assumptions.
        config: scoring settings.
        clearances: which reasons for a review a person has cleared.
        offers: per property_id: OFFER_COLUMNS; None where nothing was learned from offers.
        rents: per property_id: rows of RENT_ESTIMATES; None takes rents as published.
    """
    features = features.sort_values("property_id", kind="stable").reset_index(drop=True)
    values, arv = _aligned(values, features), _aligned(arv, features)
    valued = (values["value_status"] == "valued").to_numpy(dtype=bool)
    rents = published_rents(features, county.underwriting) if rents is None else _aligned(rents, features)
    measures = investment_measures(
        features,
        values["market_value_p50_usd"],
        arv["arv_usd"],
        county.underwriting,
        (values["market_value_p10_usd"], values["market_value_p90_usd"]),
        rents,
    )
    for name in (*VALUE_COLUMNS, "discount_probability"):
        measures[name] = as_floats(values[name])
    for name in ARV_COLUMNS:
        measures[name] = as_floats(arv[name])
    for name in ("comparable_count", "close_comparable_count"):
        measures[name] = np.nan_to_num(as_floats(arv[name]))

    told = _of_offers(offers, features)
    measures["gain_probability"] = as_floats(told["gain_probability"])
    inputs = signal_inputs(features, measures, county, config)
    places, box = neighborhoods(features["zip"], county), buy_box(features, county, config.required)
    unknown_fields = incomplete_fields(features, config.required)
    scored = compute_scores(inputs, places.multiplier, box.penalised, unknown_fields != "", config)
    score = np.where(valued, scored.score, np.nan)
    has_score = ~np.isnan(score)
    status_code = np.where(valued, "TOO_LITTLE_DATA", values["value_status"].astype(str).to_numpy())
    status = {code: status_json(code) for code in sorted(set(status_code[~has_score]))}
    points = score_points(scored, box.penalised, config)
    texts = score_reasons(features, inputs, scored, places, box, config)
    review, needs_review = review_reasons(
        features, measures, has_score, config.review, clearances.by_reason()
    )
    found_limits = limits(measures, config.paying, unknown_fields)
    class_limit = [
        limit if scored_here else None
        for limit, scored_here in zip(found_limits, has_score.tolist(), strict=True)
    ]
    is_limited = needs_review | np.array([limit is not None for limit in class_limit], dtype=bool)
    frame = pd.DataFrame(
        {
            **{name: features[name] for name in ("county", "month", "property_id")},
            "value_status": values["value_status"],
            "offer_state": features["offer_state"],
            **{name: values[name] for name in ("model_kind", "model_id")},
            **{name: measures[name] for name in measures.columns},
            **told,
            **{name: values.get(name, np.nan) for name in VALUE_BAND_COLUMNS},
            **{name: rents.get(name) for name in RENT_BASIS_COLUMNS},
            "comparable_count": measures["comparable_count"].astype("int64"),
            "asking_price_usd": features["list_price_usd"],
            "is_asking_price_assumed": features["is_list_price_assumed"],
            **{
                f"component_{name}": np.where(has_score, np.round(scored.components[name], DECIMALS), np.nan)
                for name in SCORE_COMPONENTS
            },
            "confidence": np.where(has_score, scored.confidence, np.nan),
            "bird_dog_score": score,
            "score_class": pd.array(capped(classify(score, config), is_limited), dtype="str"),
            "points": [
                text if scored_here else None
                for text, scored_here in zip(points, has_score.tolist(), strict=True)
            ],
            "reasons": [
                text if scored_here else status[code]
                for text, scored_here, code in zip(texts, has_score.tolist(), status_code, strict=True)
            ],
            "review_reasons": review,
            "needs_review": needs_review,
            "class_limit": pd.array(class_limit, dtype="str"),
            "neighborhood": pd.array(places.name, dtype="str"),
            "neighborhood_multiplier": places.multiplier,
            "config_version": config_version(config, county),
            "is_simulated": features["is_simulated"],
        }
    )
    return frame[SCORES.column_names]
