"""A model was promoted: the scores that another model made are asked for again."""

from collections.abc import Callable, Sequence

import dagster as dg

from resources.partition import Partition
from resources.telemetry.ticks import observed
from resources.warehouse.resource import WarehouseResource
from sensors.requests import Grid, Job, range_request

# Promotions looked at in one tick.
LIMIT = 1000
NAME = "promoted_models"
# Which of these partitions have scores of another model than the one in use.
Outdated = Callable[[WarehouseResource, set[Partition]], set[Partition]]


def build_promotion_sensor(
    job: Job, makes_scores: Callable[[dg.DagsterRun], bool], grid: Callable[[], Grid], outdated: Outdated
) -> dg.SensorDefinition:
    """A sensor over the materializations of promoted_models.

    Args:
        job: makes the scores.
        makes_scores: whether a run makes scores by itself.
        grid: the partitions there are.
        outdated: which partitions have scores of another model.
    """

    @dg.sensor(
        name=NAME,
        job=job,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Scores again where another model than that of the scores was promoted. Running: values "
        "shown should be those of the model in use; it begins with promotions after it was switched on.",
    )
    @observed(NAME)
    def promoted_models(
        context: dg.SensorEvaluationContext, warehouse: WarehouseResource
    ) -> dg.SensorResult | dg.SkipReason:
        key = dg.AssetKey(NAME)
        if context.cursor is None:
            newest = context.instance.fetch_materializations(key, limit=1).records
            return dg.SensorResult(
                cursor=str(newest[0].storage_id if newest else 0), skip_reason="Begins here."
            )
        filters = dg.AssetRecordsFilter(asset_key=key, after_storage_id=int(context.cursor))
        records = context.instance.fetch_materializations(filters, limit=LIMIT, ascending=True).records
        if not records:
            return dg.SkipReason("No model was promoted.")
        found = _promoted(context.instance, records, makes_scores)
        partitions = outdated(warehouse, found) if found else set()
        last = records[-1].storage_id
        requests = [range_request(each, f"promoted:{last}", NAME) for each in grid().ranges(partitions)]
        skip = None if requests else f"{len(records)} decisions, and the scores are of the models in use."
        return dg.SensorResult(run_requests=requests, cursor=str(last), skip_reason=skip)

    return promoted_models


def _promoted(
    instance: dg.DagsterInstance,
    records: Sequence[dg.EventLogRecord],
    makes_scores: Callable[[dg.DagsterRun], bool],
) -> set[Partition]:
    """Partitions decided by runs that make no scores themselves."""
    run_ids = list({record.run_id for record in records})
    making = {run.run_id for run in instance.get_runs(dg.RunsFilter(run_ids=run_ids)) if makes_scores(run)}
    keys = {r.partition_key for r in records if r.run_id not in making and r.partition_key}
    return set(Partition.parse_all(keys))
