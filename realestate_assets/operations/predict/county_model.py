"""What is kept warm of a county's month: its promoted model, its earlier sales, and what both make."""

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.domain.comparables.comparables import MODEL_RECORD_COLUMNS, EarlierSales
from realestate_assets.domain.core.months import add_months
from realestate_assets.domain.core.places import places_of
from realestate_assets.domain.valuation.explain import median_points
from realestate_assets.domain.valuation.history import HISTORY_MONTHS, earlier_sales
from realestate_assets.domain.valuation.model import ValueModel, model_path
from realestate_assets.domain.valuation.nearby import SoldAround
from realestate_assets.domain.valuation.params import ValuationParams, load_params
from realestate_assets.domain.valuation.rates import hedonic_rates
from realestate_assets.operations.market.columns import properties, view
from realestate_assets.operations.predict.home import FLAGS, ZIP_FIGURES
from resources.errors import PermanentError
from resources.lake.files import Store

promotions = view(
    "model_promotions",
    ("county", "month", "used_id", "used_month", "value_bands", "is_simulated", "row_version"),
)
TEXTS = ("county", "month", "property_id", "property_type", "street", "zip", "place", "sale_validity",
         "extra_features")  # fmt: skip


@dataclass(frozen=True)
class Promoted:
    """Which model values a month; `row_version` differs once the valuation was run again."""

    county: str
    month: str
    used_id: str | None
    used_month: str | None
    value_bands: str | None
    is_simulated: bool
    row_version: str


@dataclass(frozen=True)
class CountyModel:
    """A model ready to value homes of a county's month; nothing of it changes."""

    promoted: Promoted
    model: ValueModel = field(repr=False)
    around: dict[bool, SoldAround] = field(repr=False)
    alike: EarlierSales = field(repr=False)
    start: np.ndarray | None = field(repr=False)
    bands: list[dict[str, Any]] = field(repr=False)
    zip_figures: dict[str, dict[str, float]] = field(repr=False)
    params: ValuationParams = field(repr=False)

    @classmethod
    def of(cls, promoted: Promoted, model: ValueModel, records: pd.DataFrame) -> "CountyModel":
        """Put together from the county's records of the month and of those before, as the batch reads them.

        Args:
            promoted: which model it is.
            model: the model.
            records: rows of features with MODEL_RECORD_COLUMNS.
        """
        params = load_params()
        rates = hedonic_rates(model.ensemble.hedonic, params.comparables)
        ruled = params.model_copy(
            update={"comparables": params.comparables.model_copy(update={"rates": rates})}
        )
        history = earlier_sales(records, promoted.month)
        return cls(
            promoted,
            model,
            SoldAround.of(history, promoted.month),
            EarlierSales.of(history, promoted.is_simulated, promoted.month, ruled, model),
            median_points(model) if model.median_homes else None,
            json.loads(promoted.value_bands) if promoted.value_bands else [],
            _figures_by_place(records),
            ruled,
        )


def promoted_of(session: Session, county: str, month: str | None) -> Promoted | None:
    """The decision for a county's month, the newest by default; None where the tenant sees none."""
    query = sa.select(promotions).where(promotions.c.county == county)
    if month is not None:
        query = query.where(promotions.c.month == month)
    row = session.execute(query.order_by(promotions.c.month.desc()).limit(1)).mappings().one_or_none()
    return Promoted(**row) if row else None


def load(session: Session, lake: Store, promoted: Promoted) -> CountyModel:
    """Read the model's file and the county's sales.

    Raises:
        PermanentError: the file is gone from the lake.
    """
    path = model_path(promoted.county, str(promoted.used_id))
    if not lake.exists(path):
        raise PermanentError(
            f"The file of model {promoted.used_id} is gone from the lake.", county=promoted.county
        )
    model = ValueModel.from_row(json.loads(lake.read_bytes(path)))
    return CountyModel.of(promoted, model, read_records(session, promoted.county, promoted.month))


def read_records(session: Session, county: str, month: str) -> pd.DataFrame:
    """The homes of a month and the sales of the months before it, as the batch's history."""
    c = properties.c
    names = tuple(dict.fromkeys(MODEL_RECORD_COLUMNS))
    query = sa.select(*(c[name] for name in names)).where(
        c.county == county,
        c.month.between(add_months(month, -HISTORY_MONTHS), month),
        sa.or_(c.month == month, c.sale_price_usd.is_not(None)),
    )
    rows = session.execute(query).all()
    frame = pd.DataFrame(rows, columns=list(names), dtype=object)
    kept = (*TEXTS, *FLAGS, "is_simulated", "sale_date")
    frame = frame.astype({name: float for name in names if name not in kept})
    return frame.assign(
        sale_date=pd.to_datetime(frame["sale_date"]), is_simulated=frame["is_simulated"].astype(bool)
    )


def _figures_by_place(records: pd.DataFrame) -> dict[str, dict[str, float]]:
    """ZIP_FIGURES of each place in the newest month that has them: the same for all its homes."""
    ordered = (
        records.assign(at=places_of(records)).dropna(subset=["at"]).sort_values(["month", "property_id"])
    )
    # `last` takes the last value that is known.
    newest = ordered.groupby("at")[list(ZIP_FIGURES)].last()
    return {
        str(place): {name: float(value) for name, value in row.items() if pd.notna(value)}
        for place, row in newest.to_dict("index").items()
    }
