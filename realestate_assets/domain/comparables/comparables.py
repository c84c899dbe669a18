"""Comparables: earlier, nearby, alike sales of each property, with the lines that bring each to it.

The sales comparison approach (Appraisal Institute, The Appraisal of Real Estate, 15th ed., ch. 19 to 21).
Rates, scales and caps stand in valuation/params.yaml with their reasons; the value after repair in arv.py.
"""

import numpy as np
import pandas as pd

from realestate_assets.domain.comparables.adjustments import LINES, adjustments
from realestate_assets.domain.comparables.choice import choose
from realestate_assets.domain.comparables.classes import with_classes
from realestate_assets.domain.comparables.matching import differences, numbers, similarity
from realestate_assets.domain.comparables.model_lines import with_sale_lines, with_subject_lines
from realestate_assets.domain.core.months import add_months, first_day
from realestate_assets.domain.core.places import places_of
from realestate_assets.domain.tables import COMPARABLES
from realestate_assets.domain.valuation.features import TRAINING_COLUMNS
from realestate_assets.domain.valuation.history import earlier_sales, months_before, of_kind
from realestate_assets.domain.valuation.in_place import has_coordinates
from realestate_assets.domain.valuation.model import ValueModel
from realestate_assets.domain.valuation.params import AdjustmentRates, ComparableParams, ValuationParams
from realestate_assets.domain.valuation.time_index import (
    ATTRIBUTES,
    LOG_ATTRIBUTES,
    TimeIndex,
    fit_time_index,
)

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
    "place",
    "year_built",
    "is_waterfront",
    "view_code",
    *dict.fromkeys((*LOG_ATTRIBUTES, *ATTRIBUTES)),
)
RECORD_COLUMNS = (*SUBJECT_COLUMNS, "sale_date", "sale_price_usd", "sale_validity")
# With a model also what it looks at.
MODEL_RECORD_COLUMNS = tuple(dict.fromkeys((*RECORD_COLUMNS, *TRAINING_COLUMNS)))
# A comparable that had to be adjusted by its whole price still says a little, where there is no other.
LEAST_TRUST = 0.1


def comparables(
    subjects: pd.DataFrame,
    records: pd.DataFrame,
    month: str,
    params: ValuationParams,
    rates: AdjustmentRates | None = None,
    model: ValueModel | None = None,
) -> pd.DataFrame:
    """Rows of raw.comparables for the subjects of one county and month.

    A subject without living area has none, nor one without coordinates, unless none of the county's sales has
    coordinates: then comparables are of its place. A simulated one has simulated ones alone.

    Args:
        subjects: rows of features of the month, with SUBJECT_COLUMNS.
        records: rows of features of earlier months, with RECORD_COLUMNS; others are passed over.
        month: sales before its first day count.
        params: choice, scales, rates and caps; the time index.
        rates: of the repairs and, without a model, of the line adjustments; those of the parameters by
            default.
        model: of the month, whose values adjust; then subjects and records have MODEL_RECORD_COLUMNS.
    """
    sized = subjects["living_area_sqft"].notna()
    located = subjects[["latitude", "longitude"]].notna().all(axis=1)
    history = earlier_sales(records, month)
    rules = params.comparables if rates is None else params.comparables.model_copy(update={"rates": rates})
    parts = []
    for simulated in (False, True):
        sales = of_kind(history, simulated)
        by_distance = has_coordinates(sales)
        known = sized & (located if by_distance else places_of(subjects).notna())
        sales = sales.dropna(subset=["latitude", "longitude"]) if by_distance else sales
        index = fit_time_index(of_kind(history, simulated), params.time_index)
        recent = sales[sales["sale_date"] >= first_day(add_months(month, -params.comparables.max_months))]
        homes = with_classes(of_kind(subjects[known], simulated))
        recent = with_classes(recent)
        if model is not None and len(homes) and len(recent):
            homes, recent = with_subject_lines(model, homes), with_sale_lines(model, recent)
        for group, candidates in _by_type(homes, recent):
            parts.append(
                _of_group(
                    group.reset_index(drop=True), candidates.reset_index(drop=True), month, index, rules
                )
            )
    if not parts:
        return pd.DataFrame(columns=COMPARABLES.column_names)
    return pd.concat(parts, ignore_index=True).sort_values(
        ["county", "month", "property_id", "comp_rank"], ignore_index=True
    )


def _by_type(subjects: pd.DataFrame, sales: pd.DataFrame) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Subjects of each property type with the sales they may be compared to; unknown excludes none."""
    groups = []
    for kind in sorted(subjects["property_type"].dropna().unique()):
        alike = sales[sales["property_type"].isna() | (sales["property_type"] == kind)]
        groups.append((subjects[subjects["property_type"] == kind], alike))
    groups.append((subjects[subjects["property_type"].isna()], sales))
    return [(group, alike) for group, alike in groups if len(group) and len(alike)]


def _of_group(
    subjects: pd.DataFrame, sales: pd.DataFrame, month: str, index: TimeIndex, params: ComparableParams
) -> pd.DataFrame:
    ages = months_before(sales["sale_date"], month).to_numpy(float)
    points = index.log_adjustment(sales["sale_date"])

    def measured(pairs: pd.DataFrame) -> pd.DataFrame:
        """Pairs with the similarity, the lines and their sum."""
        home, sale = subjects.iloc[pairs["subject"]], sales.iloc[pairs["sale"]]
        difference = differences(home, sale)
        months_ago = ages[pairs["sale"]]
        alike = similarity(pairs["distance_mi"].to_numpy(float), difference, months_ago, params)
        lines, capped, repair = adjustments(home, sale, difference, points[pairs["sale"]], params)
        gross = sum(np.abs(line) for line in lines.values()) / numbers(sale, "sale_price_usd")
        return pairs.assign(
            months_ago=months_ago,
            similarity=alike,
            **{f"adj_{name}_usd": line for name, line in lines.items()},
            adj_capped_usd=capped,
            adj_repair_usd=repair,
            adj_gross_pct=100.0 * gross,
        )

    return _rows(subjects, sales, choose(subjects, sales, ages, measured, params))


def _rows(subjects: pd.DataFrame, sales: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """One row a comparable, in the layout of the table."""
    row = pairs["subject"].to_numpy()
    own = subjects[["county", "month", "property_id", "is_simulated"]].iloc[row].reset_index(drop=True)
    comp = sales.iloc[pairs["sale"].to_numpy()].reset_index(drop=True)
    result = pd.concat([own, pairs.drop(columns=["subject", "sale"]).reset_index(drop=True)], axis=1)
    for name in ("property_id", "street", "zip", "latitude", "longitude", "sale_date", "sale_price_usd"):
        result[f"comp_{name}"] = comp[name]
    for name in ("living_area_sqft", "bedrooms", "bathrooms"):
        result[f"comp_{name}"] = comp[name].astype(float)
    result["comp_year_built"] = comp["year_built"].astype("Float64").astype("Int64")
    lines = result[[f"adj_{name}_usd" for name in LINES]]
    price = comp["sale_price_usd"].astype(float)
    result["adj_net_pct"] = 100.0 * lines.sum(axis=1) / price
    result["adjusted_price_usd"] = price + lines.sum(axis=1)
    # A sale that needs little adjustment is the better witness.
    weight = result["similarity"] * np.maximum(1.0 - result["adj_gross_pct"] / 100.0, LEAST_TRUST)
    result["weight"] = weight / weight.groupby(row).transform("sum")
    return result[COMPARABLES.column_names]
