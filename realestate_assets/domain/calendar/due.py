"""Which county-months are due at a moment: the clock's side of the schedules, without Dagster.

A month is due in a county while the county's own calendar stands in it, and some days longer: records of the
last days of a month arrive in the first days of the next one.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from resources.partition import Partition

# Records of a month's last days are still published in the first days of the next one.
LATE_DAYS = 5
# After a longer outage the months before these are a backfill, to be started by hand.
MAX_MONTHS = 12


def local_month(moment: datetime, timezone: str) -> str:
    """The month (YYYY-MM) on the wall of a time zone at a moment; a moment without a zone is UTC."""
    return local_day(moment, timezone).strftime("%Y-%m")


def local_day(moment: datetime, timezone: str) -> date:
    """The day on the wall of a time zone at a moment; a moment without a zone is UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(ZoneInfo(timezone)).date()


def due_months(
    now: datetime,
    previous: datetime | None,
    timezone: str,
    known_months: Sequence[str],
    late_days: int = LATE_DAYS,
) -> list[str]:
    """Months of one county that are due now, oldest first.

    From the month that stood `late_days` before the last time it was asked (or before now, where that is
    not known) to the county's current one: what an outage missed, however long up to MAX_MONTHS, is made up
    for by the first time after it.

    Args:
        now: the moment asked about.
        previous: when what was due was last asked for; None where it never was.
        timezone: IANA name of the county's time zone.
        known_months: months that are partitions, in order; others are never due.
        late_days: days a month stays due after its end.
    """
    since = min(previous, now) if previous else now
    first = local_month(since - timedelta(days=late_days), timezone)
    last = local_month(now, timezone)
    return [month for month in known_months if first <= month <= last][-MAX_MONTHS:]


def due_partitions(
    now: datetime,
    previous: datetime | None,
    timezones: Mapping[str, str],
    known_months: Sequence[str],
) -> set[Partition]:
    """Partitions due now in counties given with their time zones."""
    return {
        Partition(county_slug, month)
        for county_slug, timezone in timezones.items()
        for month in due_months(now, previous, timezone, known_months)
    }


def without_model(partitions: Collection[Partition], trained: Collection[Partition]) -> set[Partition]:
    """Partitions that no model has been chosen for yet: they need one before they can be scored."""
    return set(partitions) - set(trained)
