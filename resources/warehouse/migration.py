"""The history of the tables that are not dbt's, run by Alembic over the warehouse.

A revision is a number of four digits; those of one history follow one another. An upgrade is one transaction
under one lock: it is done or it is not, and two who ask at once do it once. What it waits for is bounded: a
run that reads a table does not hold up everyone behind an upgrade that waits for it.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psycopg2
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from resources.errors import RealEstateError
from resources.warehouse import connections as postgres
from resources.warehouse.table_ddl import LOCK

VERSION_SCHEMA = "ops"
LOCK_TIMEOUT = "10s"
CONNECT_SECONDS = 10

Result = TypeVar("Result")


@dataclass(frozen=True)
class Upgrade:
    """The revision that an upgrade found, None for a database without one, and the one it left."""

    found: str | None
    left: str | None

    @property
    def is_change(self) -> bool:
        """Whether anything was run."""
        return self.found != self.left


def newest(location: str) -> str:
    """Last revision of a history."""
    head = ScriptDirectory.from_config(_config(location)).get_current_head()
    if head is None:
        raise ValueError(f"{location} holds no revision")
    return head


def current(url: str) -> str | None:
    """Revision of a database, None where it has none."""
    return _in_transaction(url, _current)


def upgrade(url: str, location: str, to: str = "head") -> Upgrade:
    """Bring a database to a revision of a history, the last one by default.

    A database whose revision the history does not hold was upgraded by a newer version and is left alone:
    what a version takes away is still there while the version before runs.

    Raises:
        TransientError: a table was in use for longer than LOCK_TIMEOUT, or the server is away.
        PermanentError: what a revision does is refused by the database.
    """

    def run(connection: sa.Connection) -> Upgrade:
        connection.exec_driver_sql(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
        connection.execute(sa.text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": LOCK})
        connection.exec_driver_sql(f"create schema if not exists {VERSION_SCHEMA}")
        found = _current(connection)
        config = _config(location)
        known = {each.revision for each in ScriptDirectory.from_config(config).walk_revisions()}
        if found is not None and found not in known:
            return Upgrade(found, found)
        config.attributes["connection"] = connection
        command.upgrade(config, to)
        return Upgrade(found, _current(connection))

    return _in_transaction(url, run)


def ask(url: str, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
    """The one value of a question, asked once: no retry, for who wants to know whether a database answers.

    Raises:
        RealEstateError: what went wrong, without a password.
    """
    return _in_transaction(url, lambda c: c.exec_driver_sql(sql, dict(parameters or {})).scalar_one())


def engine(url: str) -> sa.Engine:
    """SQLAlchemy over a URL as libpq takes it; no connection is kept."""
    return sa.create_engine(
        "postgresql+psycopg2://",
        creator=lambda: psycopg2.connect(postgres.watched_url(url), connect_timeout=CONNECT_SECONDS),
        poolclass=sa.pool.NullPool,
    )


@contextlib.contextmanager
def readable(url: str) -> Iterator[None]:
    """Errors of SQLAlchemy's driver as ours.

    Raises:
        RealEstateError: what went wrong, without a password.
    """
    failure: RealEstateError
    try:
        yield
        return
    except sa.exc.DBAPIError as error:
        failure = postgres.sorted_error(getattr(error.orig, "pgcode", None) or "", str(error.orig), url)
    # Raised outside of `except`: the driver's own error may quote a piece of the URL.
    raise failure


def _current(connection: sa.Connection) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table_schema": VERSION_SCHEMA})
    return context.get_current_revision()


def _in_transaction(url: str, work: Callable[[sa.Connection], Result]) -> Result:
    with readable(url), engine(url).begin() as connection:
        return work(connection)


def _config(location: str) -> Config:
    config = Config()
    # Alembic reads its options as a configuration file, in which a percent sign begins a name.
    config.set_main_option("script_location", location.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def versions_folder(location: str) -> Path:
    """Where the revisions of a history lie."""
    return Path(ScriptDirectory.from_config(_config(location)).versions)
