"""The tables that Python writes and dbt reads, as dbt's source files: one a module of the table specs."""

import re
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

from realestate_assets.dbt.project import COUNTY_COLUMNS, PROJECT_DIR
from realestate_assets.domain.tables import TABLES, enriched, intake, models, sales, scored
from realestate_assets.domain.tables.ops import OPS_TABLES
from resources.http.provider_asks import PROVIDER_ASKS
from resources.http.tables import CALLS, PROVIDER_COLUMNS, PROVIDER_TABLES
from resources.warehouse.table_spec import TableSpec

SOURCES_DIR = PROJECT_DIR / "models" / "sources"
# What follows the type in a column's definition.
CONSTRAINT = re.compile(r" (primary key|not null|generated always).*")
SUBJECTS: tuple[ModuleType, ...] = (intake, enriched, sales, scored, models)


def sources_documents() -> dict[str, dict[str, Any]]:
    """File name -> its content: the tables column by column."""
    raw = {
        f"raw_{subject.__name__.rpartition('.')[2]}.yml": _document(
            "raw", "Tables written by Python assets.", map(_table, tables_of(subject))
        )
        for subject in SUBJECTS
    }
    counties = _columns_told(
        "counties",
        "The county YAMLs as a table: one row a county, written before each dbt build.",
        COUNTY_COLUMNS,
    )
    calls = _columns_told(CALLS, PROVIDER_TABLES[CALLS], PROVIDER_COLUMNS[CALLS])
    kept = [counties, calls, *map(_table, (PROVIDER_ASKS, *OPS_TABLES.values()))]
    about = "Configuration, the calls of providers, and what happened when."
    return {**raw, "ops.yml": _document("ops", about, kept)}


def tables_of(subject: ModuleType) -> list[TableSpec]:
    """The platform's tables whose specs stand in a module, in the order of the graph."""
    own = {value.name for value in vars(subject).values() if isinstance(value, TableSpec)}
    return [table for name, table in TABLES.items() if name in own]


def _document(source: str, about: str, tables: Iterable[dict]) -> dict[str, Any]:
    described = {"name": source, "schema": source, "description": about, "tables": list(tables)}
    return {"version": 2, "sources": [described]}


def _table(spec: TableSpec) -> dict[str, Any]:
    columns = {column.name: (column.sql_type, column.description) for column in spec.columns}
    return _columns_told(spec.name, spec.description, columns)


def _columns_told(name: str, about: str, columns: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    told = [
        {"name": column, "data_type": CONSTRAINT.sub("", kind), "description": meaning}
        for column, (kind, meaning) in columns.items()
    ]
    return {"name": name, "description": about, "columns": told}
