"""Sales that homes of one property type may be compared to: made ready once, chosen from home after home."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from realestate_assets.domain.comparables.classes import MATCHED
from realestate_assets.domain.comparables.matching import (
    MEASURES,
    Columns,
    Pairs,
    candidate_pairs,
    pairs_in_place,
)
from realestate_assets.domain.comparables.model_lines import COLUMNS
from realestate_assets.domain.valuation.history import months_before
from realestate_assets.domain.valuation.in_place import has_coordinates
from realestate_assets.domain.valuation.params import ComparableParams
from realestate_assets.domain.valuation.sale_points import SalePoints
from realestate_assets.domain.valuation.time_index import TimeIndex

# What a pair is measured by.
MEASURED = (*MEASURES, "living_area_sqft", "lot_area_sqft", "sale_price_usd", *COLUMNS)


@dataclass(frozen=True)
class Alike:
    """Those of the same classes: row numbers, and what the nearest or the most alike are found by."""

    rows: np.ndarray
    near: SalePoints | pd.DataFrame


@dataclass(frozen=True)
class SalesOfType:
    """Sales with all that does not hang on a subject.

    Attributes:
        sales: numbered from 0.
        measures: MEASURED.
        months_ago: their ages.
        time_points: log points from each sale's day to the month.
        classes: MATCHED of each.
        is_by_distance: whether any has coordinates, and then all have.
    """

    sales: pd.DataFrame
    measures: Columns
    months_ago: np.ndarray
    time_points: np.ndarray
    classes: np.ndarray
    is_by_distance: bool
    _alike: dict[tuple[tuple[int, ...], bytes], Alike] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, sales: pd.DataFrame, month: str, index: TimeIndex) -> "SalesOfType":
        """Make sales ready.

        Args:
            sales: with the classes.
            month: the valued month.
            index: the time index.
        """
        sales = sales.reset_index(drop=True)
        return cls(
            sales,
            measures_of(sales),
            months_before(sales["sale_date"], month).to_numpy(float),
            index.log_adjustment(sales["sale_date"]),
            classes_of(sales),
            has_coordinates(sales),
        )

    def pairs(
        self, subjects: pd.DataFrame, kept: tuple[int, ...], classes: np.ndarray, params: ComparableParams
    ) -> tuple[np.ndarray, Pairs] | None:
        """Row numbers of the sales of some classes, and the subjects' candidates by position among these.

        Args:
            subjects: all of these classes.
            kept: which of MATCHED are asked for.
            classes: theirs.
            params: candidates, circles.
        """
        alike = self._of_classes(kept, classes)
        if not len(alike.rows):
            return None
        if isinstance(alike.near, SalePoints):
            return alike.rows, candidate_pairs(subjects, alike.near, params)
        return alike.rows, pairs_in_place(subjects, alike.near, self.months_ago[alike.rows], params)

    def _of_classes(self, kept: tuple[int, ...], classes: np.ndarray) -> Alike:
        key = kept, classes.tobytes()
        found = self._alike.get(key)
        if found is None:
            rows = np.flatnonzero((self.classes[:, kept] == classes).all(axis=1))
            own = self.sales.iloc[rows].reset_index(drop=True)
            # Two threads may make it at once: they make the same.
            found = self._alike[key] = Alike(rows, SalePoints.of(own) if self.is_by_distance else own)
        return found


def measures_of(homes: pd.DataFrame) -> Columns:
    """MEASURED, as far as the homes have them."""
    names = set(homes.columns)
    return {name: homes[name].to_numpy(dtype=float, na_value=np.nan) for name in MEASURED if name in names}


def classes_of(homes: pd.DataFrame) -> np.ndarray:
    """MATCHED of homes of `with_classes`, a row a home."""
    return homes[[f"class_{name}" for name in MATCHED]].to_numpy(int)
