"""Who wrote what, and who read what is personal: kept by triggers of the tables, so that no code forgets it.

The service's role may add rows and read them, and nothing else. What is encrypted in a table is encrypted
here; what proves who somebody is (hashes of passwords and keys), and what is private, is told to have
changed, not shown.
"""

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from realestate_assets.app.base import APP_SCHEMA, Base, Made, OfTenant
from realestate_assets.app.engine import REQUEST, TENANT, USER

HIDDEN = ("password_hash", "secret_hash", "key_sealed")
# Of a row with `is_private`: its writer's alone, not those who read the log.
HIDDEN_OF_PRIVATE = ("text",)
TRIGGER = "audited"
READ = "read"


READ_SQL = sa.text(
    f"""
    insert into app.audit_log (tenant_id, user_id, action, object_kind, object_id, request_id)
    select nullif(current_setting('{TENANT}', true), '')::uuid,
           nullif(current_setting('{USER}', true), '')::uuid, '{READ}', :kind, id,
           nullif(current_setting('{REQUEST}', true), '')
    from unnest(cast(:ids as text[])) as id
    """  # noqa: S608 - names of this package
)


class AuditEntry(OfTenant, Base):
    """One write of a row, or one read of personal data."""

    __tablename__ = "audit_log"
    __table_args__ = (
        sa.Index("audit_log_tenant_id_entry_id", "tenant_id", "entry_id"),
        {
            "schema": APP_SCHEMA,
            "comment": "Writes of what people enter and reads of personal data; only ever extended.",
            "info": {"grants": ("select", "insert"), "is_audited": False},
        },
    )

    entry_id: Mapped[int] = mapped_column(sa.Identity(), primary_key=True)
    at: Mapped[Made]
    # No reference: who acted stays known when the account is gone.
    user_id: Mapped[uuid.UUID | None]
    # insert, update, delete; read.
    action: Mapped[str]
    object_kind: Mapped[str]
    object_id: Mapped[str]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    request_id: Mapped[str | None]


def note_read(session: Session, kind: str, ids: list[uuid.UUID]) -> None:
    """Write down that the transaction's user read personal data of some rows of a kind."""
    session.execute(READ_SQL, {"kind": kind, "ids": [str(each) for each in ids]})


FUNCTION = f"""
create or replace function app.write_audit() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
    old_row jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    new_row jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
    known jsonb := coalesce(new_row, old_row);
    changed text[];
    hidden text[] := '{{{",".join(HIDDEN)}}}'::text[] || case
        when (known ->> 'is_private')::boolean
        then '{{{",".join(HIDDEN_OF_PRIVATE)}}}'::text[] else '{{}}'::text[] end;
begin
    if tg_op = 'UPDATE' then
        select array_agg(key) into changed from jsonb_each(new_row) n
        where n.value is distinct from old_row -> n.key;
        if changed is null then return null; end if;
        select jsonb_object_agg(key, value) into old_row from jsonb_each(old_row) where key = any(changed);
        select jsonb_object_agg(key, value) into new_row from jsonb_each(new_row) where key = any(changed);
    end if;
    select jsonb_object_agg(key, case when key = any(hidden) then '"***"' else value end)
        into old_row from jsonb_each(old_row);
    select jsonb_object_agg(key, case when key = any(hidden) then '"***"' else value end)
        into new_row from jsonb_each(new_row);
    insert into app.audit_log
        (tenant_id, user_id, action, object_kind, object_id, before, after, request_id)
    values (
        (known ->> 'tenant_id')::uuid, nullif(current_setting('{USER}', true), '')::uuid, lower(tg_op),
        tg_table_name,
        (select string_agg(known ->> name, ' ' order by place)
           from unnest(tg_argv) with ordinality as k(name, place)),
        old_row, new_row, nullif(current_setting('{REQUEST}', true), '')
    );
    return null;
end $$
"""  # noqa: S608 - names of this module
HAS_SQL = sa.text(
    "select exists (select from pg_trigger where tgrelid = to_regclass(:name) and tgname = :trigger)"
)
LIES_SQL = sa.text("select to_regclass(:name) is not null")


def ensure_audit(connection: sa.Connection, metadata: sa.MetaData) -> None:
    """Have each table of `app` write down what is written, but those that say `is_audited` False."""
    connection.exec_driver_sql(FUNCTION.replace("%", "%%"))
    for table in metadata.sorted_tables:
        if table.schema != APP_SCHEMA or not table.info.get("is_audited", True):
            continue
        if not connection.execute(LIES_SQL, {"name": table.fullname}).scalar():
            continue
        if not connection.execute(HAS_SQL, {"name": table.fullname, "trigger": TRIGGER}).scalar():
            key = ", ".join(f"'{column.name}'" for column in table.primary_key)
            connection.exec_driver_sql(
                f"create trigger {TRIGGER} after insert or update or delete on {table.fullname} "
                f"for each row execute function app.write_audit({key})"
            )
