"""Figures of what the watcher looks at, for Prometheus; the looks are the watcher's own.

Labels are bounded: looks, Dagster's daemons, severities, and the APIs of providers.yaml.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import dagster as dg
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from realestate_assets.operations.watch.looks import failed_ticks, look, looks_of
from realestate_assets.settings import Settings
from resources.alerts.file_ledger import FileLedger
from resources.disk import free_bytes
from resources.errors import RealEstateError
from resources.home import make_folder
from resources.http.api_policy import MICRO, ApiPolicy
from resources.http.provider_status import spent_of
from resources.lake.files import Store
from resources.scrub import scrub
from resources.warehouse.dagster_storage import current_url
from resources.warehouse.warehouse import Warehouse

LOOK_OK = "realestate_look_ok"
BEAT_AGE = "realestate_daemon_beat_age_seconds"
QUEUE_OLDEST = "realestate_queue_oldest_seconds"
FAILED_TICKS = "realestate_failed_ticks"
DISK_FREE, DISK_KEPT = "realestate_disk_free_bytes", "realestate_disk_kept_bytes"
OPEN_ALERTS = "realestate_open_alerts"
CLAIMED, CLAIM_SILENCE = "realestate_claimed_runs", "realestate_claim_silence_seconds"
BUDGET, SPENT = "realestate_provider_budget", "realestate_provider_budget_spent"
LABELS: dict[str, tuple[str, ...]] = {
    LOOK_OK: ("look",),
    BEAT_AGE: ("daemon",),
    QUEUE_OLDEST: (),
    FAILED_TICKS: (),
    DISK_FREE: (),
    DISK_KEPT: (),
    OPEN_ALERTS: ("severity",),
    CLAIMED: (),
    CLAIM_SILENCE: (),
    BUDGET: ("api", "unit", "period"),
    SPENT: ("api", "unit", "period"),
}
SEVERITIES = ("critical", "warning", "info")
# A scrape waits for ten seconds by default.
PATIENCE_SECONDS = 8.0
ALERTS_SQL = """
select severity, count(*) as alerts from ops.alerts
where closed_at is null and (hold_until is null or hold_until <= now()) group by severity
"""
# A claim that nobody ended is its worker's for as long as that is heard of; a lost one's stays.
CLAIMS_SQL = """
select count(*) as runs,
       coalesce(max(extract(epoch from clock_timestamp() - beat_at)), 0)::float8 as silence
from ops.run_claims where ended_at is null and beat_at > clock_timestamp() - interval '1 hour'
"""
_log = logging.getLogger(__name__)


class WatchCollector(Collector):
    """Looks anew at each collection; what cannot be read is left out, and its look is 0.

    Args:
        settings: folder, floor of the disk, address of the UI.
        warehouse: the warehouse.
        stores: lake and landing area, by name.
        instance: opens Dagster's instance.
        policies: the APIs by name.
        watch_state: file in which the watcher keeps what lasts.
    """

    def __init__(
        self,
        settings: Settings,
        warehouse: Warehouse,
        stores: Mapping[str, Store],
        instance: Callable[[], dg.DagsterInstance],
        policies: Callable[[], Mapping[str, ApiPolicy]],
        watch_state: Path,
    ) -> None:
        self._settings, self._warehouse, self._stores = settings, warehouse, stores
        self._instance, self._policies, self._watch_state = instance, policies, watch_state

    def describe(self) -> Iterable[Metric]:
        """No metrics: else they would be collected once at registration."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Every family that can be read."""
        yield self._looks()
        for read in (
            self._disk,
            self._daemon,
            self._queue,
            self._ticks,
            self._alerts,
            self._claims,
            self._budgets,
        ):
            try:
                yield from list(read())
            except Exception as error:
                # Whatever is down: the look of it says so, and the scrape answers.
                said = scrub(f"{type(error).__name__}: {error}")
                _log.error("%s cannot be read: %s", read.__name__.strip("_"), said)

    def _looks(self) -> Metric:
        looks = looks_of(self._settings, self._warehouse, self._instance)
        looks |= {name: partial(reached, store) for name, store in self._stores.items()}
        found = GaugeMetricFamily(LOOK_OK, "1 where the watcher finds it well.", labels=LABELS[LOOK_OK])
        seen = {beat.component: beat.is_up for beat in look(looks, PATIENCE_SECONDS)}
        for name in looks:
            # What lies in a Postgres that is away was not looked at, and is not said to be well.
            if name in seen:
                found.add_metric([name], float(seen[name]))
        return found

    def _disk(self) -> Iterator[Metric]:
        free = free_bytes(make_folder(self._settings.home))
        yield GaugeMetricFamily(DISK_FREE, "Bytes free on the disk of the local data.", value=free)
        kept = self._settings.min_free_gb * 1e9
        yield GaugeMetricFamily(DISK_KEPT, "Bytes that a run has to leave (MIN_FREE_GB).", value=kept)

    def _daemon(self) -> Iterator[Metric]:
        found = GaugeMetricFamily(
            BEAT_AGE, "Seconds since the last beat of each of Dagster's daemons.", labels=LABELS[BEAT_AGE]
        )
        now = datetime.now(UTC).timestamp()
        with self._instance() as instance:
            for kind, status in instance.get_daemon_statuses().items():
                if status.required and status.last_heartbeat:
                    found.add_metric([kind], max(now - status.last_heartbeat.timestamp, 0))
        yield found

    def _queue(self) -> Iterator[Metric]:
        waiting = dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED])
        with self._instance() as instance:
            oldest = instance.get_run_records(waiting, limit=1, order_by="create_timestamp", ascending=True)
        age = (datetime.now(UTC) - oldest[0].create_timestamp).total_seconds() if oldest else 0
        yield GaugeMetricFamily(QUEUE_OLDEST, "Seconds that the oldest queued run waits.", value=max(age, 0))

    def _ticks(self) -> Iterator[Metric]:
        failed = failed_ticks(current_url())
        yield GaugeMetricFamily(
            FAILED_TICKS, "Ticks of schedules and sensors that failed within 30 min.", value=failed
        )

    def _alerts(self) -> Iterator[Metric]:
        """Of the watcher too: what it tells lies in its file."""
        counts = dict.fromkeys(SEVERITIES, 0)
        for kept in FileLedger(self._watch_state).lasting():
            counts[kept.alert.severity] += 1
        try:
            for row in self._warehouse.read(ALERTS_SQL).to_pylist():
                counts[row["severity"]] = counts.get(row["severity"], 0) + row["alerts"]
        except RealEstateError as error:
            # A new installation has no such table; one whose Postgres is away is told by its look.
            _log.debug("Alerts in the warehouse cannot be read: %s", error)
        found = GaugeMetricFamily(OPEN_ALERTS, "Alerts that last, by severity.", labels=LABELS[OPEN_ALERTS])
        for severity in SEVERITIES:
            found.add_metric([severity], counts[severity])
        yield found

    def _claims(self) -> Iterator[Metric]:
        """Runs that workers have, and for how long the most silent of them was not heard of."""
        found = {"runs": 0, "silence": 0.0}
        try:
            found = self._warehouse.read(CLAIMS_SQL).to_pylist()[0]
        except RealEstateError as error:
            # Where no run was ever handed to a worker there is no such table.
            _log.debug("Claims of runs cannot be read: %s", error)
        yield GaugeMetricFamily(CLAIMED, "Runs that workers have.", value=found["runs"])
        said = "Seconds since the most silent worker of a run was heard of."
        yield GaugeMetricFamily(CLAIM_SILENCE, said, value=found["silence"])

    def _budgets(self) -> Iterator[Metric]:
        bound = GaugeMetricFamily(
            BUDGET, "What an API may cost or be asked in a period.", labels=LABELS[BUDGET]
        )
        spent = GaugeMetricFamily(SPENT, "What of it is spent or reserved.", labels=LABELS[SPENT])
        for (api, unit, period), (limit, gone) in spent_of(self._warehouse, self._policies()).items():
            scale = MICRO if unit == "usd" else 1
            bound.add_metric([api, unit, period], limit / scale)
            spent.add_metric([api, unit, period], gone / scale)
        yield bound
        yield spent


def reached(store: Store) -> str:
    """The store answers; nothing is written.

    Raises:
        TransientError: it does not.
    """
    store.exists("_doctor")
    return f"{store.uri('')} answers"
