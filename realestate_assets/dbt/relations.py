"""Whether the warehouse already has what a build makes: then builds of other partitions may go beside it.

A table is filled partition by partition under a lock of its own, and a view that stands as its model says is
left alone. Only what is made for the first time, or changes its columns, needs the warehouse for itself.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from realestate_assets.dbt.project import is_inlined, node_name
from resources.warehouse.warehouse import Warehouse

LOCK = "dbt"
# A first build of a county's whole history may run that long before the next run gets its turn.
LOCK_SECONDS = 3600

# Written by macros/view.sql onto the rule that is the view: what it was made from.
COLUMNS_SQL = """
select
    n.nspname::text || '.' || c.relname::text as relation,
    coalesce(
        (select obj_description(r.oid, 'pg_rewrite') from pg_rewrite r
          where r.ev_class = c.oid and r.rulename = '_RETURN'), ''
    ) as made_from,
    c.relkind = 'v' as is_view,
    (select array_agg(a.attname::text || ' ' || format_type(a.atttypid, a.atttypmod) order by a.attnum)
       from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = any(string_to_array($1, ',')) and c.relkind in ('r', 'v')
"""


@contextmanager
def turn(warehouse: Warehouse, manifest: Mapping[str, Any], names: Iterable[str] | None) -> Iterator[bool]:
    """Hold the lock of builds: beside others where all of these models stand, else alone.

    Args:
        warehouse: where they stand.
        manifest: dbt's, of the whole project.
        names: models that are built; None: whatever dbt is asked for, alone.

    Yields:
        Whether others may build meanwhile.
    """
    wanted = None if names is None else contracts(manifest, names)
    # What stands is never taken away by a build, so that what was seen before the lock still holds under it.
    beside = wanted is not None and stand(warehouse, wanted)
    with warehouse.lock(LOCK, timeout_seconds=LOCK_SECONDS, shared=beside):
        yield beside


def contracts(manifest: Mapping[str, Any], names: Iterable[str]) -> dict[str, tuple[bool, list[str]]]:
    """Of each model that is a relation: whether it is a view, and its columns as `name type`."""
    chosen = set(names)
    return {
        f"{node['schema']}.{node['alias']}": (
            node["config"]["materialized"] == "view",
            [f"{column['name']} {column['data_type']}" for column in node["columns"].values()],
        )
        for unique_id, node in manifest["nodes"].items()
        if unique_id.startswith("model.")
        and node_name(unique_id) in chosen
        and not is_inlined(manifest, unique_id)
    }


def stand(warehouse: Warehouse, wanted: Mapping[str, tuple[bool, list[str]]]) -> bool:
    """Whether each relation is there: a view with these columns alone, a table with these at least."""
    schemas = ",".join(sorted({name.partition(".")[0] for name in wanted}))
    found = {row["relation"]: row for row in warehouse.read(COLUMNS_SQL, (schemas,)).to_pylist()}
    for name, (is_view, columns) in wanted.items():
        row = found.get(name)
        if row is None or row["is_view"] != is_view:
            return False
        there = row["columns"] or []
        if (there != columns or not row["made_from"]) if is_view else not set(columns) <= set(there):
            return False
    return True
