"""Comparables: earlier, nearby, alike sales of each property, with the lines that bring each to it.

The sales comparison approach (Appraisal Institute, The Appraisal of Real Estate, 15th ed., ch. 19 to 21).
Rates, scales and caps stand in valuation/params.yaml with their reasons; the value after repair in arv.py.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from realestate_assets.domain.comparables.adjustments import LINES, adjustments
from realestate_assets.domain.comparables.choice import choose
from realestate_assets.domain.comparables.classes import with_classes
from realestate_assets.domain.comparables.matching import Columns, differences, similarity
from realestate_assets.domain.comparables.model_lines import with_sale_lines, with_subject_lines
from realestate_assets.domain.comparables.sales_of_type import SalesOfType, measures_of
from realestate_assets.domain.core.months import add_months, first_day
from realestate_assets.domain.core.places import places_of
from realestate_assets.domain.tables import COMPARABLES
from realestate_assets.domain.valuation.features import TRAINING_COLUMNS
from realestate_assets.domain.valuation.history import earlier_sales, of_kind
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
# What is shown of a sale.
AS_THEY_ARE = ("property_id", "street", "zip", "latitude", "longitude", "sale_date", "sale_price_usd")
AS_NUMBERS = ("living_area_sqft", "bedrooms", "bathrooms")
OF_SUBJECT = ("county", "month", "property_id", "is_simulated")


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
    history = earlier_sales(records, month)
    parts = []
    for simulated in (False, True):
        homes = of_kind(subjects, simulated)
        if len(homes):
            parts += _of_kind(homes, EarlierSales.of(history, simulated, month, params, model), params, rates)
    return _together(parts)


@dataclass(frozen=True)
class EarlierSales:
    """The sales that the subjects of one month may be compared to, with all that does not hang on a subject.

    Kept, many subjects can be valued one after the other: the index and the sales' lines are made once.
    """

    month: str
    is_by_distance: bool
    index: TimeIndex
    recent: pd.DataFrame
    model: ValueModel | None
    _types: dict[str | None, SalesOfType] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        history: pd.DataFrame,
        simulated: bool,
        month: str,
        params: ValuationParams,
        model: ValueModel | None = None,
    ) -> "EarlierSales":
        """From sales as `earlier_sales` gives them; the observed or the simulated ones.

        Args:
            history: with RECORD_COLUMNS, with a model MODEL_RECORD_COLUMNS.
            simulated: which kind.
            month: the valued month.
            params: how far back, and the time index.
            model: whose values adjust.
        """
        own = of_kind(history, simulated)
        by_distance = has_coordinates(own)
        sales = own.dropna(subset=["latitude", "longitude"]) if by_distance else own
        recent = sales[sales["sale_date"] >= first_day(add_months(month, -params.comparables.max_months))]
        recent = with_classes(recent)
        if model is not None and len(recent):
            recent = with_sale_lines(model, recent)
        return cls(month, by_distance, fit_time_index(own, params.time_index), recent, model)

    def of_type(self, kind: str | None) -> SalesOfType:
        """The sales that a home of a property type may be compared to; unknown excludes none."""
        found = self._types.get(kind)
        if found is None:
            types = self.recent["property_type"]
            alike = self.recent if kind is None else self.recent[types.isna() | (types == kind)]
            # Two threads may make it at once: they make the same.
            found = self._types[kind] = SalesOfType.of(alike, self.month, self.index)
        return found

    def comparables(
        self, subjects: pd.DataFrame, params: ValuationParams, rates: AdjustmentRates | None = None
    ) -> pd.DataFrame:
        """Rows of raw.comparables for subjects of this kind, as `comparables` gives them."""
        return _together(_of_kind(subjects, self, params, rates))


def _of_kind(
    subjects: pd.DataFrame, sales: EarlierSales, params: ValuationParams, rates: AdjustmentRates | None
) -> list[pd.DataFrame]:
    """Rows of raw.comparables of subjects of one kind, a frame a property type."""
    rules = params.comparables if rates is None else params.comparables.model_copy(update={"rates": rates})
    located = subjects[["latitude", "longitude"]].notna().all(axis=1)
    known = located if sales.is_by_distance else places_of(subjects).notna()
    homes = with_classes(subjects[subjects["living_area_sqft"].notna() & known])
    if sales.model is not None and len(homes) and len(sales.recent):
        homes = with_subject_lines(sales.model, homes)
    groups = [(group, sales.of_type(kind)) for kind, group in _by_type(homes)]
    return [
        _of_group(group.reset_index(drop=True), alike, rules) for group, alike in groups if len(alike.sales)
    ]


def _together(parts: list[pd.DataFrame]) -> pd.DataFrame:
    if not parts:
        return pd.DataFrame(columns=COMPARABLES.column_names)
    return pd.concat(parts, ignore_index=True).sort_values(
        ["county", "month", "property_id", "comp_rank"], ignore_index=True
    )


def _by_type(subjects: pd.DataFrame) -> list[tuple[str | None, pd.DataFrame]]:
    """Subjects of each property type, those of none last."""
    types = subjects["property_type"]
    groups: list[tuple[str | None, pd.DataFrame]] = [
        (kind, subjects[types == kind]) for kind in sorted(types.dropna().unique())
    ]
    unknown = subjects[types.isna()]
    return [*groups, (None, unknown)] if len(unknown) else groups


def _of_group(subjects: pd.DataFrame, sales: SalesOfType, params: ComparableParams) -> pd.DataFrame:
    homes = measures_of(subjects)

    def measured(pairs: Columns) -> Columns:
        """Pairs with the similarity, the lines and their sum."""
        rows = pairs["sale"]
        home = {name: values[pairs["subject"]] for name, values in homes.items()}
        sale = {name: values[rows] for name, values in sales.measures.items()}
        difference, months_ago = differences(home, sale), sales.months_ago[rows]
        lines, capped, repair = adjustments(home, sale, difference, sales.time_points[rows], params)
        gross = sum(np.abs(line) for line in lines.values()) / sale["sale_price_usd"]
        return {
            **pairs,
            "months_ago": months_ago,
            "similarity": similarity(pairs["distance_mi"], difference, months_ago, params),
            **{f"adj_{name}_usd": line for name, line in lines.items()},
            "adj_capped_usd": capped,
            "adj_repair_usd": repair,
            "adj_gross_pct": 100.0 * gross,
        }

    return _rows(subjects, sales.sales, choose(subjects, sales, measured, params))


def _rows(subjects: pd.DataFrame, sales: pd.DataFrame, pairs: Columns) -> pd.DataFrame:
    """One row a comparable, in the layout of the table."""
    row, place = pairs["subject"], pairs["sale"]
    comp = {name: sales[name].take(place).reset_index(drop=True) for name in (*AS_THEY_ARE, *AS_NUMBERS)}
    built = sales["year_built"].take(place).reset_index(drop=True)
    # Line by line, as columns of a frame are summed.
    net = np.array([pairs[f"adj_{name}_usd"] for name in LINES]).T.sum(axis=1)
    price = comp["sale_price_usd"].to_numpy(float)
    # A sale that needs little adjustment is the better witness.
    weight = pd.Series(pairs["similarity"] * np.maximum(1.0 - pairs["adj_gross_pct"] / 100.0, LEAST_TRUST))
    found = {
        **{name: subjects[name].take(row).reset_index(drop=True) for name in OF_SUBJECT},
        **pairs,
        **{f"comp_{name}": comp[name] for name in AS_THEY_ARE},
        **{f"comp_{name}": comp[name].astype(float) for name in AS_NUMBERS},
        "comp_year_built": built.astype("Float64").astype("Int64"),
        "adj_net_pct": 100.0 * net / price,
        "adjusted_price_usd": price + net,
        "weight": weight / weight.groupby(row).transform("sum"),
    }
    return pd.DataFrame({name: found[name] for name in COMPARABLES.column_names})
