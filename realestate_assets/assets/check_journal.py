"""Results of asset checks, from Dagster's event log into the warehouse, where marts keep their history."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import dagster as dg
from dagster._check import CheckError
from dagster._core.errors import DagsterInvariantViolationError

from realestate_assets.domain.calendar.ranges import RANGE_END_TAG, RANGE_START_TAG
from realestate_assets.domain.tables.ops import CHECK_RESULTS
from realestate_assets.partitions import COUNTY_MONTH
from resources.errors import PermanentError
from resources.partition import PARTITION_ROWS, Partition, partitions_json
from resources.readable import IS_OF_TODAY, failed_partitions
from resources.warehouse.resource import WarehouseResource

if TYPE_CHECKING:
    from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

PARTITION_TAG = "dagster/partition"
# More have hardly ended since marts of the same partitions were made.
MOST_RUNS = 200
# Null where one of the partitions was never noted.
NOTED_SQL = f"""
select case when bool_and(noted.at is not null) then min(noted.at) end as at
from {PARTITION_ROWS}
left join lateral (
    select max(c.evaluated_at) as at from ops.check_results c where c.county = p.county and c.month = p.month
) noted on true
"""  # noqa: S608
INSERT_SQL = f"""
insert into ops.check_results
    (county, month, run_id, asset, check_name, is_passed, grain, severity, owner, evaluated_at)
select p.county, p.month, $3::text, c.asset, c.check_name,
    coalesce(c.is_passed or not c.blamed @> jsonb_build_array(p.county || '|' || p.month), c.is_passed),
    case when c.is_passed or c.blamed is not null then 'partition' else 'run' end,
    c.severity, c.owner, to_timestamp(c.evaluated_at)
from {PARTITION_ROWS}
cross join jsonb_to_recordset($2::jsonb)
    as c(
        asset text, check_name text, is_passed boolean, blamed jsonb, severity text, owner text,
        evaluated_at float8
    )
on conflict (run_id, county, month, asset, check_name) do update
set (is_passed, grain, severity, evaluated_at)
    = (excluded.is_passed, excluded.grain, excluded.severity, excluded.evaluated_at)
"""  # noqa: S608


def note_check_results(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> int:
    """Write what checks said: of this run so far, and of earlier runs over its partitions; how many results.

    Each result stands once for each partition of its run. A check that names the partitions it failed for
    (`readable.blamed`) holds for the others. Checks of what is made later in a run, and of runs that make no
    marts (discovery, the first wave of a backfill), are noted by the next run that makes the marts.
    """
    warehouse.ensure_tables([CHECK_RESULTS])
    partitions = Partition.parse_all(context.partition_keys)
    graph = _known_graph(context)
    count = 0
    for run_id, over in [*_earlier_runs(context, warehouse, partitions), (context.run.run_id, partitions)]:
        results = _results(context.instance, graph, run_id)
        bound = (partitions_json(over), json.dumps(results), run_id)
        warehouse.execute(INSERT_SQL, bound)
        count += len(results)
    return count


def _results(instance: dg.DagsterInstance, graph: "AssetGraph", run_id: str) -> list[dict]:
    """The last result of each check of a run that says something of its partitions."""
    results = {}
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION):
        if entry.dagster_event is None:
            continue
        found = entry.dagster_event.asset_check_evaluation_data
        # A run of some assets of a job brings along checks that the job leaves out.
        if IS_OF_TODAY in found.metadata:
            continue
        key = found.asset_check_key
        # Of another job, whose checks this one need not know.
        spec = graph.get_check_spec(key) if key in graph.asset_check_keys else None
        results[key] = {
            "asset": found.asset_key.path[-1],
            "check_name": found.check_name,
            "is_passed": found.passed,
            "blamed": failed_partitions(found.metadata),
            "severity": found.severity.value,
            "owner": (spec.metadata or {}).get("owner") if spec else None,
            "evaluated_at": entry.timestamp,
        }
    return list(results.values())


def _known_graph(context: dg.AssetExecutionContext) -> "AssetGraph":
    """The whole graph where this process has it, else that of the job."""
    try:
        return context.repository_def.asset_graph
    except (CheckError, DagsterInvariantViolationError):
        return context.job_def.asset_layer.asset_graph


def _earlier_runs(
    context: dg.AssetExecutionContext, warehouse: WarehouseResource, partitions: Sequence[Partition]
) -> list[tuple[str, list[Partition]]]:
    """Runs that ended since results over these partitions were noted last, oldest first, with theirs."""
    noted = warehouse.read(NOTED_SQL, (partitions_json(partitions),))["at"][0].as_py()
    ended = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
    found = context.instance.get_run_records(
        dg.RunsFilter(statuses=ended, updated_after=noted), limit=MOST_RUNS
    )
    mine = set(partitions)
    runs = [(record.dagster_run.run_id, partitions_of(record.dagster_run)) for record in reversed(found)]
    return [(run_id, over) for run_id, over in runs if mine.intersection(over)]


def partitions_of(run: dg.DagsterRun) -> list[Partition]:
    """The county-months of a run; none where it has none, or names such as there are no more."""
    first = run.tags.get(RANGE_START_TAG) or run.tags.get(PARTITION_TAG)
    last = run.tags.get(RANGE_END_TAG) or first
    if not first or not last:
        return []
    try:
        keys = COUNTY_MONTH.get_partition_keys_in_range(dg.PartitionKeyRange(first, last))
        return list(Partition.parse_all(keys))
    except (DagsterInvariantViolationError, PermanentError):
        return []
