"""Connections of Dagster's storage: kept, looked at before use, made again after a restart.

The embedded server may have been killed while nothing ran: whoever connects starts it.
"""

import time
from collections.abc import Callable
from typing import Any

import psycopg2
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

# A restart takes about a second, replaying the log of a busy server some more.
PATIENCE_SECONDS = 30.0
WAIT_SECONDS = 0.3


class PatientConnection(Connection):
    """A connection that sends a statement again where the server went away under it and twice is as once.

    That is so for queries, updates and deletes. An insert may have been stored although its answer was
    lost; and within a transaction nothing is sent again: what came before is lost, and only the caller knows
    it all.
    """

    _is_in_block = False
    _is_sending = False

    def begin(self) -> Any:
        """Begin a transaction: of several statements, unless SQLAlchemy asks for it itself before one."""
        self._is_in_block = not self._is_sending
        return super().begin()

    def execute(self, statement: Any, parameters: Any = None, *, execution_options: Any = None) -> Any:
        """One statement."""
        deadline = time.monotonic() + PATIENCE_SECONDS
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


def kept_engine(find_url: Callable[[], str], *, max_overflow: int, **options: Any) -> sa.Engine:
    """An engine that keeps one connection and looks at it before use.

    Args:
        find_url: says where the server listens, starting it where it is ours; asked for each connection.
        max_overflow: how many more connections may be open at once.
        options: further options of SQLAlchemy's.
    """
    engine = sa.create_engine(
        # Nothing but the kind of database: where it is says `creator`.
        "postgresql+psycopg2://",
        creator=lambda: psycopg2.connect(find_url()),
        isolation_level="AUTOCOMMIT",
        pool_size=1,
        max_overflow=max_overflow,
        pool_pre_ping=True,
        **options,
    )
    engine._connection_cls = PatientConnection
    return engine
