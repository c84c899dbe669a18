"""Row-level security of every tenant's table: made, and made again where it is missing, after each upgrade.

Tables are FORCED: their owner is held to the policies too, unless it is a superuser, as in the embedded
server. The owner migrates, reads for dbt and owns the functions and views that look across tenants, so it has
a policy of its own; a server without superuser needs nothing more (no BYPASSRLS).
"""

from collections.abc import Iterator

import sqlalchemy as sa

from realestate_assets.app.base import WORK_SCHEMA
from realestate_assets.app.engine import TENANT

POLICY, OWNER_POLICY = "of_tenant", "of_owner"
OF_TENANT = f"tenant_id = nullif(current_setting('{TENANT}', true), '')::uuid"

STATE_SQL = sa.text(
    """
    select c.relrowsecurity as is_enabled, c.relforcerowsecurity as is_forced,
           coalesce(array_agg(p.policyname::text) filter (where p.policyname is not null), '{}') as policies,
           coalesce(bool_or(p.policyname = :owner and current_user = any(p.roles)), false) as is_owners
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    left join pg_policies p on p.schemaname = n.nspname and p.tablename = c.relname
    where n.nspname = :schema and c.relname = :name
    group by c.oid, c.relrowsecurity, c.relforcerowsecurity
    """
)


def is_of_tenant(table: sa.Table) -> bool:
    """Whether its rows belong to tenants: all but what a table of `work` says to be shared."""
    if table.info.get("is_shared"):
        if table.schema != WORK_SCHEMA:
            raise ValueError(f"{table.fullname}: every row of {table.schema} belongs to a tenant")
        return False
    if "tenant_id" not in table.columns or table.columns["tenant_id"].nullable:
        raise ValueError(f"{table.fullname} has no tenant_id that is always there")
    return True


def ensure_row_security(connection: sa.Connection, metadata: sa.MetaData) -> None:
    """Force the policies onto every tenant's table that is there; what is in order is left alone."""
    for table in metadata.sorted_tables:
        if is_of_tenant(table):
            for statement in _missing(connection, table):
                connection.exec_driver_sql(statement)


def _missing(connection: sa.Connection, table: sa.Table) -> Iterator[str]:
    names = {"schema": table.schema, "name": table.name, "owner": OWNER_POLICY}
    state = connection.execute(STATE_SQL, names).one_or_none()
    if state is None:
        return
    if not state.is_enabled:
        yield f"alter table {table.fullname} enable row level security"
    if not state.is_forced:
        yield f"alter table {table.fullname} force row level security"
    if POLICY not in state.policies:
        yield f"create policy {POLICY} on {table.fullname} using ({OF_TENANT}) with check ({OF_TENANT})"
    if not state.is_owners:
        # Of an owner that the database has no more, or had before.
        yield f"drop policy if exists {OWNER_POLICY} on {table.fullname}"
        yield (
            f"create policy {OWNER_POLICY} on {table.fullname} to current_user using (true) with check (true)"
        )
