"""The tables that dbt reads, as its source files: one a module of the specs, and one of `ops` and `app`.

Of what people enter (`app`) dbt is told the tables of ENTERED alone, and no column that says who somebody is.
"""

from collections.abc import Iterable
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from realestate_assets.app.base import APP_SCHEMA
from realestate_assets.app.corrections import PropertyCorrection
from realestate_assets.app.tables import METADATA
from realestate_assets.dbt.project import PROJECT_DIR
from realestate_assets.domain.tables import TABLES, enriched, intake, models, sales, scored
from realestate_assets.domain.tables.ops import OPS_TABLES
from resources.warehouse.table_spec import Column, TableSpec

SOURCES_DIR = PROJECT_DIR / "models" / "sources"
ENTERED = (METADATA.tables[f"{APP_SCHEMA}.{PropertyCorrection.__tablename__}"],)
SUBJECTS: tuple[ModuleType, ...] = (intake, enriched, sales, scored, models)


def sources_documents() -> dict[str, dict[str, Any]]:
    """File name -> its content: the tables column by column."""
    raw = {
        f"raw_{subject.__name__.rpartition('.')[2]}.yml": _document(
            "raw", "Tables written by Python assets.", tables_of(subject)
        )
        for subject in SUBJECTS
    }
    about = "Configuration, the calls of providers, and what happened when."
    entered = _source(APP_SCHEMA, "What people enter in the service.", map(_entered, ENTERED))
    return {**raw, "ops.yml": _document("ops", about, OPS_TABLES.values()), "app.yml": entered}


def tables_of(subject: ModuleType) -> list[TableSpec]:
    """The platform's tables whose specs stand in a module, in the order of the graph."""
    own = {value.name for value in vars(subject).values() if isinstance(value, TableSpec)}
    return [table for name, table in TABLES.items() if name in own]


def _document(source: str, about: str, specs: Iterable[TableSpec]) -> dict[str, Any]:
    tables = (
        {
            "name": spec.name,
            "description": spec.comment,
            "columns": [_column(column) for column in spec.columns],
        }
        for spec in specs
    )
    return _source(source, about, tables)


def _source(source: str, about: str, tables: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {
        "version": 2,
        "sources": [{"name": source, "schema": source, "description": about, "tables": list(tables)}],
    }


def _entered(table: sa.Table) -> dict[str, Any]:
    """A table of people's, without the columns that say who somebody is."""
    columns = [
        {
            # Plain: SQLAlchemy's names are of a class that YAML does not write.
            "name": str(column.name),
            "data_type": column.type.compile(postgresql.dialect()).lower(),
            "description": column.comment,
        }
        for column in table.columns
        if not column.info.get("is_personal")
    ]
    return {"name": str(table.name), "description": table.comment, "columns": columns}


def _column(column: Column) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": column.name,
        "data_type": column.sql_type,
        "description": column.description,
    }
    return entry | ({"config": {"meta": {"is_personal_data": True}}} if column.is_personal else {})
