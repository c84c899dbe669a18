"""The one partitioning of the platform: county x month, with one backfill policy for every asset.

One definition and one policy on all partitioned assets is what lets a backfill of a county-year be one run.
"""

import warnings

import dagster as dg

from realestate_assets.domain.county import County, load_counties
from realestate_assets.settings import get_settings

# Multi-dimensional mappings and backfill policies are beta; the versions are pinned, a user can do nothing.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)


def counties() -> dict[str, County]:
    """The configured counties by slug."""
    return load_counties(get_settings().county_config_dir)


def get_county(slug: str) -> County:
    """One configured county by slug."""
    return counties()[slug]


COUNTY_MONTH = dg.MultiPartitionsDefinition(
    {
        "county": dg.StaticPartitionsDefinition(list(counties())),
        # end_offset=1: the running month is a partition too.
        "month": dg.MonthlyPartitionsDefinition(
            start_date=get_settings().first_month, fmt="%Y-%m", end_offset=1
        ),
    }
)

BACKFILL = dg.BackfillPolicy.multi_run(max_partitions_per_run=get_settings().max_partitions_per_run)

# Months of earlier data a valuation reads; a county's own history only.
HISTORY_MONTHS = 24


def _months(start_offset: int, end_offset: int) -> dg.MultiPartitionMapping:
    return dg.MultiPartitionMapping(
        {
            "county": dg.DimensionPartitionMapping("county", dg.IdentityPartitionMapping()),
            "month": dg.DimensionPartitionMapping(
                "month",
                dg.TimeWindowPartitionMapping(
                    start_offset=start_offset,
                    end_offset=end_offset,
                    allow_nonexistent_upstream_partitions=True,
                ),
            ),
        }
    )


EARLIER_MONTHS = _months(-HISTORY_MONTHS, -1)
EARLIER_AND_OWN_MONTHS = _months(-HISTORY_MONTHS, 0)


def split_key(key: str) -> tuple[str, str]:
    """`king-wa|2015-03` -> (`king-wa`, `2015-03`)."""
    county, _, month = key.partition("|")
    return county, month


def split_keys(keys: list[str]) -> list[tuple[str, str]]:
    """Partition keys as (county, month) pairs, sorted."""
    return sorted(split_key(key) for key in keys)
