"""Ratio study: how well estimates agree with prices, in the measures of mass appraisal.

Formulas: IAAO, Standard on Ratio Studies (2013), section 5 and appendix D; for KI and MKI C. Quintos, A Gini
measure for vertical equity in property assessments (Journal of Property Tax Assessment & Administration 17,
2020), after N. Kakwani, Measurement of tax progressivity (Economic Journal 87, 1977). What counts as good is
for the checks to say.
"""

import numpy as np
from numpy.typing import ArrayLike

# IAAO standard, 2013: figures of fewer than five sales are not to be relied on.
MIN_SALES = 5
MEASURES = ("median_ratio", "cod", "prd", "prb", "ki", "mki", "mdape_pct", "log_r2")


def ratio_study(estimate: ArrayLike, price: ArrayLike, *, min_sales: int = MIN_SALES) -> dict:
    """Measures of the pairs in which both are known and positive.

    r = estimate / price.
    COD = 100 x mean |r - median r| / median r. PRD = mean r / (sum of estimates / sum of prices); above 1
    the dear are undervalued. PRB = slope of (r - median r) / median r on log2 of the mean of the price and
    estimate / median r (D. Gloudemans, 2011). KI = C - G and MKI = C / G, with G the Gini coefficient of the
    prices and C the concentration of the estimates in the order of the prices: below 0, and below 1, the
    dear are undervalued. MdAPE = median |r - 1|. log_r2: share of the variance of the log price explained.

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
    ki, mki = _kakwani(estimates, prices)
    return {
        "n": n,
        "median_ratio": median,
        "cod": float(100.0 * np.mean(np.abs(ratio - median)) / median),
        "prd": float(np.mean(ratio) / (estimates.sum() / prices.sum())),
        "prb": _slope(np.log2(0.5 * (prices + estimates / median)), (ratio - median) / median),
        "ki": ki,
        "mki": mki,
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


def concentration(values: np.ndarray, ranks: np.ndarray) -> float:
    """Concentration coefficient of values in a given order, -1 to 1; by their own order it is the Gini.

    (2 x sum of rank x value / sum of values - (n + 1)) / n, with ranks from 1 to n.
    """
    n = len(values)
    return float((2.0 * (ranks * values).sum() / values.sum() - (n + 1)) / n)


def _kakwani(estimates: np.ndarray, prices: np.ndarray) -> tuple[float | None, float | None]:
    """KI and MKI; None where all prices are equal. Equal prices share their mean rank, in any order."""
    # Heavy to import: not at each start.
    from scipy.stats import rankdata

    ranks = rankdata(prices)
    gini, concentrated = concentration(prices, ranks), concentration(estimates, ranks)
    if gini <= 1e-12:
        return None, None
    return concentrated - gini, concentrated / gini
