"""Rates of the comparables' line adjustments, from the linear hedonic of the model in use."""

import json
from collections.abc import Mapping

from realestate_assets.domain.valuation.hedonic import Hedonic
from realestate_assets.domain.valuation.params import AdjustmentRates, ComparableParams

# Rate -> the hedonic's terms it is the slope of, each with the units of the term that one of the rate is. A
# home effectively ten years older was built ten years earlier, unless it has been renovated since.
TERMS: Mapping[str, Mapping[str, float]] = {
    "living_area_share": {"log_living_area_sqft": 1.0},
    "lot_area": {"log_lot_area_sqft": 1.0},
    "bedroom": {"bedrooms": 1.0},
    "bathroom": {"bathrooms": 1.0},
    "decade_of_age": {"effective_age_years": 10.0, "year_built": -10.0},
    "quality_grade": {"quality_code": 1.0},
    "condition_point": {"condition_code": 1.0},
}
# The product of area and grade: what each adds to the slope of the other.
PRODUCT, FACTORS = "area_by_quality", ("log_living_area_sqft", "quality_code")


def hedonic_rates(hedonic: Hedonic, params: ComparableParams) -> AdjustmentRates:
    """Slopes of the log price at the mean home, each within its bounds.

    A share of the local price per sq ft for one more sq ft is the elasticity of the price to the area; the
    other rates are log points of one unit, which for steps of this size are shares of the price.

    Args:
        hedonic: of the model in use.
        params: bounds, and the rates of attributes that the hedonic does not know.
    """
    found = {}
    for rate, units in TERMS.items():
        low, high = getattr(params.rate_bounds, rate)
        known = [unit * _slope(hedonic, term) for term, unit in units.items() if term in hedonic.terms]
        value = sum(known) if known else getattr(params.rates, rate)
        found[rate] = min(max(value, low), high)
    return AdjustmentRates(**found)


def stored_rates(ensemble_json: str | float | None, params: ComparableParams) -> AdjustmentRates:
    """Rates of a row of promoted_models; those of params.yaml where the month has no model."""
    if not isinstance(ensemble_json, str):
        return params.rates
    return hedonic_rates(Hedonic.from_dict(json.loads(ensemble_json)["hedonic"]), params)


def _slope(hedonic: Hedonic, term: str) -> float:
    """Log points of one more unit of a term at its mean, with its square and its product."""
    coefficient, mean = _raw(hedonic, term)
    slope = coefficient + 2.0 * mean * _raw(hedonic, f"{term}_squared")[0]
    if term in FACTORS:
        (other,) = set(FACTORS) - {term}
        slope += _raw(hedonic, PRODUCT)[0] * _raw(hedonic, other)[1]
    return slope


def _raw(hedonic: Hedonic, term: str) -> tuple[float, float]:
    """Coefficient of the term as it is, not standardised, and its mean; 0 where it was left out."""
    if term not in hedonic.terms:
        return 0.0, 0.0
    position = hedonic.terms.index(term)
    return hedonic.coefficients[position] / hedonic.scales[position], hedonic.means[position]
