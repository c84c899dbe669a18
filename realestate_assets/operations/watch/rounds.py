"""Rounds of looks: what is away twice in a row begins an alert, what is back ends it; kept in a file."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from realestate_assets.operations.watch.looks import Seen
from resources.alerts.alert import CRITICAL, WARNING, Alert
from resources.alerts.file_ledger import FileLedger
from resources.alerts.resource import AlertsResource, utc_now
from resources.errors import RealEstateError

PREFIX = "watch:"
OWNERS = ("team:operations",)
# A look that fails once may have met a restart.
PATIENT_LOOKS = 2
SEVERITY = {"queue": WARNING, "ticks": WARNING}
TITLES = {
    "postgres": "Postgres is down",
    "daemon": "Dagster's daemon is down",
    "webserver": "The Dagster UI is down",
    "queue": "Runs are stuck in the queue",
    "ticks": "Schedules or sensors fail",
    "disk": "The disk is nearly full",
}


def state_file(home: Path) -> Path:
    """Where a watcher of an installation keeps what it told."""
    return home / "watch" / "alerts.json"


@dataclass
class Rounds:
    """Counts failures, begins and ends alerts, and tells them.

    Args:
        ledger: the file.
        alerts: channels and routes; nothing is sent where none is configured.
        say: told each change of a look, as a line for the console.
        now: the clock.
    """

    ledger: FileLedger
    alerts: AlertsResource
    say: Callable[[str], None]
    now: Callable[[], datetime] = utc_now
    _failed: dict[str, int] = field(default_factory=dict)

    def take(self, seen: Iterable[Seen]) -> None:
        """Note what a round saw, and tell what there is to tell."""
        lasting = {each.alert.key for each in self.ledger.lasting(PREFIX)}
        begin, end = [], {}
        for each in seen:
            before = self._failed.get(each.name, 0)
            self._failed[each.name] = 0 if each.ok else before + 1
            if each.ok:
                if before:
                    self.say(f"{each.name} is well again: {each.detail}")
                if PREFIX + each.name in lasting:
                    end[PREFIX + each.name] = each.detail
            else:
                if not before:
                    self.say(f"{each.name}: {each.detail}")
                if before + 1 >= PATIENT_LOOKS or PREFIX + each.name in lasting:
                    begin.append(self._alert(each))
        self.ledger.begin(begin, self.now())
        self.ledger.end(end, self.now())
        self._tell()

    def _alert(self, seen: Seen) -> Alert:
        severity = SEVERITY.get(seen.name, CRITICAL)
        title = TITLES.get(seen.name, f"{seen.name} is down")
        return Alert(PREFIX + seen.name, title, seen.detail, severity=severity, owners=OWNERS)

    def _tell(self) -> None:
        if not self.alerts.is_on:
            # Nobody to tell: what is over need not be kept.
            self.ledger.settle([each for each in self.ledger.unsettled() if not each.lasts])
            return
        try:
            self.alerts.deliver_from(self.ledger, self.now)
        except RealEstateError as error:
            self.say(f"alerts: {error}")
