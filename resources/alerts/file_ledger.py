"""Alerts in a file: for who watches Postgres itself, and cannot keep there that it is away.

The same rules as those of `ops.alerts` (`ledger`), for the few alerts of one watcher on one machine.
"""

import contextlib
import fcntl
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from resources.alerts.alert import Alert, Heard, Kept, told_json
from resources.errors import LockHeldError, PermanentError
from resources.home import make_folder
from resources.scrub import scrub
from resources.whole_file import replace_file


@dataclass(frozen=True)
class FileLedger:
    """Reads and writes the file; what is over and told everywhere goes out of it.

    Args:
        path: the file; its folder is made.
    """

    path: Path

    @contextlib.contextmanager
    def telling(self) -> Iterator[None]:
        """Hold the right to tell.

        Raises:
            LockHeldError: another process holds it.
        """
        with self._locked(".telling", fcntl.LOCK_EX | fcntl.LOCK_NB):
            yield

    def begin(self, alerts: Iterable[Alert], now: datetime) -> None:
        """Note that these last; what lasts already keeps its beginning and what was told."""

        def change(kept: dict[str, Kept]) -> None:
            for alert in alerts:
                clean = replace(alert, title=scrub(alert.title), body=scrub(alert.body))
                before = kept.get(alert.key)
                if before is None or not before.lasts:
                    told = before.told if before else {}
                    kept[alert.key] = Kept(clean, now, told=told)
                else:
                    kept[alert.key] = replace(before, alert=clean)

        self._change(change)

    def end(self, ended: Mapping[str, str], now: datetime) -> None:
        """Note that these are over, with how."""

        def change(kept: dict[str, Kept]) -> None:
            for key, how in ended.items():
                if key in kept and kept[key].lasts:
                    kept[key] = replace(kept[key], closed_at=now, ended_by=scrub(how))

        self._change(change)

    def unsettled(self) -> list[Kept]:
        """What lasts, and what is over and not told everywhere; the oldest first."""
        return sorted(self._read().values(), key=lambda each: (each.first_at, each.alert.key))

    def lasting(self, prefix: str = "") -> list[Kept]:
        """What lasts of the keys that begin so; the oldest first."""
        return [each for each in self.unsettled() if each.lasts and each.alert.key.startswith(prefix)]

    def under_way(self, keys: Collection[str], channel: str) -> None:
        """A message about these is on its way to a channel; empty: it is not."""

        def change(kept: dict[str, Kept]) -> None:
            for key in keys:
                kept[key] = replace(kept[key], being_told=channel)

        self._change(change)

    def told(self, heard: Mapping[str, Mapping[str, Heard]], now: datetime) -> None:
        """What the channels know now, by key."""

        def change(kept: dict[str, Kept]) -> None:
            for key, channels in heard.items():
                kept[key] = replace(kept[key], told=dict(channels), being_told="")

        self._change(change)

    def settle(self, kept: Sequence[Kept]) -> None:
        """Everyone knows of these that they are over."""
        over = {each.alert.key: each.closed_at for each in kept}

        def change(known: dict[str, Kept]) -> None:
            for key, closed_at in over.items():
                if key in known and known[key].closed_at == closed_at:
                    del known[key]

        self._change(change)

    def _change(self, change: Callable[[dict[str, Kept]], None]) -> None:
        with self._locked(".lock", fcntl.LOCK_EX):
            kept = self._read()
            change(kept)
            text = json.dumps([_row(each) for each in kept.values()], ensure_ascii=False, indent=1)
            replace_file(self.path, text.encode())

    def _read(self) -> dict[str, Kept]:
        if not self.path.exists():
            return {}
        try:
            rows = json.loads(self.path.read_text(encoding="utf-8"))
            found = [Kept.of(row | {name: _time(row[name]) for name in TIMES}) for row in rows]
        except (ValueError, KeyError, TypeError) as error:
            raise PermanentError(
                f"{self.path} cannot be read: {error}", remedy="Delete it: what lasts is told once more."
            ) from error
        return {each.alert.key: each for each in found}

    @contextlib.contextmanager
    def _locked(self, ending: str, kind: int) -> Iterator[None]:
        make_folder(self.path.parent)
        with self.path.with_name(self.path.name + ending).open("a") as file:
            try:
                fcntl.flock(file, kind)
            except BlockingIOError as error:
                raise LockHeldError(f"{file.name} is held by another process.") from error
            yield


TIMES = ("first_at", "closed_at", "hold_until")


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _row(kept: Kept) -> dict[str, Any]:
    alert = kept.alert
    return {
        "key": alert.key,
        "title": alert.title,
        "body": alert.body,
        "link": alert.link,
        "severity": alert.severity,
        "owners": " ".join(alert.owners),
        "counties": " ".join(alert.counties),
        "occurrence": alert.occurrence,
        "subject": json.dumps(dict(alert.subject), sort_keys=True),
        "hold_until": alert.hold_until.isoformat() if alert.hold_until else None,
        "first_at": kept.first_at.isoformat(),
        "closed_at": kept.closed_at.isoformat() if kept.closed_at else None,
        "ended_by": kept.ended_by,
        "told": told_json(kept.told),
        "being_told": kept.being_told,
    }
