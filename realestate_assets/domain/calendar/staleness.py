"""Whether a county still delivers: the age of its newest real record against what its YAML allows."""

from dataclasses import dataclass
from datetime import date, datetime

from realestate_assets.domain.calendar.due import local_day
from realestate_assets.domain.counties.county import County


@dataclass(frozen=True)
class Delivered:
    """What a county has delivered.

    Args:
        newest_month: newest month with a real record, YYYY-MM; None without one.
        newest_observation: newest date a real record describes; None without one.
    """

    newest_month: str | None = None
    newest_observation: date | None = None


@dataclass(frozen=True)
class Staleness:
    """Whether a county is fresh, in words, and the age of its newest record in days.

    `is_asked` is False where nobody expects it to be: nothing was landed, or old months alone were.
    """

    is_fresh: bool
    reason: str
    age_days: int | None = None
    is_asked: bool = True


def staleness_of(county: County, delivered: Delivered, is_fetched: bool, now: datetime) -> Staleness:
    """Whether a county is as fresh as its YAML asks for.

    A county is expected to deliver where an API is asked for it, or once files have brought months near
    today; one that has the generated sample only is not, nor one whose files are of old months (a back-fill).

    Args:
        county: the county.
        delivered: its real records; simulated ones do not count.
        is_fetched: True where an API is asked for it.
        now: the moment; the day is that of the county's time zone.
    """
    limit, old = county.freshness.max_age_days, county.freshness.backfill_age_days
    if limit is None:
        return Staleness(True, f"{county.slug} is not watched: freshness.max_age_days is null.")
    if delivered.newest_observation is None:
        if is_fetched:
            return Staleness(False, f"{county.slug} is asked of an API, and has delivered nothing.")
        return Staleness(
            True,
            f"{county.slug} has no real records, and none are expected: nothing was landed.",
            is_asked=False,
        )
    age = (local_day(now, county.timezone) - delivered.newest_observation).days
    newest = f"the newest record of {county.slug} is of {delivered.newest_observation}"
    if age > max(limit, old) and not is_fetched:
        return Staleness(
            True,
            f"{newest}: more than {old} days old, a back-fill of old months that is not asked to be current.",
            age,
            is_asked=False,
        )
    if age > limit:
        return Staleness(False, f"{newest}, {age:,} days ago; at most {limit} are allowed.", age)
    return Staleness(True, f"{newest}, {age} days ago.", age)
