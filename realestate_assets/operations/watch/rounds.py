"""Rounds of looks: what is away twice in a row begins an alert, what is back ends it; kept in a file."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from resources.alerts.alert import CRITICAL, WARNING, Alert
from resources.alerts.alerts import Alerts, utc_now
from resources.alerts.file_ledger import FileLedger
from resources.errors import RealEstateError
from resources.heartbeats import OWNERS, Beat
from resources.home import make_folder

PREFIX = "watch:"
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
    "broker": "The broker of runs is down",
    "workers": "A queue of runs has no worker",
}


def state_file(home: Path) -> Path:
    """Where a watcher of an installation keeps what it told."""
    return home / "watch" / "alerts.json"


def beat_file(home: Path) -> Path:
    """Touched after each round of looks: by its age others see whether the watcher itself lives."""
    return home / "watch" / "beat"


@dataclass
class Rounds:
    """Counts failures, begins and ends alerts, and tells them.

    Args:
        ledger: the file.
        alerts: channels and routes; nothing is sent where none is configured.
        say: told each change of a look, as a line for the console.
        now: the clock.
        beat: file that is touched after each round; none for who looks once.
    """

    ledger: FileLedger
    alerts: Alerts
    say: Callable[[str], None]
    now: Callable[[], datetime] = utc_now
    beat: Path | None = None
    _failed: dict[str, int] = field(default_factory=dict)

    def take(self, seen: Iterable[Beat]) -> None:
        """Note what a round saw, and tell what there is to tell."""
        lasting = {each.alert.key for each in self.ledger.lasting(PREFIX)}
        begin, end = [], {}
        for each in seen:
            before = self._failed.get(each.component, 0)
            self._failed[each.component] = 0 if each.is_up else before + 1
            if each.is_up:
                if before:
                    self.say(f"{each.component} is well again: {each.detail}")
                if PREFIX + each.component in lasting:
                    end[PREFIX + each.component] = each.detail
            else:
                if not before:
                    self.say(f"{each.component}: {each.detail}")
                if before + 1 >= PATIENT_LOOKS or PREFIX + each.component in lasting:
                    begin.append(self._alert(each))
        self.alerts.begin(begin, self.now(), self.ledger)
        self.alerts.end(end, self.now(), self.ledger)
        self._tell()
        if self.beat:
            make_folder(self.beat.parent)
            self.beat.touch()

    def _alert(self, seen: Beat) -> Alert:
        severity = SEVERITY.get(seen.component, CRITICAL)
        title = TITLES.get(seen.component, f"{seen.component} is down")
        return Alert(PREFIX + seen.component, title, seen.detail, severity=severity, owners=OWNERS)

    def _tell(self) -> None:
        try:
            self.alerts.deliver(self.now, self.ledger)
        except RealEstateError as error:
            self.say(f"alerts: {error}")
