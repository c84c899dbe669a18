"""The one partitioning of the platform: county x month, with one backfill policy for every asset.

One definition and one policy on all partitioned assets is what lets a backfill of a county-year be one run.
So does this: what is learned from earlier months (nearby_sales, valuation_models, comparables) depends on its
own month as far as Dagster knows, and reads the earlier ones from the warehouse as they stand. A mapping to
earlier months would make a backfill of some months one of all later months too, in a run for each stage.
Runs of one backfill go one after the other (dagster.yaml), so that earlier months are there first.
"""

import logging
import warnings

import dagster as dg

from realestate_assets.domain.counties.county import County, broken_counties, load_counties
from realestate_assets.settings import get_settings
from resources.errors import PermanentError

# Multi-dimensional mappings and backfill policies are beta; the versions are pinned, a user can do nothing.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)


def counties() -> dict[str, County]:
    """The configured counties by slug."""
    return load_counties(get_settings().county_config_dir)


def unusable_counties() -> dict[str, PermanentError]:
    """What is wrong with county files that cannot be used, by slug."""
    return broken_counties(get_settings().county_config_dir)


def get_county(slug: str) -> County:
    """One configured county by slug.

    Raises:
        PermanentError: its file cannot be used; says why.
    """
    if slug not in counties() and slug in unusable_counties():
        raise unusable_counties()[slug]
    return counties()[slug]


for _error in unusable_counties().values():
    logging.getLogger(__name__).error("A county is left out: %s", _error)


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


def platform_months() -> tuple[str, str]:
    """First and latest month of the platform's partitions."""
    months = all_months()
    return months[0], months[-1]


def all_months() -> tuple[str, ...]:
    """Every month that is a partition, oldest first; the last one is the running month."""
    return tuple(COUNTY_MONTH.get_partitions_def_for_dimension("month").get_partition_keys())


def single_month(text: str, option: str) -> str:
    """One month of the platform.

    Raises:
        PermanentError: it is none, or a range.
    """
    if ":" in text:
        raise PermanentError(f"{text!r} is a range; one month is asked for.", field=option)
    return month_range(text, option)[0]


def month_range(text: str, option: str = "--months") -> list[str]:
    """`2014-05:2015-05` or a single `2015-03` as the list of its months.

    Args:
        text: the range.
        option: of the command line, for the error.

    Raises:
        PermanentError: a month is not a partition, or the range runs backwards.
    """
    first, _, last = text.partition(":")
    last = last or first
    known = COUNTY_MONTH.get_partitions_def_for_dimension("month").get_partition_keys()
    for month in (first, last):
        if month not in known:
            raise PermanentError(
                f"{month!r} is not a month of the platform.",
                field=option,
                remedy=f"Give FROM:TO between {known[0]} and {known[-1]}, such as 2014-05:2015-05; "
                "FIRST_MONTH in the environment lets the platform begin earlier.",
            )
    if first > last:
        raise PermanentError(f"{first} is after {last}.", field=option)
    return [month for month in known if first <= month <= last]
