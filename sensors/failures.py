"""Failed runs and failed blocking checks, told to people with a link to the run."""

import hashlib
import re
from collections.abc import Callable

import dagster as dg

from realestate_assets.domain.calendar.ranges import RANGE_END_TAG, RANGE_START_TAG
from resources.alerts import Alert, AlertsResource
from resources.readable import SerializedError
from sensors.requests import REQUESTED_BY_TAG

# What differs from one failure of the same kind to the next: ids, counts, dates.
VOLATILE = re.compile(r"[0-9a-f]{8,}|\d+")
PARTITION_TAG = "dagster/partition"


def build_failure_sensor(readable: Callable[[SerializedError], str]) -> dg.SensorDefinition:
    """A sensor that tells of each run that fails.

    Args:
        readable: the message for a person of a serialized error.
    """

    @dg.run_failure_sensor(
        name="failed_runs",
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells of failed runs and of blocking checks that failed, through ALERT_URLS. Running: "
        "it does nothing without ALERT_URLS. The same failure of a job is told once a day.",
    )
    def failed_runs(context: dg.RunFailureSensorContext, alerts: AlertsResource) -> dg.SkipReason | None:
        if not alerts.is_on:
            return dg.SkipReason("ALERT_URLS is not set.")
        run = context.dagster_run
        found = check_alerts(context.instance, run) or [_run_alert(context, readable)]
        link = alerts.link(f"runs/{run.run_id}")
        sent = alerts.tell([Alert(a.key, a.title, f"{a.body}\n{_where(run)}", link) for a in found])
        context.log.info(f"{sent} of {len(found)} alerts sent")
        return None

    return failed_runs


def check_alerts(instance: dg.DagsterInstance, run: dg.DagsterRun) -> list[Alert]:
    """An alert for each blocking check of the run that failed."""
    records = instance.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    found = []
    for record in records.records:
        event = record.event_log_entry.dagster_event
        if event is None:
            continue
        check = event.asset_check_evaluation_data
        if check.blocking and not check.passed and check.severity == dg.AssetCheckSeverity.ERROR:
            name = f"{check.asset_key.path[-1]}: {check.check_name}"
            seen = "; ".join(f"{key}: {_short(value.value)}" for key, value in check.metadata.items())
            found.append(
                Alert(f"check:{name}:{_range(run)}", f"blocking check failed, {name}", seen or "no details")
            )
    return found


def _run_alert(context: dg.RunFailureSensorContext, readable: Callable[[SerializedError], str]) -> Alert:
    run = context.dagster_run
    steps = context.get_step_failure_events()
    error = steps[0].step_failure_data.error if steps else None
    text = readable(error) if error else context.failure_event.message or "no message"
    step = steps[0].step_key if steps else "start"
    kind = hashlib.sha256(VOLATILE.sub("#", text).encode()).hexdigest()[:16]
    return Alert(f"run:{run.job_name}:{step}:{kind}", f"{run.job_name} failed in {step}", text)


def _where(run: dg.DagsterRun) -> str:
    by = run.tags.get(REQUESTED_BY_TAG)
    return f"Partitions: {_range(run) or 'none'}." + (f" Asked for by {by}." if by else "")


def _range(run: dg.DagsterRun) -> str:
    first, last = run.tags.get(RANGE_START_TAG), run.tags.get(RANGE_END_TAG)
    return f"{first} to {last}" if first and first != last else first or run.tags.get(PARTITION_TAG, "")


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 300 else f"{text[:300]}…"
