"""Postgres by TLS as verify-full, for every library that connects; a role that owns its database alone."""

import os
import time

import psycopg2
import pytest
import sqlalchemy as sa

from realestate_assets.dbt.build import run_dbt
from realestate_assets.operations.backup.postgres import dump, moment
from realestate_assets.operations.migrate import migrate
from resources.errors import PermanentError
from resources.warehouse import migration
from resources.warehouse.analyst_role import analyst_state
from resources.warehouse.dagster_engine import kept_engine
from resources.warehouse.resource import WarehouseResource
from tests.integration import command_line
from tests.integration.resources.warehouse.tls_server import PLAIN_PASSWORD, TlsServer, programs

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(programs() is None, reason="this machine has no Postgres; the wheel's knows no TLS"),
]


@pytest.fixture(scope="module")
def server(servers_folder):
    made = TlsServer(servers_folder / "tls")
    try:
        made.start()
        yield made
    finally:
        made.stop()


def warehouse_at(url: str) -> WarehouseResource:
    return WarehouseResource(url=url, migrations="realestate_assets:migrations")


def test_each_library_connects_with_the_authority_of_the_url(server):
    warehouse = warehouse_at(server.url())
    sql = "select ssl from pg_stat_ssl where pid = pg_backend_pid()"
    assert warehouse.read(sql)["ssl"].to_pylist() == [True]
    with psycopg2.connect(**warehouse.connection_parts()) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        assert cursor.fetchone() == (True,)
    assert migration.ask(server.url(), sql) is True
    with kept_engine(lambda: server.url(database="dagster"), max_overflow=1).connect() as connection:
        assert connection.execute(sa.text(sql)).scalar() is True
    connection.close()
    run_dbt(warehouse, ["debug"])


def test_ones_own_certificate_is_the_way_in(server):
    certificate, key = server.client
    url = server.url("certain", "certain", sslcert=certificate, sslkey=key)
    warehouse = warehouse_at(url)
    assert warehouse.read("select current_user::text as me")["me"].to_pylist() == ["certain"]
    psycopg2.connect(**warehouse.connection_parts()).close()
    run_dbt(warehouse, ["debug"])


@pytest.mark.parametrize(
    ("wrong", "mend"),
    [
        ("authority", "Set sslrootcert"),
        ("no file", "Set sslrootcert"),
        ("host", "host name"),
        ("no client certificate", "sslcert and sslkey"),
    ],
)
def test_what_cannot_be_trusted_is_refused_at_once_with_what_to_do(server, wrong, mend):
    url = {
        "authority": server.url(sslrootcert=server.other_ca),
        "no file": server.url(sslrootcert="/no/such/ca.pem"),
        "host": server.url().replace("127.0.0.1", "localhost"),
        "no client certificate": server.url("certain", "certain"),
    }[wrong]
    for ask in (lambda: warehouse_at(url).read("select 1"), lambda: migration.ask(url, "select 1")):
        began = time.monotonic()
        with pytest.raises(PermanentError) as e:
            ask()
        assert mend in str(e.value) and "DATABASE_URL" in str(e.value)
        assert PLAIN_PASSWORD not in str(e.value) and "s3cret" not in str(e.value)
        assert time.monotonic() - began < 15


def test_who_owns_the_database_alone_migrates_and_gives_analysts_their_marts(server):
    warehouse = warehouse_at(server.url())
    first = migrate(warehouse)
    assert first.left and not migrate(warehouse).is_change
    state = analyst_state(warehouse)
    assert state.exists and not state.may_create and not state.beyond


def test_a_backup_by_tls_takes_the_machines_own_programs(server, monkeypatch):
    warehouse_at(server.url()).execute("create schema if not exists kept")
    warehouse_at(server.url()).execute("create table if not exists kept.rows as select 42 as value")
    monkeypatch.setenv("PATH", f"{programs()}:{os.environ['PATH']}")
    with moment(server.url()) as (_, name):
        assert b"".join(dump(server.url(), name)).startswith(b"PGDMP")
    monkeypatch.setenv("PATH", "/nowhere")
    with (
        moment(server.url()) as (_, name),
        pytest.raises(PermanentError, match=r"pg_dump .*knows no TLS.*postgresql-client"),
    ):
        b"".join(dump(server.url(), name))


@pytest.mark.long
@pytest.mark.end_to_end
def test_analysts_read_the_marts_of_a_run_on_a_replica(server, new_home):
    """The whole run by verify-full under a role that owns its databases and nothing else."""
    server.replica()
    env = command_line.environment(
        new_home(), DATABASE_URL=server.url(), SAMPLE_ROWS_PER_MONTH="60", MEMO_LIMIT_PER_PARTITION="2"
    )
    month = ["--county", "clark-nv", "--months", "2024-01:2024-01"]
    assert command_line.run(["run", *month, "--json"], env)["status"] == "ok"
    told = command_line.start(["doctor"], env)
    assert "reads" in told.communicate(timeout=120)[0]
    state = analyst_state(warehouse_at(server.url()))
    assert state.readable == state.marts > 10

    counts_sql = "select count(*) from marts.features"
    there = warehouse_at(server.url()).read(counts_sql).to_pydict()
    replica = server.url("ann", replica=True)
    for _ in range(60):
        if warehouse_at(replica).read(counts_sql).to_pydict() == there:
            break
        time.sleep(0.5)
    analyst = warehouse_at(replica)
    assert analyst.read(counts_sql).to_pydict() == there and there["count"][0] > 0
    assert analyst.read("select pg_is_in_recovery() as waits")["waits"].to_pylist() == [True]
    with pytest.raises(PermanentError, match="permission denied"):
        analyst.read("select * from raw.properties")
    with pytest.raises(PermanentError, match="read-only"):
        analyst.execute("create temp table mine (x int)")
