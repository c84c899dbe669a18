"""Which counties and months the platform is about: as configured, and until today.

What Dagster makes of them stands in `partitions`; most commands ask only this, and need no Dagster.
"""

import logging
from datetime import UTC, datetime

from realestate_assets.domain.counties.county import County, broken_counties, load_counties
from realestate_assets.settings import get_settings
from resources.errors import PermanentError


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


def platform_months() -> tuple[str, str]:
    """First and latest month of the platform's partitions."""
    months = all_months()
    return months[0], months[-1]


def all_months() -> tuple[str, ...]:
    """Every month that is a partition, oldest first; the last one is the running month, in UTC."""
    year, month = map(int, get_settings().first_month.split("-"))
    now = datetime.now(UTC)
    numbers = range(12 * year + month - 1, 12 * now.year + now.month)
    return tuple(f"{number // 12:04d}-{number % 12 + 1:02d}" for number in numbers)


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
    known = all_months()
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
