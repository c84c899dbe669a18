"""A partition of the platform, one county in one month: its key, its folder, its condition in SQL.

Everything that reads, writes or names a partition goes through this type. Which counties and months there
are is not its affair.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Self

from resources.errors import PermanentError

COUNTY_SLUG = r"[a-z]+(-[a-z]+)*-[a-z]{2}"
MONTH = r"[0-9]{4}-(0[1-9]|1[0-2])"
HIVE_PATH = re.compile(r"(?:^|/)county=([^/]+)/month=([^/]+)(?:/|$)")

# The partitions that $1 binds as text of `partitions_json`, as rows of a FROM clause.
PARTITION_ROWS = "jsonb_to_recordset($1::jsonb) as p(county text, month text)"


class Partition(NamedTuple):
    """One county in one month; sorts by county, then by month.

    Attributes:
        county_slug: slug of the county, such as `king-wa`.
        month: the month as YYYY-MM.
    """

    county_slug: str
    month: str

    @classmethod
    def parse(cls, key: str) -> Self:
        """The partition of a key such as `king-wa|2015-03`, which may come from a person.

        Raises:
            PermanentError: the key is not a county slug and a month; names what is wrong.
        """
        county_slug, bar, month = key.partition("|")
        if not bar:
            raise PermanentError(f"{key!r} is not a partition key.", remedy=_REMEDY)
        return cls(checked_county(county_slug), checked_month(month))

    @classmethod
    def parse_all(cls, keys: Iterable[str]) -> list[Self]:
        """The partitions of several keys, sorted.

        Raises:
            PermanentError: a key is not a county slug and a month; names the first.
        """
        return sorted(cls.parse(key) for key in keys)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """The partition a row stands in, by its columns `county` and `month`."""
        return cls(row["county"], row["month"])

    @classmethod
    def of_path(cls, path: str) -> Self | None:
        """The partition a path lies in, `…/county=king-wa/month=2015-03/…`; None where it lies in none."""
        found = HIVE_PATH.search(path)
        if not found or not re.fullmatch(COUNTY_SLUG, found[1]) or not re.fullmatch(MONTH, found[2]):
            return None
        return cls(found[1], found[2])

    @property
    def columns(self) -> dict[str, str]:
        """The columns by which a row tells where it stands."""
        return {"county": self.county_slug, "month": self.month}

    def __str__(self) -> str:
        """As messages name it, `king-wa 2015-03`."""
        return f"{self.county_slug} {self.month}"

    @property
    def key(self) -> str:
        """The key by which Dagster knows it, `king-wa|2015-03`."""
        return f"{self.county_slug}|{self.month}"

    @property
    def hive_path(self) -> str:
        """Its folder below an asset's in Hive layout, `county=king-wa/month=2015-03`."""
        return f"{county_path(self.county_slug)}/month={self.month}"


_REMEDY = "Give a county slug and a month, such as king-wa|2015-03."


def checked_county(slug: str) -> str:
    """A county slug that may become part of a path or a name.

    Raises:
        PermanentError: it is none.
    """
    if not re.fullmatch(COUNTY_SLUG, slug):
        raise PermanentError(f"{slug!r} is not a county slug.", remedy=_REMEDY)
    return slug


def checked_month(month: str) -> str:
    """A month as YYYY-MM.

    Raises:
        PermanentError: it is none.
    """
    if not re.fullmatch(MONTH, month):
        raise PermanentError(f"{month!r} is not a month as YYYY-MM.", remedy=_REMEDY)
    return month


def county_path(slug: str) -> str:
    """A county's folder below an asset's in Hive layout, `county=king-wa`."""
    return f"county={slug}"


def partitions_json(partitions: Iterable[Partition]) -> str:
    """Partitions as the text that PARTITION_ROWS and IN_PARTITIONS bind: sorted, each once."""
    return json.dumps([partition.columns for partition in sorted(set(partitions))])


def in_partitions(table: str = "") -> str:
    """Condition of the rows that stand in the partitions bound as $1.

    Args:
        table: alias of the table, where more than one of the query has a county and a month.
    """
    prefix = f"{table}." if table else ""
    # The prefix is a constant of the query.
    return f"({prefix}county, {prefix}month) in (select p.county, p.month from {PARTITION_ROWS})"  # noqa: S608


IN_PARTITIONS = in_partitions()
