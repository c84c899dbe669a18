"""A failure that may pass by itself is tried again by Dagster; every other failure stops its step at once.

A RetryPolicy cannot tell the two apart: it would run a missing column three times.
"""

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import dagster as dg

from resources.disk import disk_error, full_home, takes_no_more
from resources.errors import PermanentError, TransientError

MAX_RETRIES = 3
# 15 s, 60 s, 240 s: the clients below retry for some ten seconds themselves; what outlasts them are restarts
# of a database and maintenance of an API.
FIRST_WAIT_SECONDS, FACTOR = 15.0, 4


@contextlib.contextmanager
def transient_errors_are_retried(attempt: Callable[[], int]) -> Iterator[None]:
    """Ask Dagster to run the step again after a TransientError.

    Args:
        attempt: tells how often the step was run before; asked only after an error.

    Raises:
        RetryRequested: instead of the TransientError, which is its cause.
        PermanentError: the disk is full, which no wait mends.
    """
    try:
        yield
    except OSError as error:
        if takes_no_more(error):
            raise disk_error(error) from error
        raise
    except TransientError as error:
        if (full := full_home()) is not None:
            raise PermanentError(f"{error} {full}") from error
        wait = FIRST_WAIT_SECONDS * FACTOR ** attempt()
        _tell(error, attempt(), wait)
        raise dg.RetryRequested(max_retries=MAX_RETRIES, seconds_to_wait=wait) from error


def _tell(error: TransientError, attempt: int, wait: float) -> None:
    if attempt < MAX_RETRIES:
        again = f"{attempt + 1} of {MAX_RETRIES}"
        dg.get_dagster_logger().warning(f"{error} The step is tried again in {wait:,.0f} s ({again}).")


def retried(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorates the function of an asset, below `@dg.asset`: its TransientErrors are tried again."""
    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def generator(context: dg.AssetExecutionContext, *args: Any, **kwargs: Any) -> Iterator[Any]:
            with transient_errors_are_retried(lambda: context.op_execution_context.retry_number):
                yield from function(context, *args, **kwargs)

        return generator

    @functools.wraps(function)
    def wrapped(context: dg.AssetExecutionContext, *args: Any, **kwargs: Any) -> Any:
        with transient_errors_are_retried(lambda: context.op_execution_context.retry_number):
            return function(context, *args, **kwargs)

    return wrapped
