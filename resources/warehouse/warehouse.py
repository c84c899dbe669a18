"""The warehouse: Postgres through ADBC, Arrow in and Arrow out, partitions replaced whole.

Parameters are `$1, $2, …`. A list is passed as JSON text: `where zip in (select
jsonb_array_elements_text($1::jsonb))` with `json.dumps(zips)`. `numeric` columns come back as text: cast
them to float8 in the query. It works behind a pooler of transactions (PgBouncer): a session keeps nothing.
"""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa
from adbc_driver_manager import dbapi as adbc
from adbc_driver_postgresql import dbapi
from pydantic import BaseModel, ConfigDict, Field
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from resources.errors import LockHeldError, PermanentError, TransientError
from resources.home import embedded_postgres_root
from resources.partition import PARTITION_ROWS, Partition, in_partitions, partitions_json
from resources.telemetry import spans
from resources.warehouse import connections as postgres
from resources.warehouse.conform import Frame, conform, partition_counts
from resources.warehouse.embedded import server_uri
from resources.warehouse.journal import Note
from resources.warehouse.table_ddl import (
    CATALOG_SQL,
    LOCK,
    Catalog,
    catalog_parameters,
    is_comment,
    statements,
    table_name,
)
from resources.warehouse.table_spec import TableSpec

if TYPE_CHECKING:
    from resources.warehouse.migration import Upgrade

ATTEMPTS = 6
LOCK_POLL_SECONDS = 0.2
# Of a transaction: behind a pooler a session's lock would stay with whoever has the connection next.
LOCK_SQL = "select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as held"
SHARED_LOCK_SQL = "select pg_try_advisory_xact_lock_shared(hashtextextended($1, 0)) as held"

Result = TypeVar("Result")


def _retrying(kind: type[TransientError]) -> Retrying:
    # About 10 s in all: longer outages are the run's retry policy to bridge.
    return Retrying(
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_random_exponential(multiplier=0.2, max=5),
        retry=retry_if_exception_type(kind),
        reraise=True,
    )


class Warehouse(BaseModel):
    """Postgres by URL, or the embedded one where `url` is empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(default="", repr=False, description="postgresql://…; empty: the embedded Postgres.")
    embedded_root: str = Field(default="", description="Folder of the embedded Postgres.")
    database: str = Field(default="realestate", description="Database of the embedded Postgres.")
    migrations: str = Field(
        default="", description="Where the history of its tables lies, as Alembic's script_location."
    )

    @contextlib.contextmanager
    def connect(self) -> Iterator[dbapi.Connection]:
        """An ADBC connection that is one transaction: committed at the end, rolled back on an error."""
        connection, url = self._open()
        try:
            yield connection
            connection.commit()
        except adbc.Error as error:
            with contextlib.suppress(adbc.Error):
                connection.rollback()
            raise postgres.translate(error, url) from error
        except BaseException:
            with contextlib.suppress(adbc.Error):
                connection.rollback()
            raise
        finally:
            postgres.close(connection)

    def read(self, sql: str, parameters: tuple = ()) -> pa.Table:
        """Result of a query; retried on transient errors."""

        def fetch(connection: dbapi.Connection) -> pa.Table:
            with connection.cursor() as cursor:
                cursor.execute(sql, tuple(parameters) or None)
                return cursor.fetch_arrow_table()

        return self._transaction(fetch)

    def execute(self, sql: str, parameters: tuple = ()) -> None:
        """One statement; run again only where the server has rolled it back."""
        self._transaction(lambda c: postgres.run(c, sql, tuple(parameters)), postgres.RolledBackError)

    def ensure_tables(self, specs: Iterable[TableSpec]) -> None:
        """Have schemas and tables match `specs`: by the history of the tables where there is one.

        Without one they are made and extended as the specs say. Safe when several processes do it at once.

        Raises:
            PermanentError: a column's type or a table's key differs, or the history does not hold a table.
        """
        specs = list(specs)
        if not self._missing(specs):
            return
        if not self.migrations:
            self._bring(specs)
            return
        self.migrate(specs)

    def migrate(self, specs: Iterable[TableSpec]) -> "Upgrade":
        """Bring the database to the last revision of its history, its descriptions to those of `specs`.

        Raises:
            PermanentError: what the specs say is not there afterwards.
        """
        # Imports Alembic, which reading and writing rows need not.
        from resources.warehouse import migration

        specs = list(specs)
        done = _retrying(TransientError)(lambda: migration.upgrade(self._url(), self.migrations))
        if missing := self._missing(specs):
            raise PermanentError(
                f"the database lacks what {len(missing)} statement(s) would add, the first: {missing[0]}",
                remedy="A newer version may have upgraded it: update this installation. Where you changed a "
                "table spec, write its revision: docs/extending.md.",
            )
        self.describe_tables(specs)
        return done

    def describe_tables(self, specs: Iterable[TableSpec]) -> None:
        """Bring the comments of tables and columns to those of `specs`."""
        self._bring(list(specs), only_comments=True)

    def revision(self) -> str | None:
        """Revision of the database's tables; None where their history has not begun."""
        from resources.warehouse import migration

        return _retrying(TransientError)(lambda: migration.current(self._url()))

    def _missing(self, specs: list[TableSpec]) -> list[str]:
        return [
            statement
            for statement in self._transaction(lambda connection: _statements(connection, specs))
            if not is_comment(statement)
        ]

    def _bring(self, specs: list[TableSpec], only_comments: bool = False) -> None:
        def bring(connection: dbapi.Connection) -> None:
            lock = "select pg_advisory_xact_lock(hashtextextended($1, 0))::text"
            postgres.query(connection, lock, (LOCK,))
            for statement in _statements(connection, specs):
                if is_comment(statement) or not only_comments:
                    postgres.run(connection, statement)

        self._transaction(bring)

    def replace_partitions(
        self,
        spec: TableSpec,
        table: Frame,
        partitions: list[Partition],
        note: Note | None = None,
    ) -> dict[Partition, int]:
        """Replace exactly `partitions` of a table by the rows given, in one transaction.

        Writers of the same partition wait for each other; writers of others do not. Readers see the old
        partition or the new one.

        Args:
            spec: the table.
            table: its new rows.
            partitions: what is replaced.
            note: what is noted of it in the same transaction.

        Returns:
            Rows written per partition.

        Raises:
            PermanentError: the frame does not fit the spec, or a row belongs to another partition; or rows
                of the table are never replaced.
        """
        if not spec.is_partitioned:
            raise PermanentError(f"{spec.name} is not partitioned: its rows are never replaced.")
        rows = conform(table, spec)
        counts = partition_counts(rows, partitions, spec.name)
        told = {
            "db.system.name": "postgresql",
            "db.collection.name": f"{spec.schema}.{spec.name}",
            "db.operation.name": "replace",
            "realestate.rows": rows.num_rows,
            "realestate.partitions": len(counts),
        }
        if counts:
            with spans.span(f"replace {spec.schema}.{spec.name}", spans.CLIENT, told):
                made = note.made(rows) if note and note.made else None
                self._transaction(
                    lambda connection: _replace(connection, spec, rows, list(counts), note, made)
                )
        return counts

    def read_partitions(
        self, schema: str, name: str, partitions: list[Partition], columns: list[str] | None = None
    ) -> pa.Table:
        """Rows of some partitions, ordered by county, month and (where there is one) property_id."""
        chosen = ", ".join(f"t.{postgres.identifier(c)}" for c in columns) if columns else "t.*"
        source = f"{postgres.identifier(schema)}.{postgres.identifier(name)}"
        rows = self.read(
            # Identifiers are checked above.
            f"select {chosen} from {source} t where {in_partitions('t')}",  # noqa: S608
            (partitions_json(partitions),),
        )
        order = [c for c in ("county", "month", "property_id") if c in rows.column_names]
        return rows.sort_by([(c, "ascending") for c in order]) if order else rows

    def database_url(self) -> str:
        """Where the database is now, as libpq takes it; it may hold a password."""
        return self._url()

    def connection_parts(self) -> dict[str, str | int]:
        """Host, port, user, password and dbname, for dbt (and sslmode where the URL gives one)."""
        return postgres.url_parts(self._url())

    @contextlib.contextmanager
    def lock(self, name: str, timeout_seconds: float = 600, *, shared: bool = False) -> Iterator[None]:
        """Hold a lock of that name in this database; it ends with the process, however that ends.

        Args:
            name: of the lock.
            timeout_seconds: how long others are waited for.
            shared: beside all who hold it shared, too; else alone.

        Raises:
            LockHeldError: another holder did not give it up in time.
        """
        connection, url = self._open()
        try:
            self._await_lock(connection, url, name, timeout_seconds, shared)
            yield
        finally:
            postgres.close(connection)

    @staticmethod
    def _await_lock(
        connection: dbapi.Connection, url: str, name: str, timeout_seconds: float, shared: bool
    ) -> None:
        deadline = time.monotonic() + timeout_seconds
        # Not waited for in the server, where whoever wants it alone holds up those who share it.
        sql = SHARED_LOCK_SQL if shared else LOCK_SQL
        while True:
            try:
                if postgres.query(connection, sql, (f"lock:{name}",))[0]["held"]:
                    return
            except adbc.Error as error:
                raise postgres.translate(error, url) from error
            if time.monotonic() > deadline:
                raise LockHeldError(
                    f"The lock {name!r} was held by another process for {timeout_seconds:g} s."
                )
            time.sleep(LOCK_POLL_SECONDS)

    def _url(self) -> str:
        if self.url:
            return postgres.libpq_url(self.url)
        root = Path(self.embedded_root) if self.embedded_root else embedded_postgres_root()
        return server_uri(root, self.database)

    def _open(self, autocommit: bool = False) -> tuple[dbapi.Connection, str]:
        def attempt() -> tuple[dbapi.Connection, str]:
            # The URL anew each time: an embedded server that was killed is started again.
            url = self._url()
            return postgres.open_connection(url, autocommit), url

        return _retrying(TransientError)(attempt)

    def _transaction(
        self, work: Callable[[dbapi.Connection], Result], retried: type[TransientError] = TransientError
    ) -> Result:
        def attempt() -> Result:
            with self.connect() as connection:
                return work(connection)

        return _retrying(retried)(attempt)


def _statements(connection: dbapi.Connection, specs: list[TableSpec]) -> list[str]:
    catalog = Catalog.from_rows(postgres.query(connection, CATALOG_SQL, catalog_parameters(specs)))
    return statements(specs, catalog)


def _replace(
    connection: dbapi.Connection,
    spec: TableSpec,
    rows: pa.Table,
    partitions: list[Partition],
    note: Note | None,
    made: pa.Table | None,
) -> None:
    target = table_name(spec)
    keys = partitions_json(partitions)
    if rows.num_rows:
        with connection.cursor() as cursor:
            cursor.adbc_ingest("stage", rows, mode="create", temporary=True)
    # Sorted by the lock's number, so that two writers of the same set cannot wait for each other in a ring.
    postgres.query(
        connection,
        "select count(l.locked) as locks from (select pg_advisory_xact_lock(k.number)::text as locked from "  # noqa: S608
        "(select hashtextextended($2 || '|' || p.county || '|' || p.month, 0) as number "
        f"from {PARTITION_ROWS} order by number) k) l",
        (keys, target),
    )
    postgres.run(
        connection,
        f"delete from {target} t using {PARTITION_ROWS} where t.county = p.county and t.month = p.month",  # noqa: S608
        (keys,),
    )
    if rows.num_rows:
        names = ", ".join(column.name for column in spec.given_columns)
        casts = ", ".join(f"{c.name}::{c.sql_type}" for c in spec.given_columns)
        postgres.run(connection, f"insert into {target} ({names}) select {casts} from pg_temp.stage")  # noqa: S608
        # A pooler gives the session to others, who would find it there.
        postgres.run(connection, "drop table pg_temp.stage")
    if note and made is None:
        postgres.run(connection, note.statement, (keys, note.run_id))
    elif note and made is not None and made.num_rows:
        with connection.cursor() as cursor:
            cursor.adbc_ingest("made", made, mode="create", temporary=True)
        postgres.run(connection, note.from_made, (note.run_id,))
        postgres.run(connection, "drop table pg_temp.made")
