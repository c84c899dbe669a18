"""A linear hedonic of the log price: the baseline beside the trees, and the base of the local learner."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from realestate_assets.domain.valuation.extra_columns import ExtraColumn, extra_terms
from realestate_assets.domain.valuation.params import HedonicParams

LOG_TERMS = ("living_area_sqft", "lot_area_sqft", "nearby_living_area_sqft", "nearby_lot_area_sqft")
PLAIN_TERMS = (
    "quality_code",
    "bedrooms",
    "bathrooms",
    "view_code",
    "year_built",
    "effective_age_years",
    "stories",
    "basement_share",
    "condition_code",
    "garage_spaces",
    "is_waterfront",
    "is_condo",
    "is_townhouse",
)
SQUARED_TERMS = (
    "log_living_area_sqft",
    "log_lot_area_sqft",
    "quality_code",
    "bedrooms",
    "bathrooms",
    "view_code",
    "year_built",
    "effective_age_years",
)
# A place has a level of its own, and a slope of its own for these: the square foot and the grade are worth
# more in some ZIPs than in others.
PLACE_SLOPES = ("log_living_area_sqft", "quality_code")
PASSES = 2


def hedonic_terms(frame: pd.DataFrame, extra: Sequence[ExtraColumn] = ()) -> pd.DataFrame:
    """The attributes, their logs and squares, and a county's own facts; missing as NaN."""
    terms = {f"log_{name}": np.log(_positive(_numbers(frame, name))) for name in LOG_TERMS}
    terms |= {name: _numbers(frame, name) for name in PLAIN_TERMS}
    # Homes sell dearer in their first years; the month of the record says how old it was.
    built = frame["month"].str[:4].to_numpy(dtype=float) - terms["year_built"]
    terms["years_since_built_to_5"] = np.clip(built, 0.0, 5.0)
    terms |= {f"{name}_squared": terms[name] ** 2 for name in SQUARED_TERMS}
    terms["area_by_quality"] = terms["log_living_area_sqft"] * terms["quality_code"]
    return pd.DataFrame(terms | extra_terms(frame, extra), index=frame.index)


@dataclass(frozen=True)
class Hedonic:
    """log price = intercept + sum of coefficient x standardised term + the place's level and slopes.

    `place_effects` has a row for each place: its level, then its slopes in the order of PLACE_SLOPES.
    """

    intercept: float
    terms: tuple[str, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    coefficients: tuple[float, ...]
    places: tuple[str, ...]
    place_effects: tuple[tuple[float, ...], ...]

    def contributions(self, terms: pd.DataFrame, place: pd.Series) -> pd.DataFrame:
        """Log points of each term and of the `place`; with the intercept they add up to the prediction."""
        return pd.DataFrame(self.points(terms, place), index=terms.index)

    def predict(self, terms: pd.DataFrame, place: pd.Series) -> np.ndarray:
        """Log price by `hedonic_terms` and place. Summed term by term: no BLAS, the same on any threads."""
        total = np.full(len(terms), self.intercept)
        for values in self.points(terms, place).values():
            total += values
        return total

    def to_dict(self) -> dict[str, Any]:
        """As stored with the model."""
        return {
            "intercept": self.intercept,
            "terms": list(self.terms),
            "means": list(self.means),
            "scales": list(self.scales),
            "coefficients": list(self.coefficients),
            "places": list(self.places),
            "place_effects": [list(row) for row in self.place_effects],
        }

    @classmethod
    def from_dict(cls, stored: dict) -> "Hedonic":
        """From what `to_dict` gave."""
        lists = {k: tuple(v) for k, v in stored.items() if k not in ("intercept", "place_effects")}
        effects = tuple(tuple(row) for row in stored["place_effects"])
        return cls(intercept=stored["intercept"], place_effects=effects, **lists)

    def points(self, terms: pd.DataFrame, place: pd.Series) -> dict[str, np.ndarray]:
        """`contributions` by name."""
        standard = self._standard(terms)
        found = dict(zip(self.terms, (standard * np.asarray(self.coefficients)).T, strict=True))
        chosen = self._effects[self._places.get_indexer(place.astype(object))]
        slopes = [standard[:, self.terms.index(name)] for name in self._slopes]
        found["place"] = (chosen * np.column_stack([np.ones(len(terms)), *slopes])).sum(axis=1)
        return found

    @cached_property
    def _effects(self) -> np.ndarray:
        """One row of zeros more than places: the place that training did not know."""
        known = np.asarray(self.place_effects).reshape(len(self.places), self._width)
        return np.vstack([known, np.zeros(self._width)])

    @cached_property
    def _places(self) -> pd.Index:
        return pd.Index(self.places, dtype=object)

    @property
    def _slopes(self) -> tuple[str, ...]:
        return tuple(name for name in PLACE_SLOPES if name in self.terms)

    @property
    def _width(self) -> int:
        return 1 + len(self._slopes)

    def _standard(self, terms: pd.DataFrame) -> np.ndarray:
        values = (terms[list(self.terms)].to_numpy(float) - np.asarray(self.means)) / np.asarray(self.scales)
        return np.nan_to_num(values, nan=0.0)


def fit_hedonic(terms: pd.DataFrame, place: pd.Series, target: np.ndarray, params: HedonicParams) -> Hedonic:
    """Ridge regression in two passes, the second with Huber's weights (P. Huber, Robust Statistics, 1981).

    Args:
        terms: of `hedonic_terms`; a missing value counts as the mean, a constant term is left out.
        place: the code of place of each row, or null.
        target: log prices at one level of time.
        params: penalties and the residual beyond which a sale weighs less.
    """
    values = terms.to_numpy(float)
    known = np.isfinite(values)
    count = np.maximum(known.sum(axis=0), 1)
    means = np.where(known, values, 0.0).sum(axis=0) / count
    scales = np.sqrt((np.where(known, values - means, 0.0) ** 2).sum(axis=0) / count)
    used = np.flatnonzero(scales > 1e-9)
    standard = np.where(known, values - means, 0.0)[:, used] / scales[used]
    names = tuple(terms.columns[used])
    places = tuple(sorted(place.dropna().unique()))
    level = np.eye(len(places) + 1)[pd.Index(places, dtype=object).get_indexer(place.astype(object)), :-1]
    slopes = [level * standard[:, [names.index(name)]] for name in PLACE_SLOPES if name in names]
    design = np.column_stack([np.ones(len(terms)), standard, level, *slopes])
    penalty = np.concatenate(
        [
            [0.0],
            _term_penalties(names, scales[used], params),
            np.full(len(places), params.place_penalty),
            np.full(len(places) * len(slopes), params.place_slope_penalty),
        ]
    )
    solution = _solve(design, target, penalty, params.huber)
    effects = solution[1 + len(names) :].reshape(1 + len(slopes), len(places)).T
    return Hedonic(
        intercept=float(solution[0]),
        terms=names,
        means=tuple(means[used].tolist()),
        scales=tuple(scales[used].tolist()),
        coefficients=tuple(solution[1 : 1 + len(names)].tolist()),
        places=places,
        place_effects=tuple(map(tuple, effects.tolist())),
    )


def _term_penalties(names: Sequence[str], scales: np.ndarray, params: HedonicParams) -> np.ndarray:
    """A category of a fact is shrunk as a place is, by its sales: the more there are, the less."""
    is_category = np.array(["=" in name for name in names], dtype=bool)
    return np.where(is_category, params.place_penalty / scales**2, params.term_penalty)


def _solve(design: np.ndarray, target: np.ndarray, penalty: np.ndarray, huber: float) -> np.ndarray:
    centre = float(np.median(target))
    weight = np.ones(len(target))
    for _ in range(PASSES):
        weighted = design * weight[:, None]
        # The least that keeps an undetermined system solvable, far below any penalty.
        normal = design.T @ weighted + np.diag(penalty + 1e-9)
        solution = np.linalg.solve(normal, weighted.T @ (target - centre))
        residual = np.abs(target - centre - design @ solution)
        weight = np.minimum(1.0, huber / np.maximum(residual, 1e-9))
    solution[0] += centre
    return solution


def _numbers(frame: pd.DataFrame, name: str) -> np.ndarray:
    return frame[name].to_numpy(dtype=float, na_value=np.nan)


def _positive(values: np.ndarray) -> np.ndarray:
    return np.where(values > 0, values, np.nan)
