"""Figures of the platform for Prometheus, read from the warehouse and Dagster's runs when they are asked for.

Nothing is counted in the processes themselves: runs come and go, and a figure that is read from where the
work is kept survives them. Each family is one query.
"""

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import dagster as dg
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from realestate_assets.operations.watch import figures as watch_figures
from resources.scrub import scrub
from resources.warehouse.warehouse import Warehouse

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Family:
    """One metric: its name, meaning, labels, what must exist, and a query of labels and `value`."""

    name: str
    help: str
    labels: tuple[str, ...]
    relations: tuple[str, ...]
    sql: str


# Summed over the months: a label a month would make thousands of series of a figure nobody watches by month.
FAMILIES = (
    Family(
        "realestate_stage_rows", "Rows of each stage's table.", ("county", "stage"),
        ("marts.pipeline_throughput",),
        "select county, stage, sum(row_count)::float8 as value from marts.pipeline_throughput group by 1, 2",
    ),
    Family(
        "realestate_rejected_rows", "Received rows that were refused, by the first reason.",
        ("county", "source", "reason"), ("raw.property_rejects",),
        "select county, source, reason_code as reason, count(*)::float8 as value from raw.property_rejects "
        "where disposition = 'rejected' group by 1, 2, 3",
    ),
    Family(
        "realestate_newest_record_age_days", "Days since the date of a county's newest record.", ("county",),
        ("raw.properties",),
        "select county, (current_date - max(observed_date))::float8 as value from raw.properties "
        "where not is_simulated group by 1",
    ),
    Family(
        "realestate_last_event_age_seconds", "Seconds since something last happened, by kind of event.",
        ("county", "event_type"), ("ops.events",),
        "select county, event_type, extract(epoch from now() - max(event_time))::float8 as value "
        "from ops.events group by 1, 2",
    ),
    Family(
        "realestate_properties", "Properties of a month by the furthest stage they have reached.",
        ("county", "status"), ("marts.property_lifecycle",),
        "select county, status, count(*)::float8 as value from marts.property_lifecycle group by 1, 2",
    ),
    Family(
        "realestate_provider_calls_total", "Calls sent to providers and answers taken from the cache.",
        ("county", "provider", "outcome"), ("ops.provider_calls",),
        "select county, provider, count(*)::float8 as value, "
        "case when cached then 'cached' else lower(coalesce(outcome, 'open')) end as outcome "
        "from ops.provider_calls group by 1, 2, 4",
    ),
    Family(
        "realestate_provider_cost_usd_total", "Dollars spent on providers.", ("county", "provider"),
        ("ops.provider_calls",),
        "select county, provider, sum(cost_micro_usd)::float8 / 1000000 as value from ops.provider_calls "
        "group by 1, 2",
    ),
    Family(
        "realestate_failed_checks", "Checks and measures that do not hold in some month.",
        ("county", "metric"), ("marts.data_quality",),
        # Of a check that failed somewhere in its run no month is told; it is no less a failure.
        "select county, metric, count(*) filter (where is_passed is not true)::float8 as value "
        "from marts.data_quality where is_passed is not null or metric = 'run_check' group by 1, 2",
    ),
    Family(
        "realestate_replayed_rows_total", "Refused rows that were tried again, by what became of them.",
        ("county", "outcome"), ("ops.reject_replays",),
        "select county, coalesce(outcome, 'open') as outcome, count(*)::float8 as value "
        "from ops.reject_replays group by 1, 2",
    ),
)  # fmt: skip
UP = "realestate_up"
RUNS = "realestate_runs"
STEP_SECONDS = "realestate_step_seconds"
# Beyond these the answer would take longer than a scrape waits.
MAX_RUNS_READ = 20

WAITING = (dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED)


def metric_labels() -> dict[str, tuple[str, ...]]:
    """Labels of every metric that is collected, by name."""
    own = {UP: ("component",), RUNS: ("state",), STEP_SECONDS: ("step",)}
    return {family.name: family.labels for family in FAMILIES} | own | watch_figures.LABELS


class PlatformCollector(Collector):
    """Reads every figure anew at each collection."""

    def __init__(self, warehouse: Warehouse, instance: Callable[[], dg.DagsterInstance]) -> None:
        """Take where to read; nothing is opened yet."""
        self._warehouse = warehouse
        self._instance = instance

    def describe(self) -> Iterable[Metric]:
        """No metrics: else they would be collected once at registration."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Every family; a part that cannot be read is left out and its `realestate_up` is 0."""
        up = GaugeMetricFamily(UP, "1 where this part could be read.", labels=["component"])
        for component, read in (("warehouse", self._tables), ("dagster", self._runs)):
            try:
                yield from list(read())
                up.add_metric([component], 1)
            except Exception as error:
                # Whatever is down: the scrape itself must answer and say so.
                said = scrub(f"{type(error).__name__}: {error}")
                logger.error("Metrics of the %s cannot be read: %s", component, said)
                up.add_metric([component], 0)
        yield up

    def _tables(self) -> Iterator[Metric]:
        wanted = sorted({relation for family in FAMILIES for relation in family.relations})
        names = "jsonb_array_elements_text($1::jsonb) as name"
        sql = f"select name from {names} where to_regclass(name) is not null"  # noqa: S608 - a constant
        there = set(self._warehouse.read(sql, (json.dumps(wanted),))["name"].to_pylist())
        for family in FAMILIES:
            kind = CounterMetricFamily if family.name.endswith("_total") else GaugeMetricFamily
            gauge = kind(family.name, family.help, labels=family.labels)
            if set(family.relations) <= there:
                for row in self._warehouse.read(family.sql).to_pylist():
                    gauge.add_metric([str(row[label]) for label in family.labels], row["value"])
            yield gauge

    def _runs(self) -> Iterator[Metric]:
        instance = self._instance()
        runs = GaugeMetricFamily(RUNS, "Runs by state: queued, running and ended.", labels=["state"])
        running = (dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING)
        states = {
            "queued": WAITING,
            "running": running,
            "succeeded": (dg.DagsterRunStatus.SUCCESS,),
            "failed": (dg.DagsterRunStatus.FAILURE,),
        }
        for state, statuses in states.items():
            runs.add_metric([state], instance.get_runs_count(dg.RunsFilter(statuses=list(statuses))))
        yield runs
        seconds = GaugeMetricFamily(STEP_SECONDS, "Seconds a step took in its last run.", labels=["step"])
        for step, taken in sorted(last_step_seconds(instance).items()):
            seconds.add_metric([step], taken)
        yield seconds


def last_step_seconds(instance: dg.DagsterInstance) -> dict[str, float]:
    """Seconds of each step in the newest successful run that had it, of the last MAX_RUNS_READ runs."""
    found: dict[str, float] = {}
    done = dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS])
    for run in instance.get_runs(done, limit=MAX_RUNS_READ):
        for step in instance.get_run_step_stats(run.run_id):
            if step.start_time and step.end_time:
                found.setdefault(step.step_key, round(step.end_time - step.start_time, 3))
    return found
