"""County-months as few ranges: what one run each can take.

A range is a rectangle: neighbouring counties in the order of the partitions, and unbroken months.
"""

from collections.abc import Collection, Sequence

from realestate_assets.domain.core.months import add_months
from resources.partition import Partition

# First and last partition.
Range = tuple[Partition, Partition]
# By these tags Dagster makes one run of a range.
RANGE_START_TAG = "dagster/asset_partition_range_start"
RANGE_END_TAG = "dagster/asset_partition_range_end"


def range_tags(partitions: Range) -> dict[str, str]:
    """The tags of a run over a range."""
    first, last = partitions
    return {RANGE_START_TAG: first.key, RANGE_END_TAG: last.key}


def neighbours(selected: Collection[str], order: Sequence[str]) -> list[list[str]]:
    """The selected names in their order, as unbroken stretches of it."""
    stretches: list[list[str]] = []
    for previous, name in zip([None, *order], order, strict=False):
        if name not in selected:
            continue
        if stretches and stretches[-1][-1] == previous:
            stretches[-1].append(name)
        else:
            stretches.append([name])
    return stretches


def unbroken(months: Collection[str]) -> list[list[str]]:
    """Months (YYYY-MM) as stretches without a gap, oldest first."""
    stretches: list[list[str]] = []
    for month in sorted(set(months)):
        if stretches and add_months(stretches[-1][-1], 1) == month:
            stretches[-1].append(month)
        else:
            stretches.append([month])
    return stretches


def group_ranges(partitions: Collection[Partition], order: Sequence[str], limit: int) -> list[Range]:
    """The partitions as ranges of at most `limit`, earlier months first: later ones learn from them.

    Args:
        partitions: what the ranges hold, in any order.
        order: counties in the order of the partition definition.
        limit: most partitions of one range.
    """
    months_of: dict[str, set[str]] = {}
    for county_slug, month in partitions:
        months_of.setdefault(county_slug, set()).add(month)
    by_stretch: dict[tuple[str, ...], list[str]] = {}
    for county_slug, months in months_of.items():
        for stretch in unbroken(months):
            by_stretch.setdefault(tuple(stretch), []).append(county_slug)
    found = [
        piece
        for stretch, counties in by_stretch.items()
        for group in neighbours(counties, order)
        for piece in _pieces(group, stretch, limit)
    ]
    return sorted(found, key=lambda each: (each[0].month, each[0].county_slug))


def _pieces(counties: list[str], months: Sequence[str], limit: int) -> list[Range]:
    """A rectangle cut along its months, and along its counties where one month alone is too much."""
    pieces = []
    for at in range(0, len(counties), limit):
        part = counties[at : at + limit]
        width = max(1, limit // len(part))
        for start in range(0, len(months), width):
            stretch = months[start : start + width]
            pieces.append((Partition(part[0], stretch[0]), Partition(part[-1], stretch[-1])))
    return pieces
