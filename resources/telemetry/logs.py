"""Log lines: JSON in a file of the data folder, and on stderr for a person or for a machine.

Fields of a run, a step, a provider or a sensor are bound where they begin (`bound`) and stand on every line
that is written within, whoever writes it.
"""

import logging
import os
import sys
from collections.abc import MutableMapping, Sequence
from pathlib import Path
from typing import Any, cast

import structlog
from structlog.contextvars import bound_contextvars

from resources.scrub import scrub, secrets_now
from resources.telemetry.rotated_file import SharedFileHandler
from resources.telemetry.spans import current_ids

bound = bound_contextvars
FILE = Path("logs") / "realestate.jsonl"
# Loggers of the platform's own code; all others tell warnings alone: some tell every request of theirs.
OWN = ("realestate", "realestate_assets", "resources", "sensors")
# On a terminal their lines are shown already: by the progress of a run, by the end of a command, by Dagster.
SHOWN_OTHERWISE = ("realestate.",)
# Set by Dagster on what it keeps as an event of a run, which comes to us as that event.
DAGSTER_MARK = "dagster_meta"
FIELDS = "realestate_fields"
_installed: list[logging.Handler] = []

Event = MutableMapping[str, Any]


def start(log_format: str, level: str, home: Path) -> None:
    """Write lines of this process from now on; once a process.

    Args:
        log_format: `json` or `console`.
        level: lowest level of the platform's own lines.
        home: folder of all local data.
    """
    stop()
    as_json = log_format == "json"
    file = SharedFileHandler(home / FILE)
    stderr = _Stderr()
    file.setFormatter(_json_formatter())
    stderr.setFormatter(_json_formatter() if as_json else logging.Formatter("%(message)s"))
    stderr.addFilter(_is_new)
    file.addFilter(_is_new)
    if not as_json:
        stderr.setLevel(logging.WARNING)
        stderr.addFilter(lambda record: not record.name.startswith(SHOWN_OTHERWISE))
    for handler in (file, stderr):
        logging.getLogger().addHandler(handler)
        _installed.append(handler)
    for name in OWN:
        logging.getLogger(name).setLevel(level)


def stop() -> None:
    """Write no more."""
    while _installed:
        handler = _installed.pop()
        logging.getLogger().removeHandler(handler)
        handler.close()
    for name in OWN:
        logging.getLogger(name).setLevel(logging.NOTSET)


def fields(**values: object) -> dict[str, dict[str, object]]:
    """Fields of one line: `log.info("step ended", extra=fields(seconds=3.2))`."""
    return {FIELDS: {name: value for name, value in values.items() if value not in (None, "")}}


class _Stderr(logging.StreamHandler):
    """To what stderr is now: a step's is taken by Dagster while it runs."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def _is_new(record: logging.LogRecord) -> bool:
    return not hasattr(record, DAGSTER_MARK)


def _json_formatter() -> logging.Formatter:
    stdlib = structlog.stdlib
    return stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            _own_fields,
            structlog.contextvars.merge_contextvars,
            _where,
            stdlib.add_logger_name,
            stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
        ],
        processors=[
            stdlib.ProcessorFormatter.remove_processors_meta,
            _scrubbed,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
    )


def _own_fields(_: object, __: str, event: Event) -> Event:
    record = event.get("_record")
    for name, value in getattr(record, FIELDS, {}).items():
        event.setdefault(name, value)
    return event


def _where(_: object, __: str, event: Event) -> Event:
    return {**event, "pid": os.getpid(), **current_ids()}


def _scrubbed(_: object, __: str, event: Event) -> Event:
    return cast(Event, scrub_all(event))


def scrub_all(value: Any, secrets: Sequence[str] | None = None) -> Any:
    """The value with every text in it scrubbed."""
    known = secrets_now() if secrets is None else secrets
    if isinstance(value, str):
        return scrub(value, known)
    if isinstance(value, dict):
        return {name: scrub_all(each, known) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [scrub_all(each, known) for each in value]
    return value
