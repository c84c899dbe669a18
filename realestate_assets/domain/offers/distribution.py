"""Distributions of log(sale / ask) by band of log(value / ask); a thin group leans on a larger one.

Groups are averaged quantile by quantile (Vincent averaging; C. Genest, Annals of Statistics 20, 1992): where
sales at exactly the ask are a fifth of both groups they are a fifth of the average, which a shift would lose.
The share of sales above the ask is averaged on its own: a mean of two quantiles is above the ask where either
is, so that quantiles alone tell the larger share of the two.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

Floats = np.ndarray
# A hundred-thousandth of a log point is a few dollars a home.
DECIMALS = 5
# What lies this near to the ask is a sale at the ask.
AT_ASK = 1e-9


@dataclass(frozen=True)
class Bands:
    """Quantiles of sized log(sale / ask), a row a band, at the middle of each band of log(value / ask).

    Between the middles quantiles are interpolated, outside they stay: a dearer ask never has a larger
    quantile, for each level rises with log(value / ask). `above` is the share of sales above their ask, a
    figure a band, and rises likewise.
    """

    middles: tuple[float, ...]
    quantiles: Floats
    above: Floats

    def at(self, log_discount: Floats) -> Floats:
        """Quantiles of each home, levels as columns."""
        columns = [np.interp(log_discount, self.middles, column) for column in self.quantiles.T]
        return np.column_stack(columns)

    def above_at(self, log_discount: Floats) -> Floats:
        """Share of sales above their ask, a figure a home."""
        return np.interp(log_discount, self.middles, self.above)

    def to_dict(self) -> dict[str, Any]:
        """As stored."""
        rows, above = (np.round(each, DECIMALS) + 0.0 for each in (self.quantiles, self.above))
        return {"middles": list(self.middles), "quantiles": rows.tolist(), "above": above.tolist()}

    @classmethod
    def from_dict(cls, stored: dict) -> "Bands":
        """From what `to_dict` gave."""
        arrays = (np.array(stored[name], dtype=float) for name in ("quantiles", "above"))
        return cls(tuple(stored["middles"]), *arrays)


def levels(count: int) -> Floats:
    """Levels of the stored quantiles."""
    return (np.arange(count) + 0.5) / count


def weighted_quantiles(values: Floats, weights: Floats, at: Floats) -> Floats:
    """Quantiles of weighted values, by the middle of each value's weight."""
    order = np.argsort(values, kind="stable")
    heaped = np.cumsum(weights[order])
    return np.interp(at, (heaped - weights[order] / 2) / heaped[-1], values[order])


def rising(values: Floats, weights: Floats) -> Floats:
    """Nearest rising sequence to each column (pool adjacent violators; R. Barlow et al., 1972).

    Columns that lie above one another everywhere still do afterwards, for all have the same weights.
    """
    return np.column_stack([_rising_column(column, weights) for column in values.T])


def _rising_column(values: Floats, weights: Floats) -> Floats:
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        mean, heavy, size = value, weight, 1
        while pools and pools[-1][0] > mean:
            other, other_weight, other_size = pools.pop()
            heavy += other_weight
            mean = other + (mean - other) * (heavy - other_weight) / heavy
            size += other_size
        pools.append((mean, heavy, size))
    return np.repeat([mean for mean, _, _ in pools], [size for _, _, size in pools])


def band_edges(log_discount: Floats, weights: Floats, shares: tuple[float, ...]) -> tuple[Floats, Floats]:
    """Inner edges of the bands, and the middle of each: shares of the weight of some sales."""
    inner = weighted_quantiles(log_discount, weights, np.array(shares[1:-1]))
    centres = (np.array(shares[:-1]) + np.array(shares[1:])) / 2
    middles = weighted_quantiles(log_discount, weights, centres)
    # Equal middles would make the interpolation ambiguous; no difference is visible.
    return inner, np.maximum.accumulate(middles + np.arange(len(middles)) * 1e-9)


def leaning(sized: Floats, band: Floats, weights: Floats, parent: Bands, trust: float) -> Bands:
    """Bands of a group, each leaning on the same band of a larger group, and rising from band to band.

    Args:
        sized: sized log(sale / ask) of the group's sales.
        band: band of each.
        weights: weight of each.
        parent: of the larger group.
        trust: weight of sales at which a band is believed by half.
    """
    quantiles, above, heavy = parent.quantiles.copy(), parent.above.copy(), np.zeros(len(parent.above))
    at = levels(quantiles.shape[1])
    for row in np.unique(band):
        own = band == row
        heavy[row] = weights[own].sum()
        share = heavy[row] / (heavy[row] + trust)
        quantiles[row] += share * (weighted_quantiles(sized[own], weights[own], at) - quantiles[row])
        above[row] += share * (np.average(sized[own] > AT_ASK, weights=weights[own]) - above[row])
    weight = heavy + trust
    return Bands(parent.middles, rising(quantiles, weight), rising(above[:, None], weight)[:, 0])
