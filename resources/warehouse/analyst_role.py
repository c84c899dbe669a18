"""The role `analyst`: reads schema marts, and nothing else of the warehouse.

Made in the set-up before each dbt build, by a database user who may; where that user may not create roles,
nothing fails and `state` says what is missing. A role belongs to the whole server, its grants to a database.
"""

from dataclasses import dataclass
from typing import Any

import psycopg2
from psycopg2.extensions import encrypt_password

from resources.errors import PermanentError
from resources.warehouse import connections as postgres
from resources.warehouse.warehouse import Warehouse

ROLE = "analyst"
SCHEMA = "marts"
VERIFIER_SETTING = "realestate.analyst_verifier"

# Refused with 42501 the rest goes on: a role that somebody else made is still given its grants. Only what is
# missing is granted, as each grant rewrites a row of the catalogue.
ENSURE_SQL = f"""
do $$
declare
    verifier text := nullif(current_setting('{VERIFIER_SETTING}', true), '');
    unread regclass;
begin
    if not exists (select from pg_roles where rolname = '{ROLE}') then
        begin
            create role {ROLE} nologin;
            alter role {ROLE} set default_transaction_read_only = on;
            comment on role {ROLE} is 'Reads schema {SCHEMA} of Real Estate OS.';
        exception
            when insufficient_privilege then return;
            -- Another run on the same server was faster.
            when duplicate_object or unique_violation then null;
        end;
    end if;
    if verifier is not null then
        begin
            execute format('alter role {ROLE} login password %L', verifier);
        exception when insufficient_privilege then null;
        end;
    end if;
    begin
        if not has_schema_privilege('{ROLE}', '{SCHEMA}', 'usage') then
            grant usage on schema {SCHEMA} to {ROLE};
        end if;
        for unread in
            select c.oid::regclass from pg_class c
            where c.relnamespace = '{SCHEMA}'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
              and pg_has_role(c.relowner, 'usage') and not has_table_privilege('{ROLE}', c.oid, 'select')
        loop
            execute format('grant select on %s to {ROLE}', unread);
        end loop;
        -- Marts that are built or rebuilt later, by this user.
        if not exists (
            select from pg_default_acl d, aclexplode(d.defaclacl) a
            where d.defaclnamespace = '{SCHEMA}'::regnamespace and d.defaclobjtype = 'r'
              and d.defaclrole = current_user::regrole and a.grantee = '{ROLE}'::regrole
              and a.privilege_type = 'SELECT'
        ) then
            alter default privileges in schema {SCHEMA} grant select on tables to {ROLE};
        end if;
    exception
        -- The schema is another user's: what the role then lacks stands in the state.
        when insufficient_privilege then null;
    end;
end $$
"""  # noqa: S608

STATE_SQL = """
select
    r.rolcanlogin as can_login,
    r.rolsuper or r.rolcreatedb or r.rolcreaterole or r.rolbypassrls as has_powers,
    (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $2 and c.relkind in ('r', 'p', 'v', 'm')) as marts,
    (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $2 and c.relkind in ('r', 'p', 'v', 'm')
        and has_schema_privilege(r.oid, n.oid, 'usage')
        and has_table_privilege(r.oid, c.oid, 'select')) as readable,
    (select string_agg(distinct n.nspname::text, ', ' order by n.nspname::text)
       from pg_namespace n
       left join pg_class c on c.relnamespace = n.oid and c.relkind in ('r', 'p', 'v', 'm')
      where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and has_schema_privilege(r.oid, n.oid, 'usage')
        and (has_schema_privilege(r.oid, n.oid, 'create')
             or (n.nspname = $2 and has_table_privilege(r.oid, c.oid, 'insert, update, delete, truncate'))
             or (n.nspname <> $2 and has_table_privilege(r.oid, c.oid, 'select, insert, update, delete')))
    ) as beyond
from pg_roles r where r.rolname = $1
"""
MAY_CREATE_SQL = "select rolsuper or rolcreaterole as may from pg_roles where rolname = current_user"


@dataclass(frozen=True)
class AnalystState:
    """What the role can do in this database; `exists` False leaves the rest at nothing."""

    exists: bool
    may_create: bool
    can_login: bool = False
    has_powers: bool = False
    marts: int = 0
    readable: int = 0
    beyond: str | None = None


def ensure_analyst(warehouse: Warehouse, password: str | None = None) -> None:
    """Make the role and grant it the marts; repeatable, and no error where the user may not.

    Args:
        warehouse: its schema marts exists.
        password: lets the role log in by itself; the server is sent the SCRAM verifier alone, so that the
            password reaches no log of it. None leaves the login as it is.

    Raises:
        PermanentError: the schema marts is not there.
    """
    verifier = _verifier(warehouse, password) if password else ""
    with warehouse.connect() as connection:
        postgres.query(connection, "select set_config($1, $2, true) as set", (VERIFIER_SETTING, verifier))
        postgres.run(connection, ENSURE_SQL)


def analyst_state(warehouse: Warehouse) -> AnalystState:
    """What the role can do now, for `realestate doctor`."""
    may_create = bool(warehouse.read(MAY_CREATE_SQL)["may"][0].as_py())
    rows = warehouse.read(STATE_SQL, (ROLE, SCHEMA)).to_pylist()
    return AnalystState(True, may_create, **rows[0]) if rows else AnalystState(False, may_create)


def _verifier(warehouse: Warehouse, password: str) -> str:
    parts: dict[str, Any] = {**warehouse.connection_parts()}
    try:
        connection = psycopg2.connect(**parts)
    except psycopg2.Error:
        # Outside of `except`, and without the driver's text: it may quote the connection.
        connection = None
    if connection is None:
        raise PermanentError("The analyst's password cannot be set: the database does not answer.")
    try:
        return encrypt_password(password, ROLE, scope=connection, algorithm="scram-sha-256")
    finally:
        connection.close()
