"""The role `realestate_service`: the only one the service connects as.

It owns nothing, cannot pass row-level security and reads of the market what the views of schema `served`
show. Made as the analyst's role is: repeatable, by a database user who may; where that user may not, nothing
fails and the state says what an administrator runs.
"""

from dataclasses import dataclass

import sqlalchemy as sa
from psycopg2.extensions import encrypt_password

from realestate_assets.app.base import APP_SCHEMA, WORK_SCHEMA

ROLE = "realestate_service"
SERVED_SCHEMA = "served"
ALL = ("select", "insert", "update", "delete")
BY_ADMINISTRATOR = f"create role {ROLE} login password '…' nosuperuser nobypassrls;"

EXISTS_SQL = sa.text(
    "select r.rolcanlogin, r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb as has_powers "
    "from pg_roles r where r.rolname = :role"
)
MAY_CREATE_SQL = sa.text("select rolsuper or rolcreaterole from pg_roles where rolname = current_user")
# Two upgrades on one server may make it at the same moment: roles belong to the server, not to a database.
CREATE_SQL = f"""
do $$ begin
    create role {ROLE} login nosuperuser nobypassrls nocreatedb nocreaterole noinherit;
    comment on role {ROLE} is 'The service of Real Estate OS: sees one tenant at a time.';
exception when duplicate_object or unique_violation then null;
end $$
"""
HAS_SQL = sa.text("select has_table_privilege(:role, cast(:name as regclass), :privilege)")
LIES_SQL = sa.text("select to_regclass(:name) is not null")


@dataclass(frozen=True)
class ServiceRoleState:
    """What the role is in this database; powers are what it must not have."""

    exists: bool
    may_create: bool
    can_login: bool = False
    has_powers: bool = False


def service_role_state(connection: sa.Connection) -> ServiceRoleState:
    """What the role can do now, for `realestate doctor` and the start of the service."""
    may_create = bool(connection.execute(MAY_CREATE_SQL).scalar())
    found = connection.execute(EXISTS_SQL, {"role": ROLE}).one_or_none()
    return ServiceRoleState(True, may_create, *found) if found else ServiceRoleState(False, may_create)


def ensure_service_role(connection: sa.Connection, password: str | None = None) -> ServiceRoleState:
    """Make the role where this user may; its password, where one is given, goes as a SCRAM verifier."""
    state = service_role_state(connection)
    if not state.exists and state.may_create:
        connection.exec_driver_sql(CREATE_SQL)
        state = service_role_state(connection)
    if password and state.exists and state.may_create:
        driver = connection.connection.driver_connection
        verifier = encrypt_password(password, ROLE, scope=driver, algorithm="scram-sha-256")
        quoted = connection.execute(sa.text("select quote_literal(:text)"), {"text": verifier}).scalar_one()
        connection.exec_driver_sql(f"alter role {ROLE} password {quoted}")
    return state


def ensure_grants(connection: sa.Connection, metadata: sa.MetaData) -> None:
    """Give the role what each table of `app` and `work` says, and take from it what it does not."""
    for schema in (APP_SCHEMA, WORK_SCHEMA, SERVED_SCHEMA):
        connection.exec_driver_sql(f"create schema if not exists {schema}")
        connection.exec_driver_sql(f"grant usage on schema {schema} to {ROLE}")
    for table in metadata.sorted_tables:
        if connection.execute(LIES_SQL, {"name": table.fullname}).scalar():
            _grant(connection, table)


def _grant(connection: sa.Connection, table: sa.Table) -> None:
    wanted = set(table.info.get("grants", ALL))
    for privilege in (*ALL, "truncate"):
        asked = {"role": ROLE, "name": table.fullname, "privilege": privilege}
        has = connection.execute(HAS_SQL, asked).scalar()
        # Each grant rewrites a row of the catalogue: only what differs.
        if privilege in wanted and not has:
            connection.exec_driver_sql(f"grant {privilege} on {table.fullname} to {ROLE}")
        elif privilege not in wanted and has:
            connection.exec_driver_sql(f"revoke {privilege} on {table.fullname} from {ROLE}")
