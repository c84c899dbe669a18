"""The one partitioning of the platform: county x month, with one backfill policy for every asset.

One definition and one policy on all partitioned assets is what lets a backfill of a county-year be one run.
So does this: what is learned from earlier months (nearby_sales, valuation_models, comparables) depends on its
own month as far as Dagster knows, and reads the earlier ones from the warehouse as they stand. A mapping to
earlier months would make a backfill of some months one of all later months too, in a run for each stage.
Runs of one backfill go one after the other (dagster.yaml), so that earlier months are there first.
"""

import warnings

import dagster as dg

from realestate_assets.extent import counties
from realestate_assets.settings import get_settings

# Multi-dimensional mappings and backfill policies are beta; the versions are pinned, a user can do nothing.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)

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
