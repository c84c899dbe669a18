"""Schema `served`: what the service reads of the market, a view a table, each showing a tenant's counties.

The views belong to the owner of the tables; the service's role may read them and nothing below. A full
refresh of a dbt model drops the views over it, so they are made again whenever one is missing or says
something else: after an upgrade, at the service's start, and when a query finds one gone.

They are no security barriers: whoever asks is the service itself, with values bound, and a barrier would keep
conditions from reaching the indexes.
"""

import hashlib
from dataclasses import dataclass

import sqlalchemy as sa

from realestate_assets.app.engine import TENANT
from realestate_assets.app.service_role import ROLE, SERVED_SCHEMA

LOCK = "realestate:served"
# `{entitled}` in a view's SQL: the counties of the tenant that asks.
ENTITLED = f"""(
    select e.county from app.county_entitlements e
    where e.tenant_id = nullif(current_setting('{TENANT}', true), '')::uuid
      and (e.until is null or e.until > now())
)"""  # noqa: S608 - a name of ours


@dataclass(frozen=True)
class View:
    """A view of `served`.

    Args:
        name: its name in schema `served`.
        over: tables that must exist, as `raw.scores`; without them there is no view.
        sql: the query; `{entitled}` stands for the counties of the asking tenant, and must stand in it.
    """

    name: str
    over: tuple[str, ...]
    sql: str

    def __post_init__(self) -> None:
        if "{entitled}" not in self.sql:
            raise ValueError(f"{self.name} shows every county to every tenant: it has no {{entitled}}")

    @property
    def query(self) -> str:
        """The SQL with its counties."""
        return self.sql.replace("{entitled}", ENTITLED)

    @property
    def mark(self) -> str:
        """Comment of the view that tells what it was made from."""
        return f"Made by the service: {hashlib.sha256(self.query.encode()).hexdigest()[:16]}"


def _all_of(name: str, table: str) -> View:
    sql = f"select t.* from {table} t where t.county in {{entitled}}"  # noqa: S608 - names of this module
    return View(name, (table,), sql)


VIEWS: tuple[View, ...] = (
    _all_of("properties", "raw.properties"),
    _all_of("scores", "raw.scores"),
)

STATE_SQL = sa.text(
    "select c.relname as name, obj_description(c.oid) as mark, "
    "has_table_privilege(:role, c.oid, 'select') as is_granted "
    "from pg_class c join pg_namespace n on n.oid = c.relnamespace "
    "where n.nspname = :schema and c.relkind = 'v'"
)
MISSING_SQL = sa.text("select count(*) from unnest(cast(:names as text[])) n where to_regclass(n) is null")


def ensure_served(connection: sa.Connection, views: tuple[View, ...] = VIEWS) -> list[str]:
    """Make the views that are missing or changed, of the tables that are there; names of what was made.

    Args:
        connection: of the owner, in a transaction.
        views: those that there should be.
    """
    made = []
    connection.execute(sa.text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": LOCK})
    found = {row.name: row for row in connection.execute(STATE_SQL, {"role": ROLE, "schema": SERVED_SCHEMA})}
    for view in views:
        if connection.execute(MISSING_SQL, {"names": list(view.over)}).scalar_one():
            continue
        there = found.get(view.name)
        if there is None or there.mark != view.mark:
            name = f"{SERVED_SCHEMA}.{view.name}"
            # Its columns may have changed their order, which `create or replace` refuses.
            connection.exec_driver_sql(f"drop view if exists {name}")
            connection.exec_driver_sql(f"create view {name} as {view.query}".replace("%", "%%"))
            connection.exec_driver_sql(f"comment on view {name} is '{view.mark}'")
            made.append(view.name)
        if there is None or there.mark != view.mark or not there.is_granted:
            connection.exec_driver_sql(f"grant select on {SERVED_SCHEMA}.{view.name} to {ROLE}")
    return made
