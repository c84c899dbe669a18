"""Columns of the linear part: bedrooms and area by market, kind and words, each place with its own effect.

A place's effect is shrunken towards its market's level by the ridge penalty, the more the fewer rents it has
(a random effect with its best linear unbiased prediction: G. Robinson, Statistical Science 6, 1991). Towns of
an advertisement are free text, so that their words and pairs of words have effects too: what `north austin`
rents for says something of `far north austin`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from realestate_assets.domain.rents.params import LinearParams
from realestate_assets.domain.rents.words import AMENITIES, TYPES

if TYPE_CHECKING:
    from scipy import sparse

PART = "|"
UNKNOWN_BEDS = "?"
Floats = np.ndarray


@dataclass(frozen=True)
class Design:
    """The columns as they were found in the rents learned from.

    Args:
        base: names of the columns of market and bedrooms.
        markets: names of the markets.
        mean_log_area: by bedrooms, and of all under UNKNOWN_BEDS: an area counts against its bedrooms' mean.
        mean_baths: stands in for unknown baths.
        mean_months: how long ago rents were asked, months; the trend turns around it.
        places: names of the columns of places.
        params: weights of the blocks.
    """

    base: pd.Index
    markets: pd.Index
    mean_log_area: pd.Series
    mean_baths: float
    mean_months: float
    places: pd.Index
    params: LinearParams

    @classmethod
    def of(cls, homes: pd.DataFrame, params: LinearParams) -> "Design":
        """The columns of the rents in `homes`."""
        beds = _beds(homes)
        means = homes["log_area"].groupby(beds).mean().dropna()
        means[UNKNOWN_BEDS] = homes["log_area"].mean() if homes["log_area"].notna().any() else 0.0
        mean_baths = homes["baths"].mean() if homes["baths"].notna().any() else 1.0
        keys = place_keys(homes)["key"]
        counts = keys.value_counts()
        return cls(
            base=pd.Index(sorted((homes["market"] + PART + beds).unique())),
            markets=pd.Index(sorted(homes["market"].unique())),
            mean_log_area=means,
            mean_baths=float(mean_baths),
            mean_months=float(homes["months_ago"].mean()) if "months_ago" in homes else 0.0,
            places=pd.Index(sorted(counts[counts >= params.min_count].index)),
            params=params,
        )

    def matrix(self, homes: pd.DataFrame) -> "sparse.csr_matrix":
        """A row a home; a place that is not known has no column, which leaves its market's level."""
        # Heavy to import: not at each start.
        from scipy import sparse

        dense = sparse.csr_matrix(self._dense(homes) * self.params.base_weight)
        trend = sparse.csr_matrix(self._trend(homes) * self.params.trend_weight)
        return sparse.hstack([dense, trend, self._places(homes) * self.params.place_weight]).tocsr()

    def _trend(self, homes: pd.DataFrame) -> Floats:
        """Months before the mean rent; a property is of now.

        Around the mean: a column that never is 0 would carry a part of the level, which the step to now
        would take away.
        """
        months = homes["months_ago"].to_numpy(float) if "months_ago" in homes else np.zeros(len(homes))
        return (months - self.mean_months)[:, None]

    def _dense(self, homes: pd.DataFrame) -> Floats:
        count, beds = len(homes), _beds(homes)
        base = _one_hot(homes["market"] + PART + beds, self.base)
        markets = _one_hot(homes["market"], self.markets)
        mean = beds.map(self.mean_log_area).fillna(self.mean_log_area[UNKNOWN_BEDS]).to_numpy(float)
        area = np.nan_to_num(homes["log_area"].to_numpy(float) - mean)
        more_beds = homes["beds"].fillna(0).to_numpy(float)
        return np.column_stack(
            [
                np.ones(count),
                # A combination of market and bedrooms that nobody advertised has the slope on bedrooms alone.
                more_beds,
                base,
                markets,
                markets * area[:, None],
                area,
                area**2,
                homes["log_area"].isna().to_numpy(float),
                homes["baths"].fillna(self.mean_baths).to_numpy(float) - self.mean_baths,
                _one_hot(homes["kind"], pd.Index(TYPES)),
                homes[list(AMENITIES)].to_numpy(float),
            ]
        )

    def _places(self, homes: pd.DataFrame) -> "sparse.csr_matrix":
        from scipy import sparse

        keys = place_keys(homes)
        at = self.places.get_indexer(keys["key"])
        found = keys[at >= 0]
        return sparse.csr_matrix(
            (found["weight"], (found["row"], at[at >= 0])), shape=(len(homes), len(self.places))
        )


def place_keys(homes: pd.DataFrame) -> pd.DataFrame:
    """Every key of a place of every home: row (by position), key, weight.

    Keys are the town as it stands, ZIP and place code with weight 1, and the words and pairs of words of the
    town, which share a weight of 1.
    """
    market = homes["market"].reset_index(drop=True)
    parts = []
    for name in ("town", "zip", "place"):
        own = homes[name].reset_index(drop=True)
        own = own[own != ""]
        parts.append(_keyed(market, own, name))
    words = homes["town"].reset_index(drop=True).str.split()
    single = words.explode().dropna()
    following = single.groupby(level=0).shift(-1)
    pairs = (single + " " + following).dropna()
    spoken = pd.concat([_keyed(market, single, "word"), _keyed(market, pairs, "word")], ignore_index=True)
    spoken = spoken.drop_duplicates(["row", "key"])
    spoken["weight"] = 1.0 / np.sqrt(spoken.groupby("row")["key"].transform("size"))
    return pd.concat([*parts, spoken], ignore_index=True)


def _keyed(market: pd.Series, values: pd.Series, name: str) -> pd.DataFrame:
    own = market.loc[values.index].to_numpy(dtype=object)
    key = own + PART + name + PART + values.to_numpy(dtype=object)
    return pd.DataFrame({"row": values.index.to_numpy(dtype=int), "key": key, "weight": 1.0})


def _beds(homes: pd.DataFrame) -> pd.Series:
    beds = homes["beds"]
    return beds.round().astype("Int64").astype(object).where(beds.notna(), UNKNOWN_BEDS).astype(str)


def _one_hot(values: pd.Series, names: pd.Index) -> Floats:
    at = names.get_indexer(values)
    found = np.zeros((len(values), len(names)))
    rows = np.flatnonzero(at >= 0)
    found[rows, at[rows]] = 1.0
    return found
