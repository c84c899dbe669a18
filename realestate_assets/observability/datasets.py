"""The assets as datasets of OpenLineage: where each is kept, what it is made from, its columns.

Names follow OpenLineage's naming: `postgres://host:port` with `database.schema.table`, `s3://bucket` or
`file` with a path. The embedded Postgres has a socket and no port: it is named by its machine and Postgres'
usual port.
"""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import dagster as dg

from realestate_assets.domain.tables import TABLES
from realestate_assets.groups import grouped_assets
from realestate_assets.observability.materialized import SCHEMA, columns_of
from realestate_assets.settings import Settings, get_settings

TABLE_NAME = "dagster/table_name"
POSTGRES_PORT = 5432
EMBEDDED_DATABASE = "realestate"


@dataclass(frozen=True)
class Place:
    """Where a dataset is kept, as OpenLineage names it."""

    namespace: str
    name: str


@dataclass(frozen=True)
class Known:
    """An asset as it is declared: the step that makes it (empty: none), its parents, columns, table."""

    name: str
    step: str
    parents: tuple[str, ...]
    columns: tuple[tuple[str, str, str], ...]
    table: str
    description: str


@lru_cache(maxsize=1)
def known_assets() -> Mapping[str, Known]:
    """Every asset by name."""
    found: dict[str, Known] = {}
    for definition in grouped_assets():
        for spec in definition.specs:
            parents = {key.path[-1] for key in definition.asset_deps[spec.key]}
            schema = spec.metadata.get(SCHEMA)
            schema = getattr(schema, "schema", schema)
            name = spec.key.path[-1]
            columns = columns_of(schema) if isinstance(schema, dg.TableSchema) else []
            text = (spec.description or "").partition("\n\n")[0]
            # What people enter is made by no step.
            step = definition.op.name if definition.is_executable else ""
            found[name] = Known(
                name, step, tuple(sorted(parents - {name})), tuple(columns), _table(spec), text
            )
    return found


def _table(spec: dg.AssetSpec) -> str:
    """`schema.table`; empty where the asset is files."""
    name = spec.key.path[-1]
    if name in TABLES:
        return f"{TABLES[name].schema}.{name}"
    told = spec.metadata.get(TABLE_NAME)
    relation = getattr(told, "value", told)
    return ".".join(str(relation).split(".")[-2:]) if relation else ""


def place_of(asset: str, settings: Settings | None = None) -> Place:
    """Where an asset is kept; one that is unknown counts as files of the lake."""
    settings = settings or get_settings()
    known = known_assets().get(asset)
    if known is not None and known.table:
        return warehouse_place(settings, known.table)
    return lake_place(settings, asset)


def warehouse_place(settings: Settings, table: str) -> Place:
    """A table, by `schema.table`."""
    if settings.database_url is None:
        return Place(f"postgres://{socket.gethostname()}:{POSTGRES_PORT}", f"{EMBEDDED_DATABASE}.{table}")
    url = urlsplit(settings.database_url.get_secret_value())
    host = url.hostname or socket.gethostname()
    return Place(f"postgres://{host}:{url.port or POSTGRES_PORT}", f"{url.path.strip('/')}.{table}")


def lake_place(settings: Settings, asset: str) -> Place:
    """A folder of the lake."""
    root = settings.lake_root
    if root.startswith("s3://"):
        bucket, _, prefix = root.removeprefix("s3://").partition("/")
        return Place(f"s3://{bucket}", "/".join(part for part in (prefix.strip("/"), asset) if part))
    return Place("file", str(Path(root).expanduser().resolve() / asset))
