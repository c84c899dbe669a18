"""Dagster's own storage: every process finds it by itself, and runs are kept."""

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

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
    @dg.asset
    def thing():
        return 1

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
