"""What sensors and commands tell alerts through; it does nothing without configuration."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from resources.alerts.alert import Alert, Kept
from resources.alerts.channels import Channels, open_channels
from resources.alerts.ledger import AlertLedger
from resources.alerts.messages import Reminders
from resources.alerts.routing import DEFAULT, Routing, read_routing
from resources.alerts.telling import Ledger, Teller, Told
from resources.errors import TransientError
from resources.warehouse.warehouse import Warehouse


def utc_now() -> datetime:
    """The clock of alerts."""
    return datetime.now(UTC)


class Alerts(BaseModel):
    """Tells people through the channels of ALERT_URLS and ALERT_ROUTES; does nothing where both are empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    warehouse: Warehouse
    urls: str = Field(default="", repr=False, description="Apprise URLs separated by blanks; empty: off.")
    routes: str = Field(default="", description="YAML file of what goes where; empty: all to `urls`.")
    webserver_url: str = Field(default="http://localhost:3000", description="Where the Dagster UI is opened.")
    remind_hours: float = Field(default=24, description="Hours after which what lasts is told again.")

    @property
    def is_on(self) -> bool:
        """True where a channel is configured."""
        return bool(self.urls.strip() or self.routes)

    @property
    def ledger(self) -> AlertLedger:
        """What lasts, and what was told."""
        return AlertLedger(self.warehouse)

    def link(self, path: str) -> str:
        """Address of a page of the Dagster UI."""
        return f"{self.webserver_url.rstrip('/')}/{path.lstrip('/')}"

    def begin(
        self, alerts: Sequence[Alert], now: datetime | None = None, ledger: Ledger | None = None
    ) -> None:
        """Note that these last, in `ops.alerts` or another ledger; they are told with the next `deliver`."""
        if self.is_on and alerts:
            routing = read_routing(self.routes)
            known = [replace(alert, severity=routing.severity_of(alert)) for alert in alerts]
            (ledger or self.ledger).begin(known, now or utc_now())

    def end(
        self, ended: Mapping[str, str], now: datetime | None = None, ledger: Ledger | None = None
    ) -> None:
        """Note that these are over, by key with how; they are told with the next `deliver`."""
        if self.is_on and ended:
            (ledger or self.ledger).end(ended, now or utc_now())

    def lasting(self, prefix: str) -> list[Kept]:
        """What lasts of the keys that begin with `prefix`."""
        return self.ledger.lasting(prefix) if self.is_on else []

    def deliver(self, now: Callable[[], datetime] = utc_now, ledger: Ledger | None = None) -> Told:
        """Tell what a ledger, `ops.alerts` by default, says is left to be told.

        Raises:
            PermanentError: an address, or the file of routes, cannot be read.
            TransientError: a channel took no message; it is told the next time.
        """
        if not self.is_on:
            return Told()
        routing = read_routing(self.routes)
        teller = Teller(
            ledger or self.ledger,
            routing,
            self.channels(routing),
            Reminders(timedelta(hours=self.remind_hours), routing.most_reminders),
            now,
        )
        told = teller.tell()
        if told.refused:
            raise TransientError(
                f"No message was taken by {', '.join(told.refused)}; it is told again the next time."
            )
        return told

    def channels(self, routing: Routing) -> Channels:
        """The addresses, as the environment has them.

        Raises:
            PermanentError: one cannot be read.
        """
        urls = {name: os.environ.get(variable, "") for name, variable in routing.channels.items()}
        return open_channels({DEFAULT: self.urls, **urls}, routing.variables)
