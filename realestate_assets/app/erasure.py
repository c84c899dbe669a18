"""Where rows of a person stand, and their erasure: one function of the tables' owner, for pages and commands.

A table whose rows refer to an account is found by its references, so that a new one is erased from without
a word here. What stays keeps ids alone, which name nobody once the account and its key are gone.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.engine import REQUEST, TENANT, USER
from realestate_assets.app.people import User
from realestate_assets.app.service_role import ROLE
from realestate_assets.app.tables import METADATA

USERS, LOG = "app.users", "app.audit_log"
# Columns that hold an id of an account without a reference to it.
OF_PERSON = ("user_id", "person_id")
ACTED = "_by"
ERASE = "erase"
SIGNATURE = "app.erase_account(uuid, boolean)"


@dataclass(frozen=True)
class PersonColumn:
    """A column that holds ids of accounts.

    Args:
        table: where it is.
        name: of the column.
        stays: whether the row stays when the account goes.
    """

    table: sa.Table
    name: str
    stays: bool


def person_columns(metadata: sa.MetaData = METADATA) -> Iterator[PersonColumn]:
    """Each column that holds ids of accounts, tables that others refer to last."""
    for table in reversed(metadata.sorted_tables):
        referring = {
            column.name
            for key in table.foreign_key_constraints
            if key.referred_table.fullname == USERS
            for column in key.columns
            if column.name != "tenant_id"
        }
        for column in table.columns:
            if (table.fullname == USERS and column.name == "user_id") or column.name in referring:
                yield PersonColumn(table, column.name, stays=False)
            elif column.name in OF_PERSON:
                yield PersonColumn(table, column.name, stays=table.fullname == LOG)
            elif column.name.endswith(ACTED) and isinstance(column.type, sa.UUID):
                yield PersonColumn(table, column.name, stays=True)


def _removed(column: PersonColumn) -> str:
    rows = f"from {column.table.fullname} t where t.tenant_id = tenant and t.{column.name} = wanted"
    return f"""
    place := '{column.table.fullname}'; deed := 'removed';
    select count(*) into row_count {rows};
    return next;
    if is_done then delete {rows}; end if;"""


def _kept(column: PersonColumn) -> str:
    rows = f"from {column.table.fullname} t where t.tenant_id = tenant and t.{column.name} = wanted"
    return f"""
    place := '{column.table.fullname}'; deed := 'kept';
    select count(*) into row_count {rows};
    return next;"""


def _names(row: str, columns: list[str]) -> str:
    return " or ".join(f"{row} ->> '{name}' = wanted::text" for name in columns)


def erase_sql() -> str:
    """The function: what stands of an account where, and with `is_done` its removal, in one transaction."""
    columns = list(person_columns())
    own = sorted({column.name for column in columns if not column.stays})
    removed = "".join(_removed(column) for column in columns if not column.stays)
    kept = "".join(_kept(column) for column in columns if column.stays)
    return f"""
create or replace function app.erase_account(wanted uuid, is_done boolean)
returns table (place text, deed text, row_count bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    tenant uuid := nullif(current_setting('{TENANT}', true), '')::uuid;
    was_there boolean;
begin
    select exists (select from {USERS} u where u.tenant_id = tenant and u.user_id = wanted) into was_there;
    {removed}
    {kept}
    -- Last, as each removal above has written what it removed into the log.
    place := '{LOG}'; deed := 'emptied';
    with theirs as (
        select distinct l.object_kind, l.object_id from {LOG} l
        where l.tenant_id = tenant
          and (l.object_id like '%' || wanted::text || '%'
               or {_names("coalesce(l.after, l.before)", own)} or {_names("l.before", own)})
    ), chosen as (
        select l.entry_id from {LOG} l join theirs using (object_kind, object_id)
        where l.tenant_id = tenant and (l.before is not null or l.after is not null)
    ), done as (
        update {LOG} l set before = null, after = null from chosen c
        where is_done and l.entry_id = c.entry_id returning 1
    )
    select greatest((select count(*) from chosen), (select count(*) from done)) into row_count;
    return next;
    if is_done and was_there then
        insert into {LOG} (tenant_id, user_id, action, object_kind, object_id, request_id)
        values (tenant, nullif(current_setting('{USER}', true), '')::uuid, '{ERASE}', 'users', wanted::text,
                nullif(current_setting('{REQUEST}', true), ''));
    end if;
end $$
"""  # noqa: S608 - names of the models and of this package


def ensure_erasure(connection: sa.Connection) -> None:
    """Make the function and let the service's role alone call it."""
    connection.exec_driver_sql(erase_sql().replace("%", "%%"))
    connection.exec_driver_sql(f"revoke all on function {SIGNATURE} from public")
    connection.exec_driver_sql(f"grant execute on function {SIGNATURE} to {ROLE}")


@dataclass(frozen=True)
class Found:
    """Rows of an account in a table, and what becomes of them: removed, kept, or emptied of what they say."""

    place: str
    deed: str
    rows: int


def erase_account(session: Session, user_id: uuid.UUID, *, is_done: bool) -> list[Found]:
    """What stands of an account of the transaction's tenant, and with `is_done` its erasure.

    Run again it finds what is left, which is what is kept.
    """
    query = sa.text("select place, deed, row_count from app.erase_account(:wanted, :is_done)")
    rows = session.execute(query, {"wanted": user_id, "is_done": is_done})
    return [Found(*row) for row in rows]


def is_there(session: Session, user_id: uuid.UUID) -> bool:
    """Whether the tenant has such an account, also a deleted one."""
    return session.scalar(sa.select(sa.exists().where(User.user_id == user_id))) is True
