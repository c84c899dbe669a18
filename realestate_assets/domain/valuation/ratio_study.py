"""Ratio study: how well estimates agree with prices, in the measures of mass appraisal.

Formulas: IAAO, Standard on Ratio Studies (2013), section 5 and appendix D. What counts as good is for the
checks to say.
"""

import numpy as np
from numpy.typing import ArrayLike

# IAAO standard, 2013: figures of fewer than five sales are not to be relied on.
MIN_SALES = 5
MEASURES = ("median_ratio", "cod", "prd", "prb", "mdape_pct", "log_r2")


def ratio_study(estimate: ArrayLike, price: ArrayLike, *, min_sales: int = MIN_SALES) -> dict:
    """Measures of the pairs in which both are known and positive.

    r = estimate / price.
    COD = 100 x mean |r - median r| / median r. PRD = mean r / (sum of estimates / sum of prices); above 1
    the dear are undervalued. PRB = slope of (r - median r) / median r on log2 of the mean of the price and
    estimate / median r (D. Gloudemans, 2011). MdAPE = median |r - 1|. log_r2: share of the variance of the
    log price explained.

    Returns:
        n and MEASURES; a measure is None below `min_sales` pairs or where it is not defined.
    """
    estimates, prices = np.asarray(estimate, dtype=float), np.asarray(price, dtype=float)
    known = np.isfinite(estimates) & np.isfinite(prices) & (estimates > 0) & (prices > 0)
    estimates, prices = estimates[known], prices[known]
    n = len(prices)
    if n < max(min_sales, 1):
        return {"n": n, **dict.fromkeys(MEASURES)}
    ratio = estimates / prices
    median = float(np.median(ratio))
    return {
        "n": n,
        "median_ratio": median,
        "cod": float(100.0 * np.mean(np.abs(ratio - median)) / median),
        "prd": float(np.mean(ratio) / (estimates.sum() / prices.sum())),
        "prb": _slope(np.log2(0.5 * (prices + estimates / median)), (ratio - median) / median),
        "mdape_pct": float(100.0 * np.median(np.abs(ratio - 1.0))),
        "log_r2": _r_squared(np.log(estimates), np.log(prices)),
    }


def interval_coverage(
    lower: ArrayLike, upper: ArrayLike, price: ArrayLike, *, min_sales: int = MIN_SALES
) -> float | None:
    """Share of the prices inside [lower, upper], where all three are known; None below `min_sales`."""
    low, high, prices = (np.asarray(values, dtype=float) for values in (lower, upper, price))
    known = np.isfinite(low) & np.isfinite(high) & np.isfinite(prices)
    if known.sum() < max(min_sales, 1):
        return None
    return float(np.mean((low[known] <= prices[known]) & (prices[known] <= high[known])))


def _slope(x: np.ndarray, y: np.ndarray) -> float | None:
    centred = x - x.mean()
    spread = float((centred**2).sum())
    # Equal values leave rounding noise, not a slope.
    return float((centred * y).sum() / spread) if spread > 1e-12 * len(x) else None


def _r_squared(estimate: np.ndarray, price: np.ndarray) -> float | None:
    total = float(((price - price.mean()) ** 2).sum())
    return 1.0 - float(((price - estimate) ** 2).sum()) / total if total > 1e-12 * len(price) else None
