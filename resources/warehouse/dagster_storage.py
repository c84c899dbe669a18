"""Dagster's own storage in the platform's Postgres, for `storage: {custom: …}` in dagster.yaml.

Webserver, daemon, code server and command line are processes of their own: each finds or starts the server
by itself, so that none needs to be told an address.
"""

from collections.abc import Callable, Mapping
from typing import Any

import dagster as dg
import sqlalchemy as sa
from dagster._core.events import ASSET_EVENTS
from dagster._core.storage.event_log.schema import SqlEventLogStorageTable
from dagster._serdes import ConfigurableClassData, serialize_value
from dagster_postgres import DagsterPostgresStorage
from dagster_postgres.event_log import PostgresEventLogStorage
from dagster_postgres.run_storage import PostgresRunStorage
from dagster_postgres.schedule_storage import PostgresScheduleStorage
from sqlalchemy.exc import DBAPIError, IntegrityError, InternalError

from resources.errors import PermanentError
from resources.home import embedded_postgres_root, setting
from resources.warehouse import connections as postgres
from resources.warehouse.dagster_engine import PageConnection, kept_engine, limit_statements
from resources.warehouse.embedded import server_uri

DATABASE = "dagster"
# Connections beyond the one that is kept: as many as threads of the daemon may ask at once.
MAX_OVERFLOW = 20


def storage_url() -> str:
    """Where Dagster keeps runs and events, by libpq's rules.

    DAGSTER_PG_URL where it is set; else database `dagster` on the server of DATABASE_URL; else that
    database on the embedded server.
    """
    if url := setting("DAGSTER_PG_URL"):
        return postgres.libpq_url(url)
    if url := setting("DATABASE_URL"):
        try:
            postgres.ensure_database(url, DATABASE)
        except PermanentError as error:
            raise PermanentError(
                f"Database {DATABASE} cannot be made on the server of DATABASE_URL: {error}",
                remedy=f"Create it, or set DAGSTER_PG_URL: create database {DATABASE};",
            ) from error
        return postgres.with_database(url, DATABASE)
    return server_uri(embedded_postgres_root(), DATABASE)


def current_url() -> str:
    """Where the storage is now; the embedded server is started where it is not up."""
    if url := setting("DAGSTER_PG_URL"):
        return postgres.libpq_url(url)
    if url := setting("DATABASE_URL"):
        return postgres.with_database(url, DATABASE)
    return server_uri(embedded_postgres_root(), DATABASE)


class _Kept:
    """A storage over connections that are kept.

    Dagster's own opens one (5 ms) for each of the thousands of statements of a run, and in the webserver
    keeps one without looking at it: after a restart of the server the first launch of a run failed.
    """

    _engine: sa.Engine
    find_url: Callable[[], str]

    def keep_connections(self, find_url: Callable[[], str]) -> None:
        """Use kept connections from now on."""
        self.find_url = find_url
        self._engine = kept_engine(find_url, max_overflow=MAX_OVERFLOW)

    def optimize_for_webserver(self, statement_timeout: int, pool_recycle: int, max_overflow: int) -> None:
        """As Dagster's: a time limit for each statement (ms), connections no older than so many seconds."""
        self._engine = kept_engine(
            self.find_url, max_overflow=max_overflow, kind=PageConnection, pool_recycle=pool_recycle
        )
        limit_statements(self._engine, statement_timeout)


class RunStorage(_Kept, PostgresRunStorage):
    """Dagster's runs."""


class ScheduleStorage(_Kept, PostgresScheduleStorage):
    """Dagster's schedules, sensors and their ticks."""


class EventLogStorage(_Kept, PostgresEventLogStorage):
    """Dagster's event log, in which two runs may be the first to use a pool.

    Dagster asks the database's catalogue whether a table and a column of its own are there, some 500 times in
    a small run and with six statements each. What was there once stays.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Open the storage; see Dagster's."""
        super().__init__(*args, **kwargs)
        self._seen: set[str] = set()

    def has_table(self, table_name: str) -> bool:
        """Whether a table is there."""
        ask = super().has_table
        return self._is_seen(table_name, lambda: ask(table_name))

    def _has_asset_key_col_on_connection(self, conn: sa.engine.Connection, column_name: str) -> bool:
        ask = super()._has_asset_key_col_on_connection
        return self._is_seen(f"asset_keys.{column_name}", lambda: ask(conn, column_name))

    def has_asset_key_col(self, column_name: str) -> bool:
        """Whether a column of the table of assets is there."""
        ask = super().has_asset_key_col
        return self._is_seen(f"asset_keys.{column_name}", lambda: ask(column_name))

    def _is_seen(self, name: str, ask: Callable[[], bool]) -> bool:
        if name not in self._seen and ask():
            self._seen.add(name)
        return name in self._seen

    def store_event(self, event: dg.EventLogEntry) -> None:
        """Store an event once, also where the server goes away meanwhile."""
        try:
            super().store_event(event)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            self._finish_storing(event)

    def _finish_storing(self, event: dg.EventLogEntry) -> None:
        """What of an event is not stored yet: the answer to its insert may have been lost, not the insert."""
        table = SqlEventLogStorageTable
        mine = (table.c.run_id == event.run_id) & (table.c.event == serialize_value(event))
        with self._connect() as connection:
            event_id = connection.execute(sa.select(sa.func.max(table.c.id)).where(mine)).scalar()
        if event_id is None:
            super().store_event(event)
            return
        if not event.is_dagster_event:
            return
        if event.dagster_event_type in ASSET_EVENTS and event.get_dagster_event().asset_key:
            with self.index_transaction() as connection:
                self._store_asset_event_tags(connection, [event], [event_id])
                self._store_asset_event(connection, event, event_id)
        # Of other events nothing.
        self.store_asset_check_event(event, event_id)

    def initialize_concurrency_limit_to_default(self, concurrency_key: str) -> bool:
        """Give a pool its limit, also where another process has just done so.

        Dagster (1.13) inserts the limit and, where it stands already, updates it within the transaction that
        the insert has just failed; Postgres refuses that, and the whole run would fail.
        """
        try:
            return super().initialize_concurrency_limit_to_default(concurrency_key)
        except (IntegrityError, InternalError):
            # Same server, same dagster.yaml: what the other process wrote is what this one would have.
            return concurrency_key in self.get_concurrency_keys()


class EmbeddedPostgresStorage(DagsterPostgresStorage):
    """Postgres storage that needs no configuration; see `storage_url`."""

    def __init__(self, postgres_url: str, inst_data: ConfigurableClassData | None = None) -> None:
        """Open the storage, creating its tables."""
        super().__init__(postgres_url, inst_data=inst_data)
        # The tables are made: these would look for them again.
        self._run_storage = RunStorage(postgres_url, should_autocreate_tables=False)
        self._event_log_storage = EventLogStorage(postgres_url, should_autocreate_tables=False)
        self._schedule_storage = ScheduleStorage(postgres_url, should_autocreate_tables=False)
        for storage in (self._run_storage, self._event_log_storage, self._schedule_storage):
            storage.keep_connections(current_url)

    @classmethod
    def config_type(cls) -> dict:
        """No options: the environment says where."""
        return {}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "EmbeddedPostgresStorage":
        """Open the storage, creating its tables; processes that start together do so one after another."""
        url = storage_url()
        # Of a transaction, which ends with the connection: a lock of the session would stay behind a pooler.
        connection = postgres.open_connection(url)
        try:
            postgres.query(
                connection, "select pg_advisory_xact_lock(hashtextextended('dagster storage', 0))::text"
            )
            # The bare scheme would follow SQLAlchemy's default driver, which is psycopg 3 from 2.1 on.
            return cls(url.replace("postgresql://", "postgresql+psycopg2://", 1), inst_data=inst_data)
        finally:
            postgres.close(connection)

    # The parent names its three storages as classes of their own, to be built from an address in
    # dagster.yaml. There is none here: Dagster then goes through this class.
    @property
    def event_storage_data(self) -> ConfigurableClassData | None:
        """None: built by this class alone."""
        return None

    @property
    def run_storage_data(self) -> ConfigurableClassData | None:
        """None: built by this class alone."""
        return None

    @property
    def schedule_storage_data(self) -> ConfigurableClassData | None:
        """None: built by this class alone."""
        return None
