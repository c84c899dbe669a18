"""Connections of Dagster's storage: kept, looked at before use, made again after a restart.

The embedded server may have been killed while nothing ran: whoever connects starts it.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

import psycopg2
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from resources.errors import TransientError
from resources.warehouse.connections import DISK_FULL, sorted_error, watched_url

# A restart takes about a second, replaying the log of a busy server some more; no page waits longer.
PAGE_PATIENCE_SECONDS = 30.0
# As long as a step is tried again (resources/retries.py): the run is not to end before its steps do.
PATIENCE_SECONDS = 360.0
WAIT_SECONDS = 0.3

_log = logging.getLogger(__name__)


class PatientConnection(Connection):
    """A connection that sends a statement again where the server went away under it and twice is as once.

    That is so for queries, updates and deletes. An insert may have been stored although its answer was
    lost; and within a transaction nothing is sent again: what came before is lost, and only the caller knows
    it all.
    """

    patience_seconds = PATIENCE_SECONDS
    _is_in_block = False
    _is_sending = False

    def begin(self) -> Any:
        """Begin a transaction: of several statements, unless SQLAlchemy asks for it itself before one."""
        self._is_in_block = not self._is_sending
        return super().begin()

    def execute(self, statement: Any, parameters: Any = None, *, execution_options: Any = None) -> Any:
        """One statement."""
        deadline = time.monotonic() + self.patience_seconds
        is_lost = False
        while True:
            try:
                if is_lost:
                    # What SQLAlchemy began by itself before the statement; nothing else was in it.
                    self.rollback()
                self._is_sending = True
                return super().execute(statement, parameters, execution_options=execution_options)
            except DBAPIError as error:
                # Without a new connection nothing was sent: the server is still on its way up.
                if error.statement is not None:
                    is_lost = error.connection_invalidated and _is_repeatable(statement)
                if not is_lost or self._is_in_block or time.monotonic() > deadline:
                    raise
                time.sleep(WAIT_SECONDS)
            finally:
                self._is_sending = False


def _is_repeatable(statement: Any) -> bool:
    return any(getattr(statement, kind, False) for kind in ("is_select", "is_update", "is_delete"))


class PageConnection(PatientConnection):
    """One of the webserver, where somebody waits for the answer."""

    patience_seconds = PAGE_PATIENCE_SECONDS


def _connected(find_url: Callable[[], str], patience_seconds: float) -> Any:
    """A new connection, waited for while the server is away.

    Dagster by itself asks six times within some ten seconds, and then gives the run up.

    Raises:
        TransientError: it has not answered for so long.
    """
    deadline, was_told = time.monotonic() + patience_seconds, False
    while True:
        url = find_url()
        try:
            return psycopg2.connect(watched_url(url))
        except psycopg2.OperationalError as error:
            failure = sorted_error("", str(error), url)
            if not isinstance(failure, TransientError):
                raise
        if time.monotonic() > deadline:
            raise TransientError(
                f"Dagster's database has not answered for {patience_seconds:.0f} s. {failure}"
            )
        if not was_told:
            was_told = True
            _log.warning(f"Dagster's database is away, and waited for {patience_seconds:.0f} s. {failure}")
        time.sleep(WAIT_SECONDS)


def kept_engine(
    find_url: Callable[[], str],
    *,
    max_overflow: int,
    kind: type[PatientConnection] = PatientConnection,
    **options: Any,
) -> sa.Engine:
    """An engine that keeps one connection and looks at it before use.

    Args:
        find_url: says where the server listens, starting it where it is ours; asked for each connection.
        max_overflow: how many more connections may be open at once.
        kind: how long its connections wait for a server.
        options: further options of SQLAlchemy's.
    """
    engine = sa.create_engine(
        # Nothing but the kind of database: where it is says `creator`.
        "postgresql+psycopg2://",
        creator=lambda: _connected(find_url, kind.patience_seconds),
        isolation_level="AUTOCOMMIT",
        pool_size=1,
        max_overflow=max_overflow,
        pool_pre_ping=True,
        **options,
    )
    engine._connection_cls = kind

    @sa.event.listens_for(engine, "handle_error")
    def say_that_the_disk_is_full(context: sa.engine.ExceptionContext) -> None:
        if getattr(context.original_exception, "pgcode", None) == DISK_FULL:
            error = context.original_exception
            raise sorted_error(DISK_FULL, str(error), find_url()) from error

    return engine


def limit_statements(engine: sa.Engine, milliseconds: int) -> None:
    """Have the server break each statement off after so long.

    Said with the statement, in the transaction that both make: a setting of the session, as Dagster's own
    makes it, would stay with a pooler's connection, and break off the statements of others.
    """

    @sa.event.listens_for(engine, "before_cursor_execute", retval=True)
    def prefixed(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> tuple[str, Any]:
        return f"set local statement_timeout = {int(milliseconds)}; {statement}", parameters
