"""Which columns a dbt model's columns come from, read from its compiled SQL.

dagster-dbt can do the same, but asks the database for the columns of each model and its parents on a
connection of its own. Here every column and type stands in the manifest, as contracts are enforced.
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope
from sqlglot.schema import MappingSchema

from realestate_assets.dbt.project import CONFIGURATION_TABLES, parents

DIALECT = "postgres"
LINEAGE_KEY = "dagster/column_lineage"

# (asset, column) pairs by column of the model.
Dependencies = dict[str, list[tuple[str, str]]]


def column_dependencies(manifest: Mapping[str, Any], unique_id: str, compiled_sql: str) -> Dependencies:
    """The columns of assets that each column of a model is computed from, its join keys included.

    A column that counts rows or is a constant depends on none. Tables of configuration are no assets and
    are left out.

    Raises:
        SqlglotError: the SQL cannot be read or names a column that no parent has.
    """
    tables: dict[tuple[str, str], str] = {}
    schema: dict[str, Any] = {}
    for parent in {*parents(manifest, unique_id), unique_id}:
        found = manifest["nodes"].get(parent) or manifest["sources"][parent]
        place = found["schema"], found.get("alias") or found["identifier"]
        tables[place] = found["name"]
        columns = {name: column["data_type"] for name, column in found["columns"].items()}
        schema.setdefault(place[0], {})[place[1]] = columns
    # Else each column would make it of the mapping again, two fifths of the work.
    known = MappingSchema(schema, dialect=DIALECT)
    query = qualify(parse_one(compiled_sql, dialect=DIALECT), schema=known, dialect=DIALECT)
    if not isinstance(query, exp.Query):
        raise SqlglotError("A model is one query.")
    scope = build_scope(query)

    def origins(column: str) -> list[tuple[str, str]]:
        tree = lineage(column, query, known, dialect=DIALECT, scope=scope, trim_selects=False, copy=False)
        pairs = {
            (tables[leaf.expression.db, leaf.expression.name], _column(leaf.name))
            for leaf in tree.walk()
            # Rows of a table function are no asset's columns.
            if isinstance(leaf.expression, exp.Table) and leaf.expression.db
        }
        return sorted(pair for pair in pairs if pair[0] not in CONFIGURATION_TABLES)

    return {column: origins(column) for column in query.named_selects}


def column_lineage(
    manifest: Mapping[str, Any], unique_id: str, compiled_sql: str
) -> dict[str, dg.TableColumnLineage]:
    """The metadata entry of a model's lineage; none where the SQL cannot be followed: no run fails for it."""
    try:
        found = column_dependencies(manifest, unique_id, compiled_sql)
    except (SqlglotError, KeyError):
        return {}
    return {
        LINEAGE_KEY: dg.TableColumnLineage(
            {
                column: [dg.TableColumnDep(dg.AssetKey(asset), origin) for asset, origin in pairs]
                for column, pairs in found.items()
            }
        )
    }


def _column(qualified: str) -> str:
    return qualified.rpartition(".")[2].strip('"')
