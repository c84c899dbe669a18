"""Which partitions a check looks at: those of its run, and where it is executed by itself all there are.

"Execute all" of a Checks tab starts a run of the checks alone, and asks for no partition.
"""

import dagster as dg

from realestate_assets.domain.calendar.ranges import RANGE_START_TAG
from realestate_assets.extent import counties
from resources.errors import PermanentError
from resources.partition import Partition


def is_of_a_run(context: dg.AssetCheckExecutionContext) -> bool:
    """Whether a run asked for its partitions, rather than somebody for the check alone."""
    return context.has_partition_key or RANGE_START_TAG in context.run.tags


def partitions_of(context: dg.AssetCheckExecutionContext) -> list[Partition]:
    """The partitions of the run; without any, all that were made of the asset, of counties that there are.

    Raises:
        PermanentError: none was ever made: there is nothing to look at.
    """
    if is_of_a_run(context):
        return Partition.parse_all(context.partition_keys)
    asset = next(iter(context.check_specs)).asset_key
    made = Partition.parse_all(context.instance.get_materialized_partitions(asset))
    found = sorted(partition for partition in made if partition.county_slug in counties())
    if not found:
        raise PermanentError(
            f"{asset.to_user_string()} was not made for any county and month yet: there is nothing to check.",
            remedy="Materialize it first; its checks run along.",
        )
    context.log.info(f"No partition was asked for: all {len(found):,} that were made are checked.")
    return found
