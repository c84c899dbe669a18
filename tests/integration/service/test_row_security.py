"""Row-level security, tried with raw SQL as the service's own role: one tenant, or nothing."""

import uuid

import pytest
import sqlalchemy as sa

from realestate_assets.app.tables import METADATA
from realestate_assets.app.tenants import Tenant
from realestate_assets.operations.accounts.people import people
from resources.warehouse import migration

pytestmark = pytest.mark.integration

TABLES = [table for table in METADATA.sorted_tables if table.schema == "app"]
# Of `work` those that belong to tenants.
WORK = [t for t in METADATA.sorted_tables if t.schema == "work" and not t.info.get("is_shared")]
POLICIES_SQL = """
select n.nspname || '.' || c.relname as name, c.relrowsecurity and c.relforcerowsecurity as is_forced,
       exists (select from pg_attribute a
               where a.attrelid = c.oid and a.attname = 'tenant_id' and a.attnotnull) as has_tenant,
       exists (select from pg_policies p where p.schemaname = n.nspname and p.tablename = c.relname
               and p.cmd = 'ALL' and p.roles = '{public}' and p.qual = p.with_check
               and p.qual like '%tenant_id = (NULLIF(current_setting(''app.tenant_id''%') as has_policy
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('app', 'work') and c.relkind in ('r', 'p')
"""


def tenant_of(parts, slug):
    with migration.engine(parts.resources["warehouse"].database_url()).connect() as owner:
        return owner.scalar(sa.text("select tenant_id from app.tenants where slug = :slug"), {"slug": slug})


def test_every_table_that_people_enter_is_forced_to_show_one_tenant(parts):
    with migration.engine(parts.resources["warehouse"].database_url()).connect() as owner:
        found = owner.execute(sa.text(POLICIES_SQL)).all()
    of_tenants = {table.fullname for table in (*TABLES, *WORK)}
    shared = {table.fullname for table in METADATA.sorted_tables} - of_tenants
    assert {row.name for row in found} == of_tenants | shared
    found = [row for row in found if row.name in of_tenants]
    assert [row.name for row in found if not (row.is_forced and row.has_tenant and row.has_policy)] == []


def test_the_services_role_owns_nothing_and_passes_no_policy(parts):
    with parts.engine.connect() as connection:
        role = connection.execute(
            sa.text(
                "select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, "
                "(select count(*) from pg_class where relowner = r.oid) as owned, "
                "(select count(*) from pg_auth_members where member = r.oid) as memberships "
                "from pg_roles r where rolname = current_user"
            )
        ).one()
    assert tuple(role) == ("realestate_service", False, False, False, False, 0, 0)


@pytest.mark.parametrize("table", [*TABLES, *WORK], ids=str)
def test_without_a_tenant_nothing_is_seen(parts, table):
    with parts.engine.begin() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 0
    with parts.transaction(None) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 0


@pytest.mark.parametrize("table", [*TABLES, *WORK], ids=str)
def test_a_tenant_sees_its_own_rows_alone(parts, table):
    north = tenant_of(parts, "north")
    with parts.transaction(north) as session:
        found = set(session.scalars(sa.select(table.c.tenant_id)))
    assert found <= {north}


def test_a_tenant_neither_changes_nor_adds_rows_of_another(parts):
    north, south = tenant_of(parts, "north"), tenant_of(parts, "south")
    with parts.transaction(north) as session:
        changed = session.execute(sa.update(Tenant).where(Tenant.tenant_id == south).values(name="taken"))
        assert changed.rowcount == 0
    with (
        pytest.raises(sa.exc.ProgrammingError, match="row-level security"),
        parts.transaction(north) as session,
    ):
        session.execute(
            sa.text("insert into app.county_entitlements (tenant_id, county) values (:tenant, 'clark-nv')"),
            {"tenant": south},
        )
    with (
        pytest.raises(sa.exc.ProgrammingError, match="row-level security"),
        parts.transaction(north) as session,
    ):
        session.execute(sa.update(Tenant).values(tenant_id=south))


def test_the_tenant_of_a_transaction_is_forgotten_at_its_end(parts):
    with parts.engine.connect() as connection:
        with connection.begin():
            connection.execute(
                sa.text("select set_config('app.tenant_id', :t, true)"), {"t": str(tenant_of(parts, "north"))}
            )
            assert connection.scalar(sa.select(sa.func.count()).select_from(Tenant)) == 1
        with connection.begin():
            assert connection.scalar(sa.select(sa.func.count()).select_from(Tenant)) == 0


@pytest.mark.parametrize("schema", ["raw", "ops", "marts", "staging"])
def test_the_services_role_reaches_no_table_of_the_platform(parts, schema):
    with (
        parts.engine.begin() as connection,
        pytest.raises(sa.exc.ProgrammingError, match=r"denied|not exist"),
    ):
        connection.execute(sa.text(f"select * from {schema}.properties"))


def test_the_market_is_shown_by_county(parts):
    warehouse = parts.resources["warehouse"]
    with migration.engine(warehouse.database_url()).begin() as owner:
        required = {
            row.column_name: row.data_type
            for row in owner.execute(
                sa.text(
                    "select column_name, data_type from information_schema.columns "
                    "where table_schema = 'raw' and table_name = 'scores' "
                    "and is_nullable = 'NO' and is_generated = 'NEVER'"
                )
            )
        }
        dummy = {"text": "x", "boolean": True, "bigint": 1, "integer": 1, "double precision": 1.0}
        for county in ("king-wa", "travis-tx"):
            values = {name: dummy.get(kind, "2024-01-01") for name, kind in required.items()}
            values |= {"county": county, "month": "2024-01"}
            table = sa.table("scores", *(sa.column(name) for name in values), schema="raw")
            owner.execute(sa.insert(table).values(values))
    for slug, county in (("north", "king-wa"), ("south", "travis-tx")):
        with parts.transaction(tenant_of(parts, slug)) as session:
            assert session.scalars(sa.text("select county from served.scores")).all() == [county]
    with parts.transaction(None) as session:
        assert session.scalars(sa.text("select county from served.scores")).all() == []


def test_a_view_that_was_dropped_is_made_again(parts):
    warehouse = parts.resources["warehouse"]
    warehouse.execute("drop view served.scores")
    assert parts.make_views() == ("scores",)
    assert parts.make_views() == ()
    with parts.transaction(uuid.uuid4()) as session:
        assert session.scalars(sa.text("select county from served.scores")).all() == []


def test_names_and_addresses_lie_encrypted(parts):
    north = tenant_of(parts, "north")
    with parts.transaction(north) as session:
        clear = {person.email for person in people(session, parts.sealer)}
    assert "admin@north.example.com" in clear
    with migration.engine(parts.resources["warehouse"].database_url()).connect() as owner:
        rows = owner.execute(sa.text("select users::text from app.users")).scalars().all()
    assert rows and not any("example.com" in row or b"example.com".hex() in row for row in rows)
