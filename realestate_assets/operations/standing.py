"""Runs of the command line that stand: asked for again with nothing changed, they are not done again.

Of each request that succeeded a note is kept beside the data, with what the run followed from and what it
left (`run_state`), and its report. A note is about this machine's data alone: where it is gone or cannot be
read, the run is done.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from resources.home import make_folder
from resources.whole_file import replace_file

FILE = "standing_runs.json"
# Requests remembered; of more the oldest is forgotten.
KEPT = 20


@dataclass(frozen=True)
class Note:
    """What is known of a request's last run.

    Args:
        inputs: hash of what it followed from.
        results: hash of what it left.
        ended_at: when, ISO 8601 in UTC.
        report: the report of the run, as JSON holds it.
    """

    inputs: str
    results: str
    ended_at: str
    report: dict[str, Any]


class StandingRuns:
    """The notes of one data folder."""

    def __init__(self, home: Path) -> None:
        """Take the folder of the local data; it need not be there."""
        self._path = home / FILE

    def note(self, request: str) -> Note | None:
        """What is known of a request; None for nothing."""
        try:
            return Note(**self._read()[request])
        except (KeyError, TypeError):
            return None

    def keep(self, request: str, inputs: str, results: str, report: dict[str, Any]) -> None:
        """Remember a run that has just ended well."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        notes = self._read()
        # Last in the order: the oldest are forgotten first.
        notes.pop(request, None)
        notes[request] = vars(Note(inputs, results, now, report))
        kept = dict(list(notes.items())[-KEPT:])
        make_folder(self._path.parent)
        # For its owner alone: the report names homes and prices.
        replace_file(self._path, json.dumps(kept, default=str).encode(), mode=0o600)

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}
