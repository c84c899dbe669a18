"""Schemas of rows of the market: made from the columns themselves, so that neither lags behind the other."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, Field, create_model

from realestate_assets.domain.tables import TABLES

MEANINGS = {column.name: column.description for spec in TABLES.values() for column in spec.columns}
# Columns that hold JSON as text are answered as what it says.
JSON = ("points", "reasons", "review_reasons", "extra_features", "candidate_metrics", "champion_metrics",
        "value_bands")  # fmt: skip


def _type_of(column: sa.ColumnClause[Any]) -> Any:
    if column.name in JSON:
        return Any
    kinds: tuple[tuple[type[sa.types.TypeEngine[Any]], Any], ...] = (
        (sa.Boolean, bool), (sa.Integer, int), (sa.Float, float), (sa.DateTime, datetime), (sa.Date, date),
    )  # fmt: skip
    return next((python for kind, python in kinds if isinstance(column.type, kind)), str)


def model_of(name: str, doc: str, columns: Iterable[sa.ColumnClause[Any]], **more: Any) -> type[BaseModel]:
    """A schema of rows; every field may be null, for null is unknown.

    Args:
        name: of the schema in the OpenAPI document.
        doc: what a row is.
        columns: of the view.
        more: further fields, as pydantic's `create_model` takes them.
    """
    fields: dict[str, Any] = {
        column.name: (_type_of(column) | None, Field(None, description=MEANINGS.get(column.name)))
        if column.name not in JSON
        else (Any, Field(None, description=MEANINGS.get(column.name)))
        for column in columns
    }
    made: type[BaseModel] = create_model(name, __doc__=doc, **fields, **more)
    return made
