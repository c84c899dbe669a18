"""Old rows of schema `ops`, and of the log of schema `app`, which its owner alone may shorten."""

from dataclasses import dataclass
from datetime import datetime

from realestate_assets.operations.retention.removal import Removal
from resources.warehouse.warehouse import Warehouse


@dataclass(frozen=True)
class OldRows:
    """Which rows of a table are old: by a column of times, and a condition beside it."""

    table: str
    time: str
    where: str = "true"
    schema: str = "ops"


# Its parts are constants of this module; times are bound.
KINDS = {
    "events": OldRows("events", "event_time"),
    # What is under way counts against budgets.
    "provider_calls": OldRows("provider_calls", "called_at", "state <> 'reserved'"),
    "reject_replays": OldRows("reject_replays", "requested_at", "settled_at is not null"),
    "check_results": OldRows("check_results", "evaluated_at"),
    "alerts": OldRows("alerts", "closed_at", "closed_at is not null"),
    "heartbeats": OldRows("heartbeats", "checked_at"),
    "audit": OldRows("audit_log", "at", schema="app"),
}


def old_rows(warehouse: Warehouse, kind: OldRows, before: datetime, apply: bool) -> Removal:
    """Rows from before a time: counted, and with `apply` deleted in the same statement."""
    exists = "select to_regclass($1::text) is not null as is_there"
    if not warehouse.read(exists, (f"{kind.schema}.{kind.table}",))["is_there"][0].as_py():
        return Removal()
    condition = f"{kind.time} < $1::timestamptz and {kind.where}"
    size = f"pg_column_size({kind.table}.*)"
    old = f"select {kind.time} as at, {size} as size from {kind.schema}.{kind.table} where {condition}"  # noqa: S608
    if apply:
        deleted = f"delete from {kind.schema}.{kind.table} where {condition}"  # noqa: S608
        old = f"{deleted} returning {kind.time} as at, {size} as size"
    totals = "select count(*) as count, coalesce(sum(size), 0)::bigint as bytes, min(at) as oldest from old"
    (found,) = warehouse.read(f"with old as ({old}) {totals}", (before.isoformat(),)).to_pylist()
    return Removal(**found)
