"""`ops.alerts`: what lasts, since when, and what each channel was told. Each change is one statement."""

import contextlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from resources.alerts.alert import Alert, Heard, Kept, told_json
from resources.alerts.messages import MAX_TITLE
from resources.ops_tables import ALERTS
from resources.scrub import scrub
from resources.warehouse.warehouse import Warehouse

LOCK = "alerts"
_GIVEN = (
    "key",
    "title",
    "first_at",
    "sent_at",
    "held_back",
    "severity",
    "owners",
    "counties",
    "body",
    "link",
    "occurrence",
    "subject",
    "hold_until",
    "is_settled",
)
# New, or over and seen again; what lasts keeps its beginning, and what was told stays told. Sorted by key, so
# that two who write the same ones do not wait for each other in a ring.
BEGIN_SQL = f"""
insert into ops.alerts as a ({", ".join(_GIVEN)})
select {", ".join(_GIVEN)} from jsonb_to_recordset($1::jsonb) as given({ALERTS.record(_GIVEN)}) order by key
on conflict (key) do update set
    title = excluded.title, severity = excluded.severity, owners = excluded.owners,
    counties = excluded.counties, body = excluded.body, link = excluded.link,
    occurrence = excluded.occurrence, subject = excluded.subject,
    first_at = case when a.closed_at is null then a.first_at else excluded.first_at end,
    held_back = case when a.closed_at is null then a.held_back + 1 else 0 end,
    hold_until = case when a.closed_at is not null or a.hold_until is not null then excluded.hold_until end,
    closed_at = null, ended_by = null, is_settled = false
where excluded.occurrence = '' or excluded.occurrence is distinct from a.occurrence
"""  # noqa: S608 - constants of the spec
END_SQL = """
update ops.alerts a set closed_at = $2::timestamptz, ended_by = given.ended_by, is_settled = false
from jsonb_to_recordset($1::jsonb) as given(key text, ended_by text)
where a.key = given.key and a.closed_at is null
"""
HOLD_SQL = """
update ops.alerts set hold_until = $2::timestamptz
where key in (select jsonb_array_elements_text($1::jsonb)) and closed_at is null and hold_until is not null
"""
UNSETTLED_SQL = "select * from ops.alerts where closed_at is null or not is_settled order by first_at, key"
LASTING_SQL = (
    "select * from ops.alerts where closed_at is null and starts_with(key, $1) order by first_at, key"
)
UNDER_WAY_SQL = """
update ops.alerts set being_told = nullif($2, '') where key in (select jsonb_array_elements_text($1::jsonb))
"""
TOLD_SQL = """
update ops.alerts a set told = given.told, being_told = null, sent_at = $2::timestamptz
from jsonb_to_recordset($1::jsonb) as given(key text, told text)
where a.key = given.key
"""
# Not where it began again meanwhile.
SETTLED_SQL = """
update ops.alerts a set is_settled = true, being_told = null
from jsonb_to_recordset($1::jsonb) as given(key text, closed_at timestamptz)
where a.key = given.key and a.closed_at = given.closed_at
"""


@dataclass(frozen=True)
class AlertLedger:
    """Reads and writes the table.

    Args:
        warehouse: where it is.
    """

    warehouse: Warehouse

    @contextlib.contextmanager
    def telling(self) -> Iterator[None]:
        """Hold the right to tell.

        Raises:
            LockHeldError: another process holds it.
        """
        with self.warehouse.lock(LOCK, timeout_seconds=0):
            yield

    def begin(self, alerts: Iterable[Alert], now: datetime) -> None:
        """Note that these last."""
        # A moment apart, so that they are told in the order given.
        apart = timedelta(microseconds=1)
        rows = {alert.key: _row(alert, now + place * apart) for place, alert in enumerate(alerts)}
        if rows:
            self._write(BEGIN_SQL, list(rows.values()))

    def end(self, ended: Mapping[str, str], now: datetime) -> None:
        """Note that these are over, with how."""
        rows = [{"key": key, "ended_by": scrub(how)} for key, how in sorted(ended.items())]
        if rows:
            self._write(END_SQL, rows, now.isoformat())

    def hold(self, keys: Collection[str], until: datetime) -> None:
        """Keep back longer what is kept back."""
        if keys:
            self._write(HOLD_SQL, sorted(keys), until.isoformat())

    def unsettled(self) -> list[Kept]:
        """What lasts, and what is over and not told everywhere; the oldest first."""
        return self._read(UNSETTLED_SQL)

    def lasting(self, prefix: str = "") -> list[Kept]:
        """What lasts of the keys that begin so; the oldest first."""
        return self._read(LASTING_SQL, (prefix,))

    def under_way(self, keys: Collection[str], channel: str) -> None:
        """A message about these is on its way to a channel; empty: it is not."""
        self._write(UNDER_WAY_SQL, sorted(keys), channel)

    def told(self, heard: Mapping[str, Mapping[str, Heard]], now: datetime) -> None:
        """What the channels know now, by key; only who holds the lock of telling writes it."""
        rows = [{"key": key, "told": told_json(told)} for key, told in sorted(heard.items())]
        self._write(TOLD_SQL, rows, now.isoformat())

    def settle(self, kept: Sequence[Kept]) -> None:
        """Everyone knows of these that they are over."""
        rows = [
            {"key": each.alert.key, "closed_at": each.closed_at.isoformat()}
            for each in kept
            if each.closed_at is not None
        ]
        if rows:
            self._write(SETTLED_SQL, rows)

    def _write(self, sql: str, rows: Sequence[Any], *more: str) -> None:
        self.warehouse.ensure_tables([ALERTS])
        self.warehouse.execute(sql, (json.dumps(rows), *more))

    def _read(self, sql: str, parameters: tuple = ()) -> list[Kept]:
        self.warehouse.ensure_tables([ALERTS])
        return [Kept.of(row) for row in self.warehouse.read(sql, parameters).to_pylist()]


def _row(alert: Alert, now: datetime) -> dict[str, Any]:
    return {
        "key": alert.key,
        "title": scrub(alert.title)[:MAX_TITLE],
        "first_at": now.isoformat(),
        "sent_at": now.isoformat(),
        "held_back": 0,
        "severity": alert.severity,
        "owners": " ".join(alert.owners),
        "counties": " ".join(alert.counties),
        "body": scrub(alert.body),
        "link": alert.link,
        "occurrence": alert.occurrence,
        "subject": json.dumps(dict(alert.subject), sort_keys=True),
        "hold_until": alert.hold_until.isoformat() if alert.hold_until else None,
        "is_settled": False,
    }
