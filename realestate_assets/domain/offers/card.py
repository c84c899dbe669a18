"""What a model's card says of likely sale value and chance of a gain: cases, settings, told against came."""

import math
from typing import Any

from realestate_assets.domain.offers.model import OfferModel

OF_WHOM = {
    "county": "this county's",
    "pooled": "all counties', pooled",
    "prior": "none: the stated prior alone",
}


def offer_facts(model: OfferModel) -> dict[str, Any]:
    """For the template: what each was learned from, its settings, and the fifths of the chance."""
    likely, gain, params = model.likely, model.gain, model.params
    return {
        "id": model.to_row()["offer_model_id"],
        "likely": {
            "whose": OF_WHOM[likely.basis],
            "sales": likely.sales,
            "pooled_sales": likely.pooled_sales,
            "half_life_months": params.likely.half_life_months,
            "factor": likely.factor,
            "level_pct": None
            if likely.median_log_discount is None
            else 100 * math.expm1(likely.median_log_discount),
            "types": sorted(likely.by_type),
            "reliability": likely.reliability,
        },
        "gain": {
            "reason": gain.reason,
            "whose": OF_WHOM[gain.basis],
            "cases": gain.cases,
            "gains": gain.gains,
            "priced_cases": gain.priced_cases,
            "median_gain_pct": gain.median_gain_pct,
            "days": params.gain.horizon_days,
            "ratio": params.gain.gain_ratio,
            "level_spread": params.gain.level_spread,
            "slope_spread": params.gain.slope_spread,
            "coefficients": dict(
                zip(["level", *params.gain.prior.slopes], gain.coefficients, strict=True)
                if gain.coefficients
                else {}
            ),
            "prior": {"level": params.gain.prior.level, **params.gain.prior.slopes},
            "reliability": gain.reliability,
        },
    }
