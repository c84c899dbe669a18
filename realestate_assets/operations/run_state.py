"""What a run follows from and what it leaves, each as one hash: where both are as they were, the run stands.

Told on the side of caution: whatever a run may read counts, read or not, and a change that changes nothing
makes the run be done again. Bytes that another machine holds (objects on S3) are known by their version.
"""

import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.provider_policies import load_policies
from realestate_assets.providers.registry import asking_counties
from realestate_assets.settings import Settings
from resources.code_version import INSTALLED, tree_version
from resources.home import PROJECT_ROOT
from resources.lake.files import Store
from resources.lake.listing import list_all
from resources.lake.local_files import walk
from resources.vectors.vectors import Vectors
from resources.warehouse.connections import identifier
from resources.warehouse.warehouse import Warehouse

# Written by people and by commands beside the runs, and read by runs.
ENTERED = ("app.property_corrections", "work.suppressed_owners", "ops.reject_replays")
# Of schema ops what runs read again; the rest tells what happened.
KEPT_OF_OPS = ("ops.check_results", "ops.counties", "ops.provider_responses")
MADE_SCHEMAS = ("raw", "staging", "intermediate", "marts")

TABLES_SQL = """
select n.nspname::text as schema, c.relname::text as name
from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'm')
  and (n.nspname in (select jsonb_array_elements_text($1::jsonb))
    or n.nspname || '.' || c.relname in (select jsonb_array_elements_text($2::jsonb)))
order by 1, 2
"""
VIEWS_SQL = """
select schemaname::text as schema, viewname::text as name, md5(definition) as version
from pg_views where schemaname in (select jsonb_array_elements_text($1::jsonb)) order by 1, 2
"""


def inputs(
    slugs: Iterable[str],
    counties: Mapping[str, County],
    settings: Settings,
    stores: Mapping[str, Store],
    warehouse: Warehouse,
) -> str | None:
    """SHA-256 of all that a run of these counties reads and does not make; None where nobody can know.

    It holds the day in UTC, too: what a run says of today is said anew each day.

    Args:
        slugs: the counties of the run.
        counties: all that are configured: few sales of one are helped out by those of the others.
        settings: of this process; secrets go into the hash alone.
        stores: `landing` and `reference`.
        warehouse: what people entered.
    """
    # An API may say something else today, and asking it is what a run is for.
    if asking_counties({slug: counties[slug] for slug in slugs}, settings):
        return None
    told = [
        datetime.now(UTC).date().isoformat(),
        tree_version(PROJECT_ROOT, INSTALLED),
        sys.version,
        platform.machine(),
        *_libraries(),
        json.dumps(_values(settings), sort_keys=True),
        *(f"{name} {os.environ.get(name, '')}" for name in _key_variables(settings)),
        *_own_files(settings),
        *(f"{name} {line}" for name in ("landing", "reference") for line in _stored(stores[name])),
        *_tables(warehouse, (), ENTERED),
    ]
    return _hash(told)


def results(slugs: Iterable[str], lake: Store, warehouse: Warehouse, vectors: Vectors) -> str:
    """SHA-256 of what runs left: each table by its rows' latest transaction and number, each file by version.

    Any row that is inserted or changed has a later transaction than all before, and one that is deleted
    changes their number: neither can be undone without a trace. Of the vector index, whose files each reader
    writes anew, the points of these counties are counted.
    """
    views = warehouse.read(VIEWS_SQL, (json.dumps(MADE_SCHEMAS),)).to_pylist()
    told = [
        *_tables(warehouse, MADE_SCHEMAS, KEPT_OF_OPS),
        *(json.dumps(view, sort_keys=True) for view in views),
        *_stored(lake),
        *(f"{slug} {vectors.count(slug)}" for slug in slugs),
    ]
    return _hash(told)


def _libraries() -> Iterator[str]:
    """Name and version of what is installed, as their folders say: reading each one's own word takes long."""
    found = {path.name for folder in sys.path if folder for path in Path(folder).glob("*.dist-info")}
    yield from sorted(found)


def _values(settings: Settings) -> dict[str, Any]:
    found = dict(settings)
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in found.items()
    }


def _key_variables(settings: Settings) -> list[str]:
    policies = load_policies(settings.county_config_dir).values()
    return sorted({policy.key.env for policy in policies if policy.key})


def _own_files(settings: Settings) -> Iterator[str]:
    """What a person configures in files: counties and the like, what was cleared, a model of one's own."""
    if settings.county_config_dir:
        yield from _folder(settings.county_config_dir.expanduser())
    if settings.embedding_model and Path(settings.embedding_model).is_dir():
        yield from _folder(Path(settings.embedding_model))
    if settings.reviews_file.is_file():
        yield hashlib.sha256(settings.reviews_file.read_bytes()).hexdigest()


def _folder(root: Path) -> Iterator[str]:
    if root.is_dir():
        yield from sorted(f"{file.path} {file.version}" for file in walk(str(root.resolve()), ""))


def _stored(store: Store) -> Iterator[str]:
    for file in list_all(store, "").files:
        yield f"{file.path} {file.version}"


def _tables(warehouse: Warehouse, schemas: Iterable[str], names: Iterable[str]) -> list[str]:
    bound = (json.dumps(list(schemas)), json.dumps(list(names)))
    found = warehouse.read(TABLES_SQL, bound).to_pylist()
    if not found:
        return []
    # Identifiers of the catalog, quoted: each table is one part of one query.
    sql = " union all ".join(
        f"select {place} as place, count(*) as rows, max(xmin::text::bigint) as latest "  # noqa: S608
        f"from {identifier(table['schema'])}.{identifier(table['name'])}"
        for place, table in enumerate(found)
    )
    states = {row["place"]: row for row in warehouse.read(sql).to_pylist()}
    return [
        f"{table['schema']}.{table['name']} {states[place]['rows']} {states[place]['latest']}"
        for place, table in enumerate(found)
    ]


def _hash(told: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for line in told:
        digest.update(line.encode("utf-8", "surrogateescape") + b"\0")
    return digest.hexdigest()
