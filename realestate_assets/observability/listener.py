"""Hears each event of a run as Dagster keeps it, and tells it on: as a line, as a span, as lineage.

It runs where the step runs, so what it makes current is current in the step. Whatever it cannot do is said
once and costs the run nothing.
"""

import logging
import sys
import time
from collections.abc import Callable, Mapping

import dagster as dg
from structlog.contextvars import bind_contextvars, unbind_contextvars

from realestate_assets.observability import lineage
from realestate_assets.observability.materialized import Materialized, Verdict
from resources.readable import SerializedError
from resources.telemetry import faults, spans
from resources.telemetry.config import TelemetrySettings
from resources.telemetry.logs import fields

PARTITION_TAG = "dagster/partition"
FIRST_TAG, LAST_TAG = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
ENDS = {"PIPELINE_SUCCESS": "succeeded", "PIPELINE_FAILURE": "failed", "PIPELINE_CANCELED": "was canceled"}
STEP_ENDS = ("STEP_SUCCESS", "STEP_FAILURE", "STEP_UP_FOR_RETRY", "STEP_SKIPPED")
_log = logging.getLogger("realestate.run")


def where(tags: Mapping[str, str]) -> dict[str, str]:
    """Fields of what a run is about: its county, and its partitions; a range by its ends."""
    first, last = tags.get(FIRST_TAG), tags.get(LAST_TAG)
    if not first or not last:
        first = last = tags.get(PARTITION_TAG, "")
    if not first:
        return {}
    counties = [key.partition("|")[0] for key in (first, last)]
    return {
        "county": counties[0] if counties[0] == counties[1] else "..".join(counties),
        "partitions": first if first == last else f"{first}..{last}",
    }


class RunListener:
    """Listens to one run."""

    def __init__(self, run: dg.DagsterRun, settings: TelemetrySettings) -> None:
        self._run = run
        self._about = {"run": run.run_id, "job": run.job_name, **where(run.tags)}
        self._attributes = {f"realestate.{name}": value for name, value in self._about.items()}
        self._lineage = lineage.of_run(run, settings)
        self._run_span = self._step_span = spans.OpenSpan()
        self._step_began = self._run_began = 0.0
        self._made: dict[str, Materialized] = {}
        self._verdicts: list[Verdict] = []
        self._is_broken = False

    def begin(self) -> None:
        """The run begins in this process."""
        self._safely(self._begin)

    def __call__(self, entry: dg.EventLogEntry) -> None:
        """Take one event."""
        self._safely(lambda: self._take(entry))

    def _safely(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:
            if not self._is_broken:
                self._is_broken = True
                _log.warning("Run %s is not observed as a whole.", self._run.run_id, exc_info=True)

    def _begin(self) -> None:
        bind_contextvars(**self._about)
        self._run_began = time.monotonic()
        self._run_span = spans.begin(
            f"run {self._run.job_name}",
            attributes=self._attributes,
            parent=self._run.tags.get(spans.RUN_TAG, "") if not spans.current_ids() else "",
        )
        self._lineage.run_began()
        _log.info("run started")

    def _take(self, entry: dg.EventLogEntry) -> None:
        event = entry.dagster_event
        if event is None:
            _log.log(int(entry.level), "%s", entry.user_message, extra=fields(source="step"))
            return
        kind, step = event.event_type_value, event.step_key or ""
        if kind in ("STEP_START", "STEP_RESTARTED"):
            self._step_begins(step)
        elif kind == "ASSET_MATERIALIZATION":
            self._materialized(event.step_materialization_data.materialization)
        elif kind == "ASSET_CHECK_EVALUATION":
            self._checked(event.asset_check_evaluation_data)
        elif kind in STEP_ENDS:
            self._step_ends(kind, step, event)
        elif kind in ENDS:
            self._run_ends(kind, event)

    def _step_begins(self, step: str) -> None:
        self._made, self._verdicts = {}, []
        self._step_began = time.monotonic()
        bind_contextvars(step=step)
        told = {**self._attributes, "realestate.step": step}
        self._step_span = spans.begin(f"step {step}", attributes=told)
        self._lineage.step_began(step)
        _log.info("step started")

    def _materialized(self, made: dg.AssetMaterialization) -> None:
        name = made.asset_key.path[-1]
        self._made.setdefault(name, Materialized(name)).add(made.metadata)

    def _checked(self, check: dg.AssetCheckEvaluation) -> None:
        name = check.asset_key.path[-1]
        self._verdicts.append(Verdict(name, check.check_name, check.passed, check.severity.value))
        if not check.passed:
            _log.warning(
                "check failed",
                extra=fields(asset=name, check=check.check_name, severity=check.severity.value),
            )

    def _step_ends(self, kind: str, step: str, event: dg.DagsterEvent) -> None:
        seconds = round(time.monotonic() - self._step_began, 3)
        rows = sum(made.rows or 0 for made in self._made.values()) or None
        for made in self._made.values():
            self._step_span.event(f"made {made.asset}", {"rows": made.rows, "bytes": made.bytes})
        if kind == "STEP_SUCCESS":
            self._lineage.step_ended(step, list(self._made.values()), self._verdicts)
            _log.info("step ended", extra=fields(seconds=seconds, rows=rows))
        elif kind == "STEP_SKIPPED":
            _log.info("step skipped")
        else:
            self._step_failed(kind, step, event, seconds)
        self._step_span.end()
        unbind_contextvars("step")

    def _step_failed(self, kind: str, step: str, event: dg.DagsterEvent, seconds: float) -> None:
        error = sys.exc_info()[1]
        data = event.step_failure_data if kind == "STEP_FAILURE" else event.step_retry_data
        text = _message(data.error) if data.error else kind
        self._step_span.fail(text)
        self._lineage.step_failed(step, text, self._verdicts)
        if kind == "STEP_UP_FOR_RETRY":
            _log.warning("step is tried again", extra=fields(seconds=seconds, error=text))
            return
        _log.error("step failed", extra=fields(seconds=seconds, error=text))
        faults.tell(_of_user(error), **{**self._about, "step": step})

    def _run_ends(self, kind: str, event: dg.DagsterEvent) -> None:
        # A step that was interrupted tells no end of its own.
        self._step_span.end()
        unbind_contextvars("step")
        seconds = round(time.monotonic() - self._run_began, 3)
        level = logging.ERROR if kind == "PIPELINE_FAILURE" else logging.INFO
        text = ""
        if kind == "PIPELINE_FAILURE":
            text = _message(error) if (error := event.job_failure_data.error) else event.message or "failed"
            faults.tell(sys.exc_info()[1], **self._about)
        if kind != "PIPELINE_SUCCESS":
            self._run_span.fail(text or ENDS[kind])
        self._lineage.run_ended(kind == "PIPELINE_SUCCESS", kind == "PIPELINE_CANCELED", text)
        _log.log(level, "run %s", ENDS[kind], extra=fields(seconds=seconds, error=text))
        self._run_span.end()
        unbind_contextvars(*self._about)
        spans.flush()
        self._lineage.flush()


def _of_user(error: BaseException | None) -> BaseException | None:
    """What the step itself raised, of what Dagster raised around it."""
    return getattr(error, "user_exception", None) or error


def _message(error: SerializedError) -> str:
    while error.cause is not None:
        error = error.cause
    return error.message.strip()
