"""Alerts to people, through Apprise: each told once while it lasts, and not at all without configuration.

What was told is kept in `ops.alerts`, so that several processes and restarts do not tell it twice.
"""

import json
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import apprise
import dagster as dg
from pydantic import Field
from tenacity import RetryError, Retrying, retry_if_result, stop_after_attempt, wait_fixed

from resources.errors import PermanentError, TransientError
from resources.ops_tables import ALERTS
from resources.scrub import scrub
from resources.warehouse import connections as postgres
from resources.warehouse.resource import WarehouseResource

# Apprise writes addresses, which hold passwords and tokens, into its log where it cannot read one.
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)

# New, over and begun again, or told so long ago that it is worth a reminder.
CLAIM_SQL = """
insert into ops.alerts as a (key, title, first_at, sent_at, held_back) values ($1, $2, now(), now(), 0)
on conflict (key) do update set
    title = excluded.title,
    first_at = case when a.closed_at is null then a.first_at else now() end,
    sent_at = now(), held_back = 0, closed_at = null
where a.closed_at is not null or a.sent_at < now() - make_interval(hours => $3::integer)
returning key
"""
HELD_BACK_SQL = "update ops.alerts set held_back = held_back + 1 where key = $1"
UNSENT_SQL = (
    "update ops.alerts set closed_at = now() where key in (select jsonb_array_elements_text($1::jsonb))"
)
CLOSE_SQL = """
update ops.alerts set closed_at = now()
where closed_at is null and starts_with(key, $1)
  and key not in (select jsonb_array_elements_text($2::jsonb))
"""
ATTEMPTS, PAUSE_SECONDS = 3, 2
MAX_TITLE, MAX_BODY = 180, 3000


@dataclass(frozen=True)
class Alert:
    """Something to be told.

    Args:
        key: the same for the same thing; while it lasts it is told once.
        title: one line.
        body: what happened and what to do.
        link: where to look; empty for nowhere.
    """

    key: str
    title: str
    body: str
    link: str = ""


class AlertsResource(dg.ConfigurableResource):
    """Tells people through the channels of ALERT_URLS; does nothing where it is empty."""

    warehouse: dg.ResourceDependency[WarehouseResource]
    urls: str = Field(default="", repr=False, description="Apprise URLs separated by blanks; empty: off.")
    webserver_url: str = Field(default="http://localhost:3000", description="Where the Dagster UI is opened.")
    remind_hours: int = Field(default=24, description="Hours after which what lasts is told again.")

    @property
    def is_on(self) -> bool:
        """True where a channel is configured."""
        return bool(self.urls.strip())

    def link(self, path: str) -> str:
        """Address of a page of the Dagster UI."""
        return f"{self.webserver_url.rstrip('/')}/{path.lstrip('/')}"

    def tell(self, alerts: Sequence[Alert]) -> int:
        """Tell what is new in one message; how many alerts were in it.

        Raises:
            PermanentError: an entry of ALERT_URLS cannot be read.
            TransientError: no channel took the message; it is told the next time it comes up.
        """
        if not self.is_on or not alerts:
            return 0
        channels = self._channels()
        self.warehouse.ensure_tables([ALERTS])
        new = [alert for alert in alerts if self._claim(alert)]
        if new and not _sent(channels, *_message(new)):
            self.warehouse.execute(UNSENT_SQL, (json.dumps([alert.key for alert in new]),))
            raise TransientError("No channel of ALERT_URLS took the message.")
        return len(new)

    def close(self, prefix: str, still: Collection[str]) -> None:
        """Note that what began with `prefix` is over, but for the keys that still last."""
        if self.is_on:
            self.warehouse.ensure_tables([ALERTS])
            self.warehouse.execute(CLOSE_SQL, (prefix, json.dumps(sorted(still))))

    def _claim(self, alert: Alert) -> bool:
        bound = (alert.key, scrub(alert.title)[:MAX_TITLE], self.remind_hours)
        with self.warehouse.connect() as connection:
            claimed = bool(postgres.query(connection, CLAIM_SQL, bound))
            if not claimed:
                postgres.run(connection, HELD_BACK_SQL, (alert.key,))
        return claimed

    def _channels(self) -> apprise.Apprise:
        channels = apprise.Apprise()
        for number, url in enumerate(self.urls.split(), start=1):
            if not channels.add(url):
                raise PermanentError(
                    f"Entry {number} of ALERT_URLS is not an address that Apprise knows.",
                    field="ALERT_URLS",
                    remedy="See https://github.com/caronc/apprise for the form of each channel.",
                )
        return channels


def _message(alerts: Sequence[Alert]) -> tuple[str, str]:
    first = alerts[0]
    more = f" and {len(alerts) - 1} more" if len(alerts) > 1 else ""
    title = f"Real Estate OS: {first.title}{more}"
    parts = ["\n".join(filter(None, (a.title if len(alerts) > 1 else "", a.body, a.link))) for a in alerts]
    return scrub(title)[:MAX_TITLE], scrub("\n\n".join(parts))[:MAX_BODY]


def _sent(channels: apprise.Apprise, title: str, body: str) -> bool:
    retrying = Retrying(
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_fixed(PAUSE_SECONDS),
        retry=retry_if_result(lambda done: not done),
    )
    try:
        return bool(retrying(channels.notify, title=title, body=body, notify_type=apprise.NotifyType.WARNING))
    except RetryError:
        return False
