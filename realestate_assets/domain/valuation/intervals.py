"""Intervals from out-of-fold residuals: normalised split conformal prediction, kept as a distribution.

Source: J. Lei et al., Distribution-Free Predictive Inference for Regression (JASA 113, 2018), section 5.2,
with the out-of-fold residuals of V. Vovk, Cross-conformal predictors (2015) in place of a single split.
"""

from dataclasses import dataclass

import numpy as np

from realestate_assets.domain.valuation.params import IntervalParams


@dataclass(frozen=True)
class Calibration:
    """How the true log value lies around the predicted one.

    (true - predicted - bias) / spread has the quantiles given, its median being 0; `bias` is what the
    prediction is off in the median, from the learner's loss and from going back to dollars.
    """

    bias: float
    min_spread: float
    lower_level: float
    upper_level: float
    levels: tuple[float, ...]
    quantiles: tuple[float, ...]

    def bounded(self, spread: np.ndarray) -> np.ndarray:
        """Spread, not below the smallest one believed."""
        return np.maximum(spread, self.min_spread)

    def ends(self) -> tuple[float, float]:
        """Normalised residual at the interval's ends; the lower is not above 0, the upper not below."""
        low, high = np.interp([self.lower_level, self.upper_level], self.levels, self.quantiles)
        return min(float(low), 0.0), max(float(high), 0.0)

    def probability_above(self, log_ratio: np.ndarray, spread: np.ndarray) -> np.ndarray:
        """P(true log value - corrected prediction > log_ratio); never quite 0 or 1, for n is finite."""
        normalised = np.asarray(log_ratio, dtype=float) / self.bounded(np.asarray(spread, dtype=float))
        return 1.0 - np.interp(normalised, self.quantiles, self.levels)

    def to_dict(self) -> dict[str, object]:
        """As stored with the model."""
        return {
            "bias": self.bias,
            "min_spread": self.min_spread,
            "lower_level": self.lower_level,
            "upper_level": self.upper_level,
            "levels": list(self.levels),
            "quantiles": list(self.quantiles),
        }

    @classmethod
    def from_dict(cls, stored: dict) -> "Calibration":
        """From what `to_dict` gave."""
        return cls(**{**stored, "levels": tuple(stored["levels"]), "quantiles": tuple(stored["quantiles"])})


def calibrate(residual: np.ndarray, spread: np.ndarray, params: IntervalParams) -> Calibration:
    """Distribution of the normalised out-of-fold residuals.

    Args:
        residual: log price minus out-of-fold prediction.
        spread: out-of-fold size of the residual, of the same rows.
        params: levels, smallest spread, resolution.
    """
    bias = float(np.median(residual))
    normalised = np.sort((residual - bias) / np.maximum(spread, params.min_spread))
    count = params.quantile_count
    levels = (np.arange(count) + 0.5) / count
    # (n + 1) x level: the finite-sample correction that makes a conformal interval a little wider.
    ranks = np.clip(_corrected(levels, len(normalised)), 0, len(normalised) - 1)
    quantiles = np.interp(ranks, np.arange(len(normalised)), normalised)
    # Ties would make the inverse ambiguous; the order stays, no difference is visible.
    quantiles = np.maximum.accumulate(quantiles + np.arange(count) * 1e-12)
    return Calibration(
        bias=bias,
        min_spread=params.min_spread,
        lower_level=params.lower_level,
        upper_level=params.upper_level,
        levels=tuple(levels.tolist()),
        quantiles=tuple((quantiles - np.interp(0.5, levels, quantiles)).tolist()),
    )


def _corrected(levels: np.ndarray, n: int) -> np.ndarray:
    """Zero-based rank of each level, pushed outwards by the correction on both sides of the median."""
    return levels * (n + 1) - 1.0
