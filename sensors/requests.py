"""Run requests over ranges of county-months, and the tags by which automatic runs are known."""

from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg

from realestate_assets.domain.calendar.ranges import Partition, Range, group_ranges
from realestate_assets.domain.core.run_tags import AUTOMATIC_TAG

AUTOMATIC = {AUTOMATIC_TAG: "true"}
REQUESTED_BY_TAG = "realestate/requested_by"
DUE_AT_TAG = "realestate/due_at"
RANGE_START_TAG = "dagster/asset_partition_range_start"
RANGE_END_TAG = "dagster/asset_partition_range_end"


@dataclass(frozen=True)
class Grid:
    """The county-months that are partitions.

    Args:
        counties: slugs in the order of the partition definition.
        months: YYYY-MM in order; the last is the running one.
        limit: most partitions of one run.
    """

    counties: tuple[str, ...]
    months: tuple[str, ...]
    limit: int

    def ranges(self, partitions: set[Partition]) -> list[Range]:
        """The partitions that exist, as ranges of one run each."""
        known = {(county, month) for county, month in partitions if month in set(self.months)}
        return group_ranges(known, self.counties, self.limit)


def partition_keys(keys: set[str] | Sequence[str]) -> set[Partition]:
    """`{"king-wa|2015-03"}` -> `{("king-wa", "2015-03")}`."""
    pairs = (key.partition("|") for key in keys)
    return {(county, month) for county, _, month in pairs}


def range_request(
    found: Range,
    run_key: str,
    requested_by: str,
    *,
    tags: dict[str, str] | None = None,
    assets: Sequence[dg.AssetKey] | None = None,
    job_name: str | None = None,
) -> dg.RunRequest:
    """A request for one run over a range.

    Args:
        found: first and last partition.
        run_key: what must never run twice; the range is added to it.
        requested_by: name of the schedule or sensor.
        tags: more run tags.
        assets: these assets of the job only.
        job_name: the job, where the sensor has several.
    """
    first, last = ("|".join(partition) for partition in found)
    return dg.RunRequest(
        run_key=f"{run_key}:{first}:{last}",
        job_name=job_name,
        tags={
            **AUTOMATIC,
            REQUESTED_BY_TAG: requested_by,
            RANGE_START_TAG: first,
            RANGE_END_TAG: last,
            **(tags or {}),
        },
        asset_selection=list(assets) if assets else None,
    )
