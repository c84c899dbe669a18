"""Results of asset checks, from Dagster's event log into the warehouse, where marts keep their history."""

import json

import dagster as dg

from realestate_assets.domain.tables.ops import CHECK_RESULTS
from resources.partition import PARTITION_ROWS, Partition, partitions_json
from resources.readable import failed_partitions
from resources.warehouse.resource import WarehouseResource

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
    """Write the results of the run's checks so far, once for each of its partitions; how many checks.

    A check that names the partitions it failed for (`readable.blamed`) holds for the others.
    Checks of what is made later in the run are noted by the next run that makes the marts.
    """
    entries = context.instance.all_logs(
        context.run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION
    )
    graph = context.job_def.asset_layer.asset_graph
    results = {}
    for entry in entries:
        found = entry.dagster_event.asset_check_evaluation_data
        spec = graph.get_check_spec(found.asset_check_key)
        results[found.asset_check_key] = {
            "asset": found.asset_key.path[-1],
            "check_name": found.check_name,
            "is_passed": found.passed,
            "blamed": failed_partitions(found.metadata),
            "severity": found.severity.value,
            "owner": (spec.metadata or {}).get("owner"),
            "evaluated_at": entry.timestamp,
        }
    partitions = partitions_json(Partition.parse_all(context.partition_keys))
    warehouse.ensure_tables([CHECK_RESULTS])
    bound = (partitions, json.dumps(list(results.values())), context.run.run_id)
    warehouse.execute(INSERT_SQL, bound)
    return len(results)
