"""Dagster's own storage in the platform's Postgres, for `storage: {custom: …}` in dagster.yaml.

Webserver, daemon, code server and command line are processes of their own: each finds or starts the server
by itself, so that none needs to be told an address.
"""

from collections.abc import Mapping
from typing import Any

from dagster._serdes import ConfigurableClassData
from dagster_postgres import DagsterPostgresStorage
from dagster_postgres.event_log import PostgresEventLogStorage
from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError, InternalError

from resources.errors import PermanentError
from resources.home import embedded_postgres_root, setting
from resources.warehouse import connections as postgres
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


class EventLogStorage(PostgresEventLogStorage):
    """Dagster's event log, in which two runs may be the first to use a pool."""

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
        self._event_log_storage = EventLogStorage(postgres_url)
        for storage in (self._event_log_storage, self._run_storage, self._schedule_storage):
            # Dagster's own opens a connection (5 ms) for each of the thousands of statements of a run. Looked
            # at before use: the embedded server may have been killed and started again.
            storage._engine = create_engine(
                postgres_url,
                isolation_level="AUTOCOMMIT",
                pool_size=1,
                max_overflow=MAX_OVERFLOW,
                pool_pre_ping=True,
            )

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
        connection = postgres.open_connection(url, autocommit=True)
        try:
            postgres.query(
                connection, "select pg_advisory_lock(hashtextextended('dagster storage', 0))::text"
            )
            # The bare scheme would follow SQLAlchemy's default driver, which is psycopg 3 from 2.1 on.
            return cls(url.replace("postgresql://", "postgresql+psycopg2://", 1), inst_data=inst_data)
        finally:
            connection.close()

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
