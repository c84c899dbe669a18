"""Failed runs and failed blocking checks, told to people with a link to the run, and when they are over.

Each look asks what failed since the last one, and of all that lasts whether it still does: what a look
missed, because it or the warehouse was stopped, the next one finds.
"""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import dagster as dg

from resources.alerts.alert import CRITICAL, Alert, Kept
from resources.alerts.resource import AlertsResource
from resources.errors import TransientError
from resources.readable import SerializedError
from resources.telemetry.ticks import observed
from sensors.requests import REQUESTED_BY_TAG
from sensors.runs import (
    MOST_RUNS,
    WILL_RETRY_TAG,
    Scope,
    failed_events,
    newest_retry,
    passed_since,
    range_tags_of,
    range_text,
    selection,
    succeeded_since,
)
from sensors.staleness import OwnersOf

# What differs from one failure of the same kind to the next: ids, counts, dates.
VOLATILE = re.compile(r"[0-9a-f]{8,}|\d+")
RUN_PREFIX, CHECK_PREFIX = "run:", "check:"
# Runs that a look has seen; those before it are older than what it asks for.
REMEMBERED = 300
# The clocks of Dagster's storage and of this process need not be the same.
OVERLAP = timedelta(minutes=5)
# Dagster starts a failed run again within seconds; one that it has not for so long is told.
RETRY_LASTS = timedelta(minutes=10)
# What Dagster raises in the step of a blocking check that failed.
CHECK_FAILED = "DagsterAssetCheckFailedError"


@dataclass(frozen=True)
class Seen:
    """Up to when runs were looked at, and which: the sensor's cursor."""

    at: datetime
    runs: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str | None, now: datetime) -> "Seen":
        """A cursor; the first look, and one of an older version, begins now."""
        try:
            kept = json.loads(text or "")
            return cls(datetime.fromisoformat(kept["at"]), tuple(kept["runs"]))
        except (ValueError, KeyError, TypeError):
            return cls(now - OVERLAP)

    def text(self) -> str:
        """As the sensor keeps it."""
        return json.dumps({"at": self.at.isoformat(), "runs": list(self.runs[-REMEMBERED:])})


@dataclass(frozen=True)
class Failures:
    """Tells of failures and of their end.

    Args:
        instance: Dagster's storage.
        readable: the message for a person of a serialized error.
        scope: what runs cover.
        owners_of: owners of an asset, of the assets of a step, or of `asset: check`.
    """

    instance: dg.DagsterInstance
    readable: Callable[[SerializedError], str]
    scope: Scope
    owners_of: OwnersOf

    def begun(
        self, records: Sequence[dg.RunRecord], link: Callable[[str], str], now: datetime
    ) -> list[Alert]:
        """What failed in these runs and was not mended since."""
        found = []
        for record in records:
            run = record.dagster_run
            ended = record.end_time or now.timestamp()
            told = check_alerts(self.instance, run, self.owners_of)
            steps = self._failed_steps(run)
            if steps or not told:
                told = [*told, self._run_alert(run, steps)]
            for alert in told:
                kept = replace(
                    alert,
                    body=f"{alert.body}\n{_where(run)}",
                    link=link(f"runs/{run.run_id}"),
                    severity=CRITICAL,
                    counties=self.scope.counties_of(run.tags),
                    occurrence=run.run_id,
                    subject={**alert.subject, "since": alert.subject.get("since", ended)},
                    hold_until=self._held_until(run, now),
                )
                if self.how_ended(kept) is None:
                    found.append(kept)
        return found

    def how_ended(self, alert: Alert) -> str | None:
        """How it is over; None while it lasts."""
        if "since" not in alert.subject:
            return None
        since = float(alert.subject["since"])
        look = passed_since if alert.key.startswith(CHECK_PREFIX) else succeeded_since
        return look(self.instance, alert.subject, since, self.scope)

    def held(self, lasting: Sequence[Kept], now: datetime) -> tuple[set[str], set[str], dict[str, str]]:
        """Of what is kept back: what stays so, what is told now, and what its retry took the place of."""
        stays, told, replaced = set(), set(), {}
        for alert in (kept.alert for kept in lasting if kept.alert.hold_until is not None):
            run = self.instance.get_run_by_id(alert.occurrence)
            retry = newest_retry(self.instance, run) if run else None
            if run is None or run.tags.get(WILL_RETRY_TAG) == "false":
                told.add(alert.key)
            elif retry is None:
                continue
            elif not retry.is_finished or retry.tags.get(WILL_RETRY_TAG) == "true":
                stays.add(alert.key)
            elif retry.is_failure:
                # The failure of the retry is told by itself, where it is another one.
                replaced[alert.key] = "It failed again, otherwise."
            elif not retry.is_success:
                told.add(alert.key)
        return stays, told, replaced

    def _held_until(self, run: dg.DagsterRun, now: datetime) -> datetime | None:
        """Until when a failure is kept back, for Dagster starts the run again by itself."""
        will = run.tags.get(WILL_RETRY_TAG)
        # Dagster says so a moment after the failure.
        return (
            now + RETRY_LASTS
            if will == "true" or (will is None and self.instance.run_retries_enabled)
            else None
        )

    def _failed_steps(self, run: dg.DagsterRun) -> list[dg.DagsterEvent]:
        """Failures of steps that no failed check is the reason of: Dagster fails its step, too."""
        events = [event for _, event in failed_events(self.instance, run, dg.DagsterEventType.STEP_FAILURE)]
        return [
            event
            for event in events
            if (error := event.step_failure_data.error) is None or error.cls_name != CHECK_FAILED
        ]

    def _run_alert(self, run: dg.DagsterRun, steps: Sequence[dg.DagsterEvent]) -> Alert:
        ends = [event for _, event in failed_events(self.instance, run, dg.DagsterEventType.RUN_FAILURE)]
        error = steps[0].step_failure_data.error if steps else None
        text = self.readable(error) if error else (ends[0].message if ends else None) or "no message"
        step = (steps[0].step_key if steps else None) or "start"
        kind = hashlib.sha256(VOLATILE.sub("#", text).encode()).hexdigest()[:16]
        subject = {"job": run.job_name, "assets": selection(run), "range": range_tags_of(run.tags)}
        return Alert(
            f"{RUN_PREFIX}{run.job_name}:{range_text(run.tags)}:{step}:{kind}",
            f"{run.job_name} failed in {step}",
            text,
            owners=self.owners_of(step),
            subject=subject,
        )


def build_failure_sensor(
    readable: Callable[[SerializedError], str],
    scope: Scope | None = None,
    owners_of: OwnersOf = lambda _: (),
) -> dg.SensorDefinition:
    """A sensor that tells of each run that fails, of its end, and of all that other sensors left to be told.

    Args:
        readable: the message for a person of a serialized error.
        scope: what runs cover; without it a county at a time, and each job for itself.
        owners_of: owners of an asset, of the assets of a step, or of `asset: check`.
    """
    covers = scope or Scope(lambda: (), {})

    @dg.sensor(
        name="failed_runs",
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells of failed runs and of blocking checks that failed, through ALERT_URLS, once, and "
        "when they are over; and sends what a channel did not take before. Running: it does nothing without "
        "ALERT_URLS.",
    )
    @observed("failed_runs")
    def failed_runs(context: dg.SensorEvaluationContext, alerts: AlertsResource) -> dg.SensorResult:
        if not alerts.is_on:
            return dg.SensorResult(skip_reason="ALERT_URLS is not set.", cursor=context.cursor)
        now = datetime.now(UTC)
        failures = Failures(context.instance, readable, covers, owners_of)
        seen = Seen.parse(context.cursor, now)
        records, looked_until = _failed_since(context.instance, seen, now)
        alerts.begin(failures.begun(records, alerts.link, now), now)
        _follow(failures, alerts, now)
        try:
            alerts.deliver()
        except TransientError as error:
            # Nothing is lost: the next look tells it.
            context.log.error(str(error))
        runs = (*seen.runs, *(record.dagster_run.run_id for record in records))
        return dg.SensorResult(
            skip_reason=f"{len(records)} runs failed since the last look.",
            cursor=Seen(looked_until, runs).text(),
        )

    return failed_runs


def _failed_since(
    instance: dg.DagsterInstance, seen: Seen, now: datetime
) -> tuple[Sequence[dg.RunRecord], datetime]:
    """Failed runs that were not seen, the oldest first, and up to when all are among them."""
    # Since now where the clock was set back: what is seen already is known by its id.
    since = min(seen.at, now) - OVERLAP
    wanted = dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], updated_after=since)
    records = instance.get_run_records(wanted, limit=MOST_RUNS, order_by="update_timestamp", ascending=True)
    new = [record for record in records if record.dagster_run.run_id not in seen.runs]
    return new, now if len(records) < MOST_RUNS else records[-1].update_timestamp + OVERLAP


def _follow(failures: Failures, alerts: AlertsResource, now: datetime) -> None:
    """End what is over, and decide about what is kept back."""
    lasting = [*alerts.lasting(RUN_PREFIX), *alerts.lasting(CHECK_PREFIX)]
    ended = {kept.alert.key: how for kept in lasting if (how := failures.how_ended(kept.alert))}
    stays, told, replaced = failures.held([kept for kept in lasting if kept.alert.key not in ended], now)
    alerts.end({**replaced, **ended}, now)
    # Kept back by a clock that was set back since: no longer than any other.
    latest = now + RETRY_LASTS
    far = {k.alert.key for k in lasting if k.alert.hold_until and k.alert.hold_until > latest}
    alerts.ledger.hold(stays | far, latest)
    alerts.ledger.hold(told, now)


def check_alerts(instance: dg.DagsterInstance, run: dg.DagsterRun, owners_of: OwnersOf) -> list[Alert]:
    """An alert for each blocking check of the run that failed."""
    found = []
    for at, event in failed_events(instance, run, dg.DagsterEventType.ASSET_CHECK_EVALUATION):
        check = event.asset_check_evaluation_data
        if check.blocking and not check.passed and check.severity == dg.AssetCheckSeverity.ERROR:
            name = f"{check.asset_key.path[-1]}: {check.check_name}"
            details = "; ".join(f"{key}: {_short(value.value)}" for key, value in check.metadata.items())
            subject = {
                "asset": check.asset_key.to_user_string(),
                "check": check.check_name,
                "range": range_tags_of(run.tags),
                "since": at,
            }
            found.append(
                Alert(
                    f"{CHECK_PREFIX}{name}:{range_text(run.tags)}",
                    f"blocking check failed, {name}",
                    details or "no details",
                    owners=owners_of(name),
                    subject=subject,
                )
            )
    return found


def _where(run: dg.DagsterRun) -> str:
    by = run.tags.get(REQUESTED_BY_TAG)
    return f"Partitions: {range_text(run.tags) or 'none'}." + (f" Asked for by {by}." if by else "")


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 300 else f"{text[:300]}…"
