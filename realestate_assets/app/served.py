"""Schema `served`: what the service reads of the market, a view a table, each showing a tenant's counties.

The views belong to the owner of the tables; the service's role may read them and nothing below. A full
refresh of a dbt model drops the views over it, so they are made again whenever one is missing or says
something else: after an upgrade, at the service's start, and when a query finds one gone.

They are no security barriers: whoever asks is the service itself, with values bound, and a barrier would keep
conditions from reaching the indexes.
"""

import sqlalchemy as sa

from realestate_assets.app.market_views import VIEWS
from realestate_assets.app.served_view import View
from realestate_assets.app.service_role import ROLE, SERVED_SCHEMA

LOCK = "realestate:served"

# The key of a table of months begins with the county; a home is looked up by itself.
BY_PROPERTY = ("marts.features", "marts.score_history")
UNINDEXED_SQL = sa.text(
    """
    select t.name from unnest(cast(:names as text[])) as t(name)
    where to_regclass(t.name) is not null and not exists (
        select from pg_index i
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
        where i.indrelid = to_regclass(t.name) and a.attname = 'property_id'
    )
    """
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

    Indexes that those who ask through the views want are made too.

    Args:
        connection: of the owner, in a transaction.
        views: those that there should be.
    """
    made = []
    connection.execute(sa.text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": LOCK})
    found = {row.name: row for row in connection.execute(STATE_SQL, {"role": ROLE, "schema": SERVED_SCHEMA})}
    for table in connection.scalars(UNINDEXED_SQL, {"names": list(BY_PROPERTY)}).all():
        connection.exec_driver_sql(f"create index on {table} (property_id)")
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
