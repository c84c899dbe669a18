"""The role `analyst` on a real Postgres: it reads the marts, those built later too, and nothing else."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from realestate_assets.cli.doctor import describe_analyst
from realestate_assets.domain.tables import TABLES
from resources.warehouse import embedded as embedded_postgres
from resources.warehouse.analyst_role import AnalystState, analyst_state, ensure_analyst
from resources.warehouse.resource import WarehouseResource

pytestmark = pytest.mark.integration

PASSWORD = "it's 100 % s3cret – ü"


@pytest.fixture(scope="module")
def own_server(servers_folder: Path) -> Iterator[WarehouseResource]:
    """A server of these tests' own: a role belongs to the server, and other tests build marts on theirs."""
    root = servers_folder / "analyst"
    yield WarehouseResource(embedded_root=str(root))
    embedded_postgres.leave(root)


@pytest.fixture(scope="module")
def set_up(own_server: WarehouseResource) -> WarehouseResource:
    """A warehouse with some raw tables, one mart, and the role; tests leave it as they found it."""
    warehouse = own_server
    warehouse.ensure_tables([TABLES["properties"], TABLES["enrichment_facts"]])
    warehouse.execute("create table ops.counties (county text)")
    warehouse.execute("create table marts.deals as select 1 as rank")
    ensure_analyst(warehouse)
    return warehouse


def ask(warehouse: WarehouseResource, sql: str, user: str = "analyst", **options: str) -> list[tuple]:
    """Rows of a statement run as another user; the embedded server lets its owner in as any role."""
    connection = psycopg2.connect(**{**warehouse.connection_parts(), "user": user, **options})
    with contextlib.closing(connection), connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def as_analyst(set_up: WarehouseResource):
    """Runs a statement as a user who was granted the role, as a database administrator would do it."""
    set_up.execute("create role ann login in role analyst")
    yield lambda sql: ask(set_up, sql, user="ann")
    set_up.execute("drop role ann")


def test_an_analyst_reads_a_mart_and_one_that_is_built_later(set_up, as_analyst):
    assert as_analyst("select rank from marts.deals") == [(1,)]
    set_up.execute("create table marts.later as select 2 as rank")
    assert as_analyst("select rank from marts.later") == [(2,)]
    set_up.execute("drop table marts.later")


@pytest.mark.parametrize(
    "sql",
    [
        "select * from raw.properties",
        "select * from raw.enrichment_facts",
        "select * from ops.counties",
        "create table raw.mine (n int)",
        "create table marts.mine (n int)",
        "create table public.mine (n int)",
        "create schema mine",
        "insert into marts.deals values (3)",
        "update marts.deals set rank = 3",
        "delete from marts.deals",
        "truncate marts.deals",
        "drop table marts.deals",
        "create role other",
        "set role postgres",
        "copy marts.deals to program 'true'",
        "select pg_read_file('postgresql.conf')",
    ],
)
def test_an_analyst_reads_and_changes_nothing_else(set_up, as_analyst, sql):
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        as_analyst(sql)


def test_the_role_itself_cannot_log_in_until_it_is_given_a_password(set_up):
    assert not analyst_state(set_up).can_login
    with pytest.raises(psycopg2.OperationalError, match="not permitted to log in"):
        ask(set_up, "select 1")
    ensure_analyst(set_up, PASSWORD)
    try:
        assert analyst_state(set_up) == AnalystState(
            exists=True, may_create=True, can_login=True, has_powers=False, marts=1, readable=1, beyond=None
        )
        with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
            ask(set_up, "create temporary table mine (n int)")
        kept = set_up.read("select rolpassword as p from pg_authid where rolname = 'analyst'")["p"][0].as_py()
        assert kept.startswith("SCRAM-SHA-256$")
    finally:
        set_up.execute("alter role analyst nologin password null")


def test_a_second_set_up_changes_nothing(set_up):
    def rows() -> list[dict]:
        return set_up.read(
            "select c.oid::text as name, c.xmin::text as version from pg_class c "
            "where c.relnamespace = 'marts'::regnamespace "
            "union all select n.nspname::text, n.xmin::text from pg_namespace n "
            "union all select d.oid::text, d.xmin::text from pg_default_acl d"
        ).to_pylist()

    before = rows()
    ensure_analyst(set_up)
    assert rows() == before


def test_a_table_that_lost_its_grant_is_given_it_again_and_the_state_tells_what_is_too_much(set_up):
    set_up.execute("revoke all on marts.deals from analyst")
    assert analyst_state(set_up).readable == 0
    ensure_analyst(set_up)
    assert analyst_state(set_up).readable == 1
    set_up.execute("grant usage on schema raw to analyst")
    set_up.execute("grant select on raw.properties to analyst")
    assert analyst_state(set_up).beyond == "raw"
    assert "reaches beyond the marts: raw" in describe_analyst(analyst_state(set_up), False)
    set_up.execute("revoke all on schema raw from analyst")
    set_up.execute("revoke all on raw.properties from analyst")


def test_a_user_who_may_not_create_roles_runs_on_and_the_state_says_so(set_up):
    """The role is only out of sight here, under another name."""
    set_up.execute("create role plain login")
    set_up.execute("grant usage, create on schema marts to plain")
    set_up.execute("alter role analyst rename to hidden_analyst")
    parts = set_up.connection_parts()
    limited = WarehouseResource(url=f"postgresql://plain@/{parts['dbname']}?host={parts['host']}")
    try:
        ensure_analyst(limited, PASSWORD)
        assert analyst_state(limited) == AnalystState(exists=False, may_create=False)
        assert "create role analyst nologin" in describe_analyst(analyst_state(limited), False)
    finally:
        set_up.execute("alter role hidden_analyst rename to analyst")
    ensure_analyst(limited, PASSWORD)
    state = analyst_state(limited)
    assert state.readable == state.marts and not state.can_login
    set_up.execute("drop owned by plain")
    set_up.execute("drop role plain")


def test_doctor_tells_what_is_left_to_do():
    absent = AnalystState(exists=False, may_create=True)
    assert "first run" in describe_analyst(absent, False)
    there = AnalystState(exists=True, may_create=True, marts=9, readable=9)
    assert "reads 9 of 9 marts; no login (set ANALYST_PASSWORD" in describe_analyst(there, False)
    assert "may not set its password" in describe_analyst(there, True)
