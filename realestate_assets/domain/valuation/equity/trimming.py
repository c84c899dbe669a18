"""Outlying ratios by the rule of the standard: beyond 1.5 interquartile ranges from the quartiles.

Source: IAAO, Standard on Ratio Studies (2013), appendix B. Quartiles at (n + 1) / 4, as the standard computes
them. What is trimmed is stated beside what is not: trimming alone flatters any study.
"""

import numpy as np
from numpy.typing import ArrayLike

REACH = 1.5
# Quartiles of fewer ratios say nothing of what is unusual.
MIN_RATIOS = 20


def fences(ratio: ArrayLike) -> tuple[float, float]:
    """The lowest and the highest ratio that is not outlying; infinite below MIN_RATIOS."""
    values = np.asarray(ratio, dtype=float)
    if len(values) < MIN_RATIOS:
        return -np.inf, np.inf
    low, high = np.quantile(values, [0.25, 0.75], method="weibull")
    reach = REACH * (high - low)
    return float(low - reach), float(high + reach)


def outlying(ratio: ArrayLike) -> np.ndarray:
    """True where a ratio lies outside the fences of all."""
    values = np.asarray(ratio, dtype=float)
    low, high = fences(values)
    return (values < low) | (values > high)
