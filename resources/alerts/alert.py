"""What can be told: an alert, its severity, and a row of `ops.alerts` as the rest of the package knows it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

CRITICAL, WARNING, INFO = "critical", "warning", "info"
# From the worst on.
SEVERITIES = (CRITICAL, WARNING, INFO)


@dataclass(frozen=True)
class Alert:
    """Something to be told.

    Args:
        key: the same for the same thing; while it lasts it is told once. What stands before the first colon
            is its kind.
        title: one line.
        body: what happened and what to do.
        link: where to look; empty for nowhere.
        severity: one of SEVERITIES.
        owners: who mends it, as assets and checks declare it.
        counties: slugs of the counties it concerns.
        occurrence: what it was seen in, such as a run's id: the same one never begins it again after its end.
            Empty for what is looked at anew each time.
        subject: what its end is known by; plain values.
        hold_until: not told before: it is tried again by itself, and told where that does not help.
    """

    key: str
    title: str
    body: str
    link: str = ""
    severity: str = WARNING
    owners: tuple[str, ...] = ()
    counties: tuple[str, ...] = ()
    occurrence: str = ""
    subject: Mapping[str, Any] = field(default_factory=dict)
    hold_until: datetime | None = None


@dataclass(frozen=True)
class Heard:
    """What a channel was told last of an alert.

    Args:
        is_open: True where it believes that it lasts.
        at: when it was told.
        began: the beginning it was told of.
        reminders: how often it was reminded since.
    """

    is_open: bool
    at: datetime
    began: datetime
    reminders: int = 0


@dataclass(frozen=True)
class Kept:
    """A row of `ops.alerts`: the alert, since when it lasts, how it ended, what each channel heard."""

    alert: Alert
    first_at: datetime
    closed_at: datetime | None = None
    ended_by: str = ""
    told: Mapping[str, Heard] = field(default_factory=dict)
    being_told: str = ""

    @property
    def lasts(self) -> bool:
        """True where it is not over."""
        return self.closed_at is None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Kept":
        """A row as it was read."""
        return cls(
            Alert(
                row["key"],
                row["title"],
                row["body"] or "",
                row["link"] or "",
                row["severity"] or WARNING,
                tuple((row["owners"] or "").split()),
                tuple((row["counties"] or "").split()),
                row["occurrence"] or "",
                json.loads(row["subject"] or "{}"),
                row["hold_until"],
            ),
            row["first_at"],
            row["closed_at"],
            row["ended_by"] or "",
            {name: _heard(told) for name, told in json.loads(row["told"] or "{}").items()},
            row["being_told"] or "",
        )


def _heard(told: Mapping[str, Any]) -> Heard:
    return Heard(
        told["is_open"],
        datetime.fromisoformat(told["at"]),
        datetime.fromisoformat(told["began"]),
        told["reminders"],
    )


def told_json(told: Mapping[str, Heard]) -> str:
    """What channels heard, as the table keeps it."""
    return json.dumps(
        {
            name: {
                "is_open": heard.is_open,
                "at": heard.at.isoformat(),
                "began": heard.began.isoformat(),
                "reminders": heard.reminders,
            }
            for name, heard in sorted(told.items())
        }
    )
