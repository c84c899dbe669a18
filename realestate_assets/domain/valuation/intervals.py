"""Intervals from out-of-fold residuals: normalised split conformal prediction, kept as a distribution.

Source: J. Lei et al., Distribution-Free Predictive Inference for Regression (JASA 113, 2018), section 5.2,
with the out-of-fold residuals of V. Vovk, Cross-conformal predictors (2015) in place of a single split.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from realestate_assets.domain.valuation.band_correction import Curve, band_correction, corrected
from realestate_assets.domain.valuation.params import IntervalParams

# Guards a division by a spread of 0.
SMALLEST = 1e-6
# A band in which the model is never wrong does not exist.
LEAST_FACTOR = 0.25


@dataclass(frozen=True)
class Calibration:
    """How the true log value lies around the predicted one.

    (true - centre) / sized spread has the quantiles given, its median being 0. The centre is the prediction
    with `bias`, what it is off in the median, from the learner's loss and from going back to dollars, and
    with what its band of value is off beyond that, at `centre_values` (`band_correction`). The sized spread
    is the learner's times a factor of the predicted value, given at `band_values` and linear between them:
    conformal prediction by group (V. Vovk et al., Algorithmic Learning in a Random World, 2005, section 4.5),
    without its steps. Cheap and dear homes would else be covered less often than those between.
    """

    bias: float
    min_spread: float
    lower_level: float
    upper_level: float
    levels: tuple[float, ...]
    quantiles: tuple[float, ...]
    band_values: tuple[float, ...] = ()
    band_factors: tuple[float, ...] = ()
    # Empty in a model of an earlier version, and where no band is off by more than chance.
    centre_values: tuple[float, ...] = ()
    centre_points: tuple[float, ...] = ()

    def centre(self, log_value: np.ndarray) -> np.ndarray:
        """Log value, corrected for what predictions of its size are off."""
        return corrected(log_value, (self.centre_values, self.centre_points)) + self.bias

    def sized(self, spread: np.ndarray, log_value: np.ndarray) -> np.ndarray:
        """Spread, not below the smallest one believed, times the factor of the predicted log value."""
        return _sized(spread, log_value, self.min_spread, self.band_values, self.band_factors)

    def interval(
        self, log_value: np.ndarray, spread: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Log value at the lower end, in the middle, corrected for bias, and at the upper end."""
        low, high = self.ends()
        sized, centre = self.sized(spread, log_value), self.centre(log_value)
        return centre + low * sized, centre, centre + high * sized

    def ends(self) -> tuple[float, float]:
        """Normalised residual at the interval's ends; the lower is not above 0, the upper not below."""
        low, high = np.interp([self.lower_level, self.upper_level], self.levels, self.quantiles)
        return min(float(low), 0.0), max(float(high), 0.0)

    def probability_above(self, log_ratio: np.ndarray, sized: np.ndarray) -> np.ndarray:
        """P(true log value - corrected prediction > log_ratio); never quite 0 or 1, for n is finite."""
        size = np.maximum(np.asarray(sized, dtype=float), SMALLEST)
        normalised = np.asarray(log_ratio, dtype=float) / size
        return 1.0 - np.interp(normalised, self.quantiles, self.levels)

    def to_dict(self) -> dict[str, Any]:
        """As stored with the model."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}

    @classmethod
    def from_dict(cls, stored: dict) -> "Calibration":
        """From what `to_dict` gave."""
        fields: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in stored.items()}
        return cls(**fields)


def calibrate(
    actual: np.ndarray, log_value: np.ndarray, spread: np.ndarray, params: IntervalParams
) -> Calibration:
    """Distribution of the normalised out-of-fold residuals.

    Args:
        actual: log prices.
        log_value: out-of-fold predictions of them.
        spread: out-of-fold size of the residual, of the same rows.
        params: levels, smallest spread, bands, resolution.
    """
    bias = float(np.median(actual - log_value))
    curve: Curve = band_correction(
        actual - log_value - bias, log_value, params.correction_bands, params.min_band_sales
    )
    residual = actual - corrected(log_value, curve) - bias
    # Bands of the mean of price and value: bands of the value alone leave the cheapest and the dearest homes
    # uncovered too often, for their values lie nearer to the middle than their prices do.
    middle = (actual + log_value) / 2
    values, factors = _bands(residual / np.maximum(spread, params.min_spread), middle, params)
    normalised = np.sort(residual / _sized(spread, log_value, params.min_spread, values, factors))
    count = params.quantile_count
    levels = (np.arange(count) + 0.5) / count
    # (n + 1) x level: the finite-sample correction that makes a conformal interval a little wider.
    ranks = np.clip(_corrected(levels, len(normalised)), 0, len(normalised) - 1)
    quantiles = np.interp(ranks, np.arange(len(normalised)), normalised) * params.forward_factor
    # Ties would make the inverse ambiguous; the order stays, no difference is visible.
    quantiles = np.maximum.accumulate(quantiles + np.arange(count) * 1e-12)
    return Calibration(
        bias=bias,
        min_spread=params.min_spread,
        lower_level=params.lower_level,
        upper_level=params.upper_level,
        levels=tuple(levels.tolist()),
        quantiles=tuple((quantiles - np.interp(0.5, levels, quantiles)).tolist()),
        band_values=values,
        band_factors=factors,
        centre_values=curve[0],
        centre_points=curve[1],
    )


def _sized(
    spread: np.ndarray,
    log_value: np.ndarray,
    least: float,
    values: tuple[float, ...],
    factors: tuple[float, ...],
) -> np.ndarray:
    factor = np.interp(log_value, values, factors) if values else 1.0
    return np.maximum(spread, least) * factor


def _bands(
    normalised: np.ndarray, middle: np.ndarray, params: IntervalParams
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Middle of each band, and how much wider its residuals lie than all."""
    count = min(params.bands, len(middle) // params.min_band_sales)
    if count < 2:
        return (), ()
    inside = params.upper_level - params.lower_level
    whole = np.quantile(np.abs(normalised), inside)
    parts = np.array_split(np.argsort(middle, kind="stable"), count)
    values = [float(np.median(middle[rows])) for rows in parts]
    factors = [float(np.quantile(np.abs(normalised[rows]), inside) / whole) for rows in parts]
    return tuple(values), tuple(np.maximum(factors, LEAST_FACTOR).tolist())


def _corrected(levels: np.ndarray, n: int) -> np.ndarray:
    """Zero-based rank of each level, pushed outwards by the correction on both sides of the median."""
    return levels * (n + 1) - 1.0
