"""Confidence intervals of a ratio study: order statistics for the median, the bootstrap for the rest.

Sources: the interval of the median by the binomial distribution, W. J. Conover, Practical Nonparametric
Statistics (3rd ed., 1999), section 3.2, as the IAAO standard recommends; percentile bootstrap, B. Efron and
R. Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binom

from realestate_assets.domain.valuation.ratio_study import MIN_SALES

CONFIDENCE = 0.95
# Ends of a 95 % interval from 200 resamples scatter by about a tenth of its width; a thousand would cost five
# times as much (5 s for 13 months of King County) and change no verdict.
RESAMPLES = 200
SEED = 20
# Cells of one block of resamples: bounds the memory at some 100 MB whatever the number of sales.
BLOCK_CELLS = 1_500_000
BOOTSTRAPPED = ("cod", "prd", "prb", "mki")
# The sums are made by BLAS, whose last digits depend on its number of threads; a millionth does not.
DECIMALS = 6

Ends = tuple[float, float]


def median_interval(ratio: ArrayLike, confidence: float = CONFIDENCE) -> Ends | None:
    """Interval of the median between two order statistics; None where too few values give one (below 6)."""
    values = np.sort(np.asarray(ratio, dtype=float))
    n = len(values)
    # The j-th smallest and j-th largest value hold the median unless fewer than j values lie on one side.
    j = int(binom.ppf((1.0 - confidence) / 2.0, n, 0.5)) if n else 0
    return (float(values[j - 1]), float(values[n - j])) if j >= 1 else None


def bootstrap_intervals(
    estimate: ArrayLike,
    price: ArrayLike,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
    min_sales: int = MIN_SALES,
) -> dict[str, Ends | None]:
    """Percentile intervals of BOOTSTRAPPED; None below `min_sales` pairs, without resamples or undefined.

    The pairs are known and positive; their order does not matter, the seed alone decides the resamples.

    Args:
        estimate: estimates, USD.
        price: prices, USD.
        resamples: how often the sales are drawn anew, with replacement.
        seed: of the drawing.
        min_sales: fewest pairs.
    """
    estimates, prices = np.asarray(estimate, dtype=float), np.asarray(price, dtype=float)
    n = len(prices)
    if n < max(min_sales, 2) or resamples < 1:
        return dict.fromkeys(BOOTSTRAPPED)
    order = np.lexsort((prices, estimates / prices))
    pairs = _Pairs(estimates[order], prices[order])
    random, drawn = np.random.default_rng(seed), []
    block = max(1, BLOCK_CELLS // n)
    for start in range(0, resamples, block):
        drawn.append(pairs.figures(_counts(random, n, min(block, resamples - start))))
    tail = 50.0 * (1.0 - CONFIDENCE)
    return {name: _ends(np.concatenate([figures[name] for figures in drawn]), tail) for name in BOOTSTRAPPED}


def _ends(values: np.ndarray, tail: float) -> Ends | None:
    known = values[np.isfinite(values)]
    # Resamples of equal prices have no slope; where most have none, nor has the study an interval.
    if 2 * len(known) < len(values):
        return None
    low, high = np.round(np.percentile(known, [tail, 100.0 - tail]), DECIMALS)
    return float(low), float(high)


def _counts(random: np.random.Generator, n: int, rows: int) -> np.ndarray:
    """How often each of n sales is drawn in each resample, one row a resample."""
    drawn = random.integers(0, n, (rows, n)) + np.arange(rows)[:, None] * n
    return np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n).astype(float)


class _Pairs:
    """Sales in the order of their ratio; figures of many resamples at once, from counts alone."""

    def __init__(self, estimates: np.ndarray, prices: np.ndarray) -> None:
        self.estimates, self.prices, self.ratio = estimates, prices, estimates / prices
        self.by_price = np.lexsort((estimates, prices))

    def figures(self, counts: np.ndarray) -> dict[str, np.ndarray]:
        """BOOTSTRAPPED of each resample; NaN where one is undefined."""
        n = len(self.ratio)
        median = self._medians(counts)
        deviation = self.ratio - median[:, None]
        totals = counts @ np.column_stack([self.ratio, self.estimates, self.prices])
        with np.errstate(invalid="ignore", divide="ignore"):
            return {
                "cod": 100.0 * np.einsum("ij,ij->i", counts, np.abs(deviation)) / n / median,
                "prd": totals[:, 0] / n * totals[:, 2] / totals[:, 1],
                "prb": self._slopes(counts, deviation / median[:, None], median),
                "mki": self._mki(counts, totals[:, 1], totals[:, 2]),
            }

    def _medians(self, counts: np.ndarray) -> np.ndarray:
        n = counts.shape[1]
        reached = np.cumsum(counts, axis=1)
        middle = [self.ratio[(reached > position).argmax(axis=1)] for position in ((n - 1) // 2, n // 2)]
        return 0.5 * (middle[0] + middle[1])

    def _slopes(self, counts: np.ndarray, y: np.ndarray, median: np.ndarray) -> np.ndarray:
        n = counts.shape[1]
        x = np.log2(0.5 * (self.prices + self.estimates / median[:, None]))
        x -= (np.einsum("ij,ij->i", counts, x) / n)[:, None]
        weighted = counts * x
        spread = np.einsum("ij,ij->i", weighted, x)
        return np.where(spread > 1e-12 * n, np.einsum("ij,ij->i", weighted, y) / spread, np.nan)

    def _mki(self, counts: np.ndarray, estimated: np.ndarray, paid: np.ndarray) -> np.ndarray:
        """Copies of one sale share its ranks; sales of equal price are so few that their order is nothing."""
        n = counts.shape[1]
        ordered = counts[:, self.by_price]
        # Sum of the ranks of the copies of each sale.
        ranks = ordered * (np.cumsum(ordered, axis=1) - 0.5 * (ordered - 1.0))
        gini = 2.0 * (ranks @ self.prices[self.by_price]) / paid - (n + 1)
        concentrated = 2.0 * (ranks @ self.estimates[self.by_price]) / estimated - (n + 1)
        return np.where(gini > 1e-12 * n, concentrated / gini, np.nan)
