"""Run requests over ranges of county-months, and the tags by which automatic runs are known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import dagster as dg

from realestate_assets.domain.calendar.ranges import Range, group_ranges, range_tags
from realestate_assets.domain.core.run_tags import AUTOMATIC_TAG
from resources.partition import Partition
from resources.telemetry.spans import trace_tags

if TYPE_CHECKING:
    # What `define_asset_job` gives has no public name.
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

Job: TypeAlias = "dg.JobDefinition | UnresolvedAssetJobDefinition"

AUTOMATIC = {AUTOMATIC_TAG: "true"}
REQUESTED_BY_TAG = "realestate/requested_by"
DUE_AT_TAG = "realestate/due_at"


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
        known = {partition for partition in partitions if partition.month in set(self.months)}
        return group_ranges(known, self.counties, self.limit)


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
    first, last = found
    return dg.RunRequest(
        run_key=f"{run_key}:{first.key}:{last.key}",
        job_name=job_name,
        tags={
            **AUTOMATIC,
            REQUESTED_BY_TAG: requested_by,
            **range_tags(found),
            **trace_tags(),
            **(tags or {}),
        },
        asset_selection=list(assets) if assets else None,
    )
