"""Which earlier sales a property is compared to: the nearest ones, their differences and their similarity."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from realestate_assets.domain.valuation.in_place import neighbours_in_place
from realestate_assets.domain.valuation.params import ComparableParams
from realestate_assets.domain.valuation.sale_points import SalePoints

# Numbers by column, missing as NaN: much quicker than frames of a few rows.
Columns = Mapping[str, np.ndarray]
# What a comparable is matched and adjusted by, beside its area.
MEASURES = (
    "bedrooms",
    "bathrooms",
    "effective_age_years",
    "quality_code",
    "condition_code",
)


@dataclass(frozen=True)
class Pairs:
    """Subjects against their candidates or comparables: (subjects, places) arrays, sale -1 where none."""

    sale: np.ndarray
    distance: np.ndarray

    @property
    def found(self) -> np.ndarray:
        """Where there is a sale."""
        return self.sale >= 0

    def of_sale(self, values: np.ndarray) -> np.ndarray:
        """A sale's value at each place; what stands where there is none has no meaning."""
        return values[self.sale]

    def chosen(self, keep: np.ndarray, order: np.ndarray) -> "Pairs":
        """The places in another order, those not kept emptied."""
        sale = np.take_along_axis(np.where(keep, self.sale, -1), order, axis=1)
        distance = np.take_along_axis(np.where(keep, self.distance, np.inf), order, axis=1)
        return Pairs(sale, distance)


def candidate_pairs(subjects: pd.DataFrame, sales: SalePoints, params: ComparableParams) -> Pairs:
    """The nearest sales within the smallest circle that holds enough of them."""
    limit = params.radii_miles[-1]
    distance, sale = sales.nearest(subjects, params.candidates, limit)
    # The tree leaves open which of two equally distant sales is first; sales are sorted by property_id.
    order = np.lexsort((sale, distance), axis=1)
    pairs = Pairs(sale, distance).chosen(sale >= 0, order)
    radius = np.full(len(subjects), limit)
    for smaller in reversed(params.radii_miles[:-1]):
        enough = (pairs.distance <= smaller).sum(axis=1) >= params.enough_in_radius
        radius = np.where(enough, smaller, radius)
    inside = pairs.distance <= radius[:, None]
    return Pairs(np.where(inside, pairs.sale, -1), np.where(inside, pairs.distance, np.inf))


def pairs_in_place(
    subjects: pd.DataFrame, sales: pd.DataFrame, months_ago: np.ndarray, params: ComparableParams
) -> Pairs:
    """The most alike sales of each subject's place, for a county that knows no coordinates; distances NaN."""
    scales = params.scales
    alike = {
        "living_area_sqft": scales.size_log,
        "lot_area_sqft": scales.lot_log,
        "bedrooms": scales.bedrooms,
        "bathrooms": scales.bathrooms,
        "effective_age_years": scales.age_years,
        "months_ago": scales.months_ago,
    }
    ages = np.zeros(len(subjects)), months_ago
    sale = neighbours_in_place(subjects, sales, ages, alike, params.candidates)
    return Pairs(sale, np.full(sale.shape, np.nan))


def differences(subjects: Columns, sales: Columns) -> dict[str, np.ndarray]:
    """Subject minus sale of each pair; NaN where either is unknown. Areas also as logarithms."""

    def minus(name: str, scale: np.ufunc | None = None) -> np.ndarray:
        subject, sale = subjects[name], sales[name]
        return subject - sale if scale is None else scale(subject) - scale(sale)

    return {
        **{name: minus(name) for name in (*MEASURES, "living_area_sqft")},
        "size_log": minus("living_area_sqft", np.log),
        "lot_log": minus("lot_area_sqft", np.log),
    }


def similarity(
    distance: np.ndarray, difference: dict[str, np.ndarray], months_ago: np.ndarray, params: ComparableParams
) -> np.ndarray:
    """1 / (1 + sum of squared scaled differences); an unknown one counts as one scale's difference.

    So does a distance that nobody knows.
    """
    scales = params.scales
    known = np.where(np.isnan(distance), scales.distance_miles, distance)
    total = (known / scales.distance_miles) ** 2
    total += (months_ago / scales.months_ago) ** 2
    for name, scale in (
        ("size_log", scales.size_log),
        ("lot_log", scales.lot_log),
        ("bedrooms", scales.bedrooms),
        ("bathrooms", scales.bathrooms),
        ("effective_age_years", scales.age_years),
        ("quality_code", scales.quality_grades),
        ("condition_code", scales.condition_points),
    ):
        scaled = (difference[name] / scale) ** 2
        total += np.where(np.isnan(scaled), 1.0, scaled)
    return 1.0 / (1.0 + total)
