"""A command observed: its name on every log line, a span around it, an unexpected error told.

With LOG_FORMAT=json what is written for a person becomes log lines too: stderr then holds nothing else.
"""

import contextlib
import io
import logging
from collections.abc import Iterator
from typing import IO, cast

from rich.console import Console

from resources.telemetry import logs, spans
from resources.telemetry.start import start

# The console of what is said beside the result.
err = Console(stderr=True)
_log = logging.getLogger("realestate.cli")


class _Lines(io.TextIOBase):
    """Logs each line that is written."""

    def __init__(self) -> None:
        self._begun = ""

    def write(self, text: str) -> int:
        """Take a piece of text; a line is logged once it is whole."""
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            if said := line.strip():
                _log.log(logging.ERROR if said.startswith("Error:") else logging.INFO, "%s", said)
        return len(text)


def note(message: str, is_error: bool) -> None:
    """Log how a command ended, where the console does not do so."""
    if not isinstance(err.file, _Lines):
        _log.log(logging.ERROR if is_error else logging.INFO, "%s", message)


@contextlib.contextmanager
def observed(command: str) -> Iterator[None]:
    """Observe what is done within as a command.

    Raises:
        PermanentError: a setting of logs, faults or traces is none that can be.
    """
    is_json = start().log_format == "json"
    # None: what stderr is when it is written to.
    err.file = cast(IO[str], _Lines() if is_json else None)
    try:
        with logs.bound(command=command), spans.span(f"realestate {command}"):
            yield
    finally:
        spans.flush()
