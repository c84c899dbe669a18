"""The bias of predictions by their own size: what out-of-fold values are off in each band of value.

A band's bias is believed as far as it stands above its own standard error: with b the median residual of a
band and s its standard error, the positive part of 1 - s^2 / b^2 of it is taken off (the nonnegative garrote,
L. Breiman, Better Subset Regression Using the Nonnegative Garrote, Technometrics 37, 1995, for orthogonal
estimates). What chance explains is left alone, and a band of few sales needs a larger bias to be corrected.
"""

import numpy as np

from realestate_assets.domain.core.robust import MAD_TO_SD

# Standard error of a median of n normal values: sqrt(pi / 2) x sd / sqrt(n), where the standard deviation is
# 1.4826 x the median absolute deviation.
MEDIAN_ERROR = float(np.sqrt(np.pi / 2))
# Steeper than this, log points of correction a log point of value, two values would change places.
STEEPEST = 0.9

Curve = tuple[tuple[float, ...], tuple[float, ...]]


def band_correction(residual: np.ndarray, log_value: np.ndarray, bands: int, least: int) -> Curve:
    """What is to be added to a log value, at the middle of each band; linear between, level outside.

    The corrected values stand in the order of the values.

    Args:
        residual: log price less out-of-fold log value, less the bias of all.
        log_value: the out-of-fold log values.
        bands: as many of equal count at most.
        least: fewest sales of a band.

    Returns:
        Middles and corrections, both of equal length; empty where fewer than two bands are filled or none is
        off by more than chance.
    """
    count = min(bands, len(log_value) // least)
    if count < 2:
        return (), ()
    parts = np.array_split(np.argsort(log_value, kind="stable"), count)
    middles = np.array([np.median(log_value[rows]) for rows in parts])
    believed = np.array([_believed(residual[rows]) for rows in parts])
    kept = np.concatenate([[True], np.diff(middles) > 0])
    middles, believed = middles[kept], _ordered(middles[kept], believed[kept])
    if len(middles) < 2 or not believed.any():
        return (), ()
    return tuple(middles.tolist()), tuple(believed.tolist())


def corrected(log_value: np.ndarray, curve: Curve) -> np.ndarray:
    """The log values with their bands' correction."""
    middles, points = curve
    return log_value + np.interp(log_value, middles, points) if middles else log_value


def _believed(residual: np.ndarray) -> float:
    """The part of a band's median residual that its standard error does not explain."""
    bias = float(np.median(residual))
    error = MEDIAN_ERROR * MAD_TO_SD * float(np.median(np.abs(residual - bias))) / np.sqrt(len(residual))
    return bias * (1.0 - (error / bias) ** 2) if abs(bias) > error else 0.0


def _ordered(middles: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Corrections that fall by no more than STEEPEST a log point of value."""
    rising = points + STEEPEST * middles
    return np.maximum.accumulate(rising) - STEEPEST * middles
