"""Ticks of sensors and schedules, observed: a name on every log line, a span, an unexpected error told."""

import functools
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from resources.telemetry import faults, spans
from resources.telemetry.logs import bound
from resources.telemetry.start import start_quietly

_log = logging.getLogger("sensors.tick")
Function = TypeVar("Function", bound=Callable[..., Any])


def observed(name: str) -> Callable[[Function], Function]:
    """Decorates the function of a sensor or a schedule, below Dagster's own decorator."""

    def decorated(function: Function) -> Function:
        @functools.wraps(function)
        def tick(*args: Any, **kwargs: Any) -> Any:
            start_quietly()
            with bound(sensor=name), spans.span(f"tick {name}", attributes={"realestate.sensor": name}):
                try:
                    return function(*args, **kwargs)
                except Exception as error:
                    _log.error("%s failed: %s", name, error, exc_info=not _is_ours(error))
                    faults.tell(error, sensor=name)
                    raise

        return tick  # type: ignore[return-value]

    return decorated


def _is_ours(error: Exception) -> bool:
    return faults.is_expected(error)
