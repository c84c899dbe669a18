"""One warehouse connection for many short transactions: opening one takes 3 ms, as long as a commit."""

import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

from adbc_driver_postgresql import dbapi
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from resources.errors import TransientError
from resources.warehouse.warehouse import Warehouse

ATTEMPTS = 5

Result = TypeVar("Result")


class HeldConnection:
    """Transactions one after another over one connection, which is opened again where it broke.

    May be used from several threads; they wait for each other.
    """

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._lock = threading.Lock()
        self._held: tuple[contextlib.ExitStack, dbapi.Connection] | None = None

    def run(self, work: Callable[[dbapi.Connection], Result]) -> Result:
        """Do `work` as one transaction; done again on transient errors, so it must be repeatable."""
        retrying = Retrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_random_exponential(multiplier=0.2, max=5),
            retry=retry_if_exception_type(TransientError),
            reraise=True,
        )
        return retrying(self._once, work)

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            self._leave()

    def _once(self, work: Callable[[dbapi.Connection], Result]) -> Result:
        with self._lock:
            if self._held is None:
                stack = contextlib.ExitStack()
                self._held = stack, stack.enter_context(self._warehouse.connect())
            stack, connection = self._held
            try:
                result = work(connection)
                connection.commit()
            except BaseException as error:
                # The connection's own end rolls back, closes, and raises our words for the driver's error.
                self._held = None
                stack.__exit__(type(error), error, error.__traceback__)
                raise
            return result

    def _leave(self) -> None:
        if self._held is not None:
            (stack, _), self._held = self._held, None
            stack.close()
