"""Comparables: earlier, nearby, alike sales of each property, and the line adjustments that bring each to it.

The sales comparison approach (Appraisal Institute, The Appraisal of Real Estate, 15th ed., chapters 19 to 21).
Rates, scales and caps stand in valuation/params.yaml with their reasons; the value after repair in arv.py.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from realestate_assets.domain.earlier_sales import earlier_sales, months_before, of_kind
from realestate_assets.domain.nearby import neighbours
from realestate_assets.domain.tables import COMPARABLES
from realestate_assets.domain.valuation.params import ComparableParams, ValuationParams
from realestate_assets.domain.valuation.time_index import ATTRIBUTES, LOG_ATTRIBUTES, TimeIndex, fit_time_index

SUBJECT_COLUMNS = (
    "county",
    "month",
    "property_id",
    "is_simulated",
    "property_type",
    "latitude",
    "longitude",
    "street",
    "zip",
    "year_built",
    *dict.fromkeys((*LOG_ATTRIBUTES, *ATTRIBUTES)),
)
RECORD_COLUMNS = (*SUBJECT_COLUMNS, "sale_date", "sale_price_usd")
LINES = ("time", "living_area", "lot_area", "bedrooms", "bathrooms", "age", "quality", "condition")
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


def comparables(
    subjects: pd.DataFrame, records: pd.DataFrame, month: str, params: ValuationParams
) -> pd.DataFrame:
    """Rows of raw.comparables for the subjects of one county and month.

    A subject without coordinates or living area has none. A simulated one has simulated ones alone.

    Args:
        subjects: rows of features of the month, with SUBJECT_COLUMNS.
        records: rows of features of earlier months, with RECORD_COLUMNS; others are passed over.
        month: sales before its first day count.
        params: choice, scales, rates and caps; the time index.
    """
    known = subjects[["latitude", "longitude", "living_area_sqft"]].notna().all(axis=1)
    history = earlier_sales(records, month)
    parts = []
    for simulated in (False, True):
        sales = of_kind(history, simulated).dropna(subset=["latitude", "longitude"])
        index = fit_time_index(of_kind(history, simulated), params.time_index)
        recent = sales[months_before(sales["sale_date"], month) <= params.comparables.max_months + 0.5]
        for group, candidates in _by_type(of_kind(subjects[known], simulated), recent):
            parts.append(_of_group(group, candidates.reset_index(drop=True), month, index, params.comparables))
    if not parts:
        return pd.DataFrame(columns=COMPARABLES.column_names)
    return pd.concat(parts, ignore_index=True).sort_values(
        ["county", "month", "property_id", "comp_rank"], ignore_index=True
    )


def _by_type(subjects: pd.DataFrame, sales: pd.DataFrame) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Subjects of each property type with the sales they may be compared to; an unknown type excludes none."""
    groups = []
    for kind in sorted(subjects["property_type"].dropna().unique()):
        alike = sales[sales["property_type"].isna() | (sales["property_type"] == kind)]
        groups.append((subjects[subjects["property_type"] == kind], alike))
    groups.append((subjects[subjects["property_type"].isna()], sales))
    return [(group, alike) for group, alike in groups if len(group) and len(alike)]


def _of_group(
    subjects: pd.DataFrame, sales: pd.DataFrame, month: str, index: TimeIndex, params: ComparableParams
) -> pd.DataFrame:
    pairs = _candidates(subjects, sales, params)
    differences = _differences(subjects, sales, pairs)
    months_ago = pairs.of_sale(months_before(sales["sale_date"], month).to_numpy(float))
    similarity = np.where(pairs.found, _similarity(pairs, differences, months_ago, params), -1.0)
    # Stable: of equally alike sales the nearer stands first, then the one of the smaller property_id.
    order = np.argsort(-similarity, axis=1, kind="stable")[:, : params.count]
    chosen = pairs.chosen(pairs.found, order)
    chosen_differences = {name: np.take_along_axis(d, order, axis=1) for name, d in differences.items()}
    lines, repair = _adjustments(subjects, sales, chosen, chosen_differences, index, params)
    figures = {
        "months_ago": np.take_along_axis(months_ago, order, axis=1),
        "similarity": np.take_along_axis(similarity, order, axis=1),
        "distance_mi": chosen.distance,
        **{f"adj_{name}_usd": line for name, line in lines.items()},
        "adj_repair_usd": repair,
    }
    return _rows(subjects, sales, chosen, figures)


def _candidates(subjects: pd.DataFrame, sales: pd.DataFrame, params: ComparableParams) -> Pairs:
    """The nearest sales within the smallest circle that holds enough of them."""
    limit = params.radii_miles[-1]
    distance, sale = neighbours(subjects, sales, params.candidates, limit)
    # The tree leaves open which of two equally distant sales is first; sales are sorted by property_id.
    order = np.lexsort((sale, distance), axis=1)
    pairs = Pairs(sale, distance).chosen(sale >= 0, order)
    radius = np.full(len(subjects), limit)
    for smaller in reversed(params.radii_miles[:-1]):
        enough = (pairs.distance <= smaller).sum(axis=1) >= params.enough_in_radius
        radius = np.where(enough, smaller, radius)
    inside = pairs.distance <= radius[:, None]
    return Pairs(np.where(inside, pairs.sale, -1), np.where(inside, pairs.distance, np.inf))


def _numbers(frame: pd.DataFrame, name: str) -> np.ndarray:
    return frame[name].to_numpy(dtype=float, na_value=np.nan)


def _differences(subjects: pd.DataFrame, sales: pd.DataFrame, pairs: Pairs) -> dict[str, np.ndarray]:
    """Subject minus sale; NaN where either is unknown. Areas also as logarithms."""

    def minus(name: str, scale: np.ufunc | None = None) -> np.ndarray:
        subject, sale = _numbers(subjects, name), _numbers(sales, name)
        if scale is not None:
            subject, sale = scale(subject), scale(sale)
        return subject[:, None] - pairs.of_sale(sale)

    return {
        **{name: minus(name) for name in (*MEASURES, "living_area_sqft")},
        "size_log": minus("living_area_sqft", np.log),
        "lot_log": minus("lot_area_sqft", np.log),
    }


def _similarity(
    pairs: Pairs, differences: dict[str, np.ndarray], months_ago: np.ndarray, params: ComparableParams
) -> np.ndarray:
    """1 / (1 + sum of squared scaled differences); an unknown one counts as one scale's difference."""
    scales = params.scales
    total = (np.where(pairs.found, pairs.distance, 0.0) / scales.distance_miles) ** 2
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
        scaled = (differences[name] / scale) ** 2
        total += np.where(np.isnan(scaled), 1.0, scaled)
    return 1.0 / (1.0 + total)


def _adjustments(
    subjects: pd.DataFrame,
    sales: pd.DataFrame,
    pairs: Pairs,
    differences: dict[str, np.ndarray],
    index: TimeIndex,
    params: ComparableParams,
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Lines in dollars, each capped and all together capped; and what good condition would add."""
    rates = params.rates
    price = pairs.of_sale(_numbers(sales, "sale_price_usd"))
    area_rate = rates.living_area_share * _local_price_per_sqft(sales, pairs)[:, None]
    shares = {
        "time": np.expm1(pairs.of_sale(index.log_adjustment(sales["sale_date"]))),
        "living_area": area_rate * differences["living_area_sqft"] / price,
        "lot_area": rates.lot_area * differences["lot_log"],
        "bedrooms": rates.bedroom * differences["bedrooms"],
        "bathrooms": rates.bathroom * differences["bathrooms"],
        "age": rates.decade_of_age * differences["effective_age_years"] / 10.0,
        "quality": rates.quality_grade * differences["quality_code"],
        "condition": rates.condition_point * differences["condition_code"],
    }
    # What is unknown on either side is not adjusted for.
    capped = {
        name: np.clip(np.nan_to_num(share, nan=0.0), -params.max_line_share, params.max_line_share)
        for name, share in shares.items()
    }
    gross = sum(np.abs(share) for share in capped.values())
    # All lines shrink alike, so that their proportions stay readable.
    shrink = np.minimum(1.0, params.max_gross_share / np.maximum(gross, 1e-12))
    short_of_good = np.nan_to_num(np.maximum(params.arv_condition - _numbers(subjects, "condition_code"), 0.0))
    repair = rates.condition_point * short_of_good[:, None] * price
    return {name: share * shrink * price for name, share in capped.items()}, repair


def _local_price_per_sqft(sales: pd.DataFrame, pairs: Pairs) -> np.ndarray:
    """Median price per sq ft of each subject's comparables; 0 where it has none."""
    per_sqft = pairs.of_sale(_numbers(sales, "sale_price_usd") / _numbers(sales, "living_area_sqft"))
    some = pairs.found.any(axis=1)
    median = np.zeros(len(per_sqft))
    median[some] = np.nanmedian(np.where(pairs.found, per_sqft, np.nan)[some], axis=1)
    return median


def _rows(
    subjects: pd.DataFrame, sales: pd.DataFrame, pairs: Pairs, figures: dict[str, np.ndarray]
) -> pd.DataFrame:
    """Long form, one row a comparable, in the layout of the table."""
    row, rank = np.nonzero(pairs.found)
    own = subjects[["county", "month", "property_id", "is_simulated"]].iloc[row].reset_index(drop=True)
    comp = sales.iloc[pairs.sale[row, rank]].reset_index(drop=True)
    result = own.assign(comp_rank=rank + 1, **{name: values[row, rank] for name, values in figures.items()})
    for name in ("property_id", "street", "zip", "latitude", "longitude", "sale_date", "sale_price_usd"):
        result[f"comp_{name}"] = comp[name]
    for name in ("living_area_sqft", "bedrooms", "bathrooms"):
        result[f"comp_{name}"] = comp[name].astype(float)
    result["comp_year_built"] = comp["year_built"].astype("Float64").astype("Int64")
    lines = result[[f"adj_{name}_usd" for name in LINES]]
    price = comp["sale_price_usd"].astype(float)
    gross = lines.abs().sum(axis=1) / price
    result["adj_gross_pct"] = 100.0 * gross
    result["adjusted_price_usd"] = price + lines.sum(axis=1)
    # A sale that needs little adjustment is the better witness.
    weight = result["similarity"] * (1.0 - gross)
    result["weight"] = weight / weight.groupby(row).transform("sum")
    return result[COMPARABLES.column_names]
