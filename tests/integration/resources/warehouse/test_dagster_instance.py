"""Dagster's own storage: every process finds it by itself, and runs are kept."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dagster as dg
import psycopg2
import pytest
import sqlalchemy as sa
from dagster_postgres.event_log import PostgresEventLogStorage
from sqlalchemy.exc import OperationalError

from resources.errors import PermanentError
from resources.warehouse import connections as postgres
from resources.warehouse import embedded as embedded_postgres
from resources.warehouse.dagster_storage import DATABASE, storage_url

pytestmark = pytest.mark.integration

CONFIG = """
storage:
  custom:
    module: resources.warehouse.dagster_storage
    class: EmbeddedPostgresStorage
telemetry: {enabled: false}
concurrency: {pools: {default_limit: 1}}
"""


@dg.asset
def thing() -> int:
    """Something to make."""
    return 1


JOB = dg.Definitions(assets=[thing], jobs=[dg.define_asset_job("a")]).resolve_job_def("a")


@pytest.fixture
def home(servers_folder: Path, monkeypatch: pytest.MonkeyPatch):
    """A data folder of its own with a dagster.yaml."""
    folder = servers_folder / f"home-{os.getpid()}"
    folder.mkdir(exist_ok=True)
    (folder / "dagster.yaml").write_text(CONFIG)
    monkeypatch.setenv("REALESTATE_HOME", str(folder))
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    yield folder
    embedded_postgres.leave(folder / "postgres")


def test_a_run_is_kept_and_seen_by_another_process(home):
    with dg.DagsterInstance.from_config(str(home)) as instance:
        memory = {"io_manager": dg.InMemoryIOManager()}
        run_id = dg.materialize([thing], instance=instance, resources=memory).run_id
        assert dg.DagsterInstance.from_ref(instance.get_ref()).get_run_by_id(run_id).is_success
    code = "import dagster as dg; print(dg.DagsterInstance.get().get_runs()[0].run_id)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == run_id


def test_where_a_warehouse_is_set_its_server_gets_a_dagster_database(warehouse, monkeypatch):
    url = postgres.socket_url(str(warehouse.connection_parts()["host"]), "postgres")
    monkeypatch.setenv("DATABASE_URL", url)
    assert storage_url() == postgres.with_database(url, DATABASE)
    assert storage_url() == postgres.with_database(url, DATABASE)
    connection = postgres.open_connection(storage_url())
    assert postgres.query(connection, "select current_database()::text as name") == [{"name": "dagster"}]
    connection.close()


def test_an_address_of_its_own_goes_first(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://ann@h/x")
    monkeypatch.setenv("DAGSTER_PG_URL", "postgresql+psycopg2://ann:pw@h/y")
    assert storage_url() == "postgresql://ann:pw@h/y"


def test_a_warehouse_that_allows_no_new_database_says_what_to_do(warehouse, monkeypatch):
    warehouse.execute("drop role if exists visitor")
    warehouse.execute("create role visitor login")
    host = str(warehouse.connection_parts()["host"])
    monkeypatch.setattr("resources.warehouse.dagster_storage.DATABASE", "not_there")
    monkeypatch.setenv("DATABASE_URL", postgres.socket_url(host, "postgres", user="visitor"))
    with pytest.raises(PermanentError, match=r"DAGSTER_PG_URL.*create database not_there"):
        storage_url()


def test_a_pool_that_another_process_was_first_to_use_is_used_all_the_same(home):
    with dg.DagsterInstance.get() as instance:
        storage = instance.event_log_storage
        # Each process asks for it when it does not see the pool yet: the second one is late.
        assert [storage.initialize_concurrency_limit_to_default("dbt") for _ in range(2)] == [True, True]
        assert storage.get_concurrency_keys() == {"dbt"}
        assert storage.get_concurrency_info("dbt").slot_count == 1


def test_the_storages_keep_a_connection_and_make_another_after_the_server_ended_it(home):
    ended = (
        "select count(pg_terminate_backend(pid)) as ended from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()"
    )
    with dg.DagsterInstance.from_config(str(home)) as instance:
        # Dagster's own attribute, which is replaced.
        storages = (instance.run_storage, instance.event_log_storage, instance.schedule_storage)
        assert {type(storage._engine.pool).__name__ for storage in storages} == {"QueuePool"}
        before = instance.get_runs_count()
        connection = postgres.open_connection(storage_url())
        assert postgres.query(connection, ended)[0]["ended"] >= 1
        connection.close()
        assert instance.get_runs_count() == before


def kill_server(home: Path) -> None:
    """As the kernel does where memory runs out."""
    pid = embedded_postgres._recorded_pid(home / "postgres" / embedded_postgres.DATA_FOLDER)
    os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("in_webserver", [False, True], ids=["run", "webserver"])
def test_a_server_that_was_killed_is_started_by_whoever_asks_next(home, in_webserver):
    with dg.DagsterInstance.from_config(str(home)) as instance:
        if in_webserver:
            instance.optimize_for_webserver(statement_timeout=15_000, pool_recycle=3600, max_overflow=20)
        before = instance.get_runs_count()
        for storage in (instance.run_storage, instance.event_log_storage, instance.schedule_storage):
            assert storage._engine.pool._pre_ping
        kill_server(home)
        run = instance.create_run_for_job(JOB)
        assert instance.get_runs_count() == before + 1
        instance.report_engine_event("after the kill", run)
        kill_server(home)
        assert instance.schedule_storage.all_instigator_state() == []
        assert "after the kill" in [log.dagster_event.message for log in instance.all_logs(run.run_id)]


def test_a_webserver_keeps_its_time_limit_for_statements(home):
    with dg.DagsterInstance.from_config(str(home)) as instance:
        instance.optimize_for_webserver(statement_timeout=1_234, pool_recycle=3600, max_overflow=20)
        with instance.run_storage.connect() as connection:
            assert connection.exec_driver_sql("show statement_timeout").scalar() == "1234ms"
            # Behind a pooler of transactions the session is somebody else's next.
            cursor = connection.connection.cursor()
            cursor.execute("show statement_timeout")
            assert cursor.fetchone() == ("0",)


def broken_off(connection) -> None:
    """The server ends the statement that this connection is sending."""
    ended = "select count(pg_terminate_backend(pid)) as n from pg_stat_activity where query like '%sleep%'"
    while not postgres.query(connection, ended + " and pid <> pg_backend_pid() and state = 'active'")[0]["n"]:
        time.sleep(0.05)


def test_a_query_is_sent_again_and_a_transaction_never_half(home):
    slow = sa.select(sa.func.pg_sleep(0.7).cast(sa.Text))
    halves = sa.Table("halves", sa.MetaData(), sa.Column("n", sa.Integer))
    with dg.DagsterInstance.from_config(str(home)) as instance, ThreadPoolExecutor(1) as pool:
        other = postgres.open_connection(storage_url(), autocommit=True)
        storage = instance.event_log_storage
        halves.create(storage._engine, checkfirst=True)
        with storage._connect() as connection:
            ended = pool.submit(broken_off, other)
            assert len(connection.execute(slow).all()) == 1
            ended.result()
        with pytest.raises(OperationalError), storage.index_transaction() as connection:
            connection.execute(halves.insert().values(n=1))
            ended = pool.submit(broken_off, other)
            connection.execute(slow)
        ended.result()
        with storage._connect() as connection:
            assert connection.execute(sa.select(sa.func.count()).select_from(halves)).scalar() == 0
            ended = pool.submit(broken_off, other)
            with pytest.raises(OperationalError):
                connection.execute(halves.insert().values(n=slow.scalar_subquery().cast(sa.Integer)))
            ended.result()
        other.close()


def test_an_event_whose_answer_was_lost_is_stored_once(home, monkeypatch):
    with dg.DagsterInstance.from_config(str(home)) as instance:
        run = instance.create_run_for_job(JOB)
        real = PostgresEventLogStorage.store_event

        def stored_and_lost(self, event):
            real(self, event)
            raise OperationalError("insert", {}, psycopg2.OperationalError(), connection_invalidated=True)

        monkeypatch.setattr(PostgresEventLogStorage, "store_event", stored_and_lost)
        instance.report_engine_event("told twice", run)
        assert [log.dagster_event.message for log in instance.all_logs(run.run_id)].count("told twice") == 1


def test_what_is_there_is_asked_of_the_catalogue_once_and_what_is_not_each_time(home, monkeypatch):
    asked = []
    plain = PostgresEventLogStorage._has_asset_key_col_on_connection

    def counted(self, connection, name):
        asked.append(name)
        return plain(self, connection, name)

    monkeypatch.setattr(PostgresEventLogStorage, "_has_asset_key_col_on_connection", counted)
    with dg.DagsterInstance.from_config(str(home)) as instance:
        storage = instance.event_log_storage
        assert [storage.can_read_asset_status_cache() for _ in range(3)] == [True] * 3
        assert [storage.has_asset_key_col("no_such_column") for _ in range(2)] == [False] * 2
        assert storage.supports_asset_checks
    assert asked.count("cached_status_data") == 1
    assert asked.count("no_such_column") >= 2
