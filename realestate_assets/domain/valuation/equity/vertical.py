"""The vertical equity indicator: are the dear and the cheap valued at one level?

Source: IAAO, Standard on Ratio Studies, exposure draft of 2025, section 8.2.1. Groups are made by a proxy of
the value, half price and half value at the study's level: chance in the price counts half.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

# Sales up to which so many groups are made; below the first there is no indicator.
GROUPS = ((20, 2), (51, 4), (501, 10))
# Percent of the median level: within, the dear and the cheap are valued alike.
TOLERANCE = 10.0
# Two-sided 90 % of the normal, by which the standard ranks the ends of a group's median.
Z_90 = 1.645


@dataclass(frozen=True)
class ValueGroup:
    """One group of like value: sales, median proxy (USD), median ratio, ends of its 90 % interval."""

    sales: int
    median_proxy: float
    median_ratio: float
    low: float
    high: float


@dataclass(frozen=True)
class VerticalEquity:
    """The indicator, %, below 0 where the dear are undervalued; the groups from the cheapest to the dearest.

    `significance` is the gap between the nearest ends of both outer groups' intervals, % of the median: 0
    where they overlap or where the indicator lies within the tolerance.
    """

    vei: float
    significance: float
    groups: tuple[ValueGroup, ...]


def vertical_equity(estimate: ArrayLike, price: ArrayLike) -> VerticalEquity | None:
    """Indicator of known, positive pairs; None below 20 sales.

    VEI = 100 x (median ratio of the dearest group - of the cheapest) / median ratio. Groups: halves from 20
    sales, quarters from 51, tenths from 501. Equal proxies stand in the order of their ratios, so that the
    order of the rows does not matter.
    """
    estimates, prices = np.asarray(estimate, dtype=float), np.asarray(price, dtype=float)
    n = len(prices)
    count = max((groups for least, groups in GROUPS if n >= least), default=0)
    if not count:
        return None
    ratio = estimates / prices
    median = float(np.median(ratio))
    proxy = 0.5 * prices + 0.5 * estimates / median
    order = np.lexsort((ratio, proxy))
    ends = np.ceil(np.arange(1, count) * n / count).astype(int)
    groups = tuple(_group(proxy[rows], ratio[rows]) for rows in np.split(order, ends))
    first, last = groups[0], groups[-1]
    vei = 100.0 * (last.median_ratio - first.median_ratio) / median
    gap = max(last.low - first.high, first.low - last.high, 0.0)
    significance = 100.0 * gap / median if abs(vei) > TOLERANCE else 0.0
    return VerticalEquity(vei, significance, groups)


def _group(proxy: np.ndarray, ratio: np.ndarray) -> ValueGroup:
    ordered, n = np.sort(ratio), len(ratio)
    half = Z_90 * np.sqrt(n) / 2
    low = int(np.clip(np.ceil(n / 2 - half), 1, n))
    high = int(np.clip(np.floor(1 + n / 2 + half), 1, n))
    return ValueGroup(
        n,
        float(np.median(proxy)),
        float(np.median(ordered)),
        float(ordered[low - 1]),
        float(ordered[high - 1]),
    )
