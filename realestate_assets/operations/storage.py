"""What lies where, and how much room is left: files of each store by kind and county, tables by schema."""

import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from resources.disk import free_bytes
from resources.lake.files import Store
from resources.lake.listing import StoredFile, list_all
from resources.partition import COUNTY_SLUG

# Looking through a large bucket takes a while, and nobody needs it to the second.
FRESH_SECONDS = 60.0
DATABASE, INDEX = "database", "index"
COUNTY_PART = re.compile(rf"county=({COUNTY_SLUG})")
SLUG = re.compile(COUNTY_SLUG)
# Sizes are told to every role, and of what is another's too; no row of it is.
TABLES_SQL = sa.text(
    """
    select n.nspname::text as schema, count(*) as tables, sum(pg_total_relation_size(c.oid))::bigint as bytes
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'm') and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
    group by n.nspname order by n.nspname
    """
)


@dataclass(frozen=True)
class Stored:
    """Files or tables of one kind.

    Args:
        area: the store, `database` or `index`.
        kind: first folder below the area, the source of a landed file, or the schema.
        county: whose they are; None for what is nobody's alone.
        count: files or tables.
        size_bytes: together.
        newest_at: when the newest file was written; None for tables.
    """

    area: str
    kind: str
    county: str | None
    count: int
    size_bytes: int
    newest_at: datetime | None = None


@dataclass(frozen=True)
class Measured:
    """Everything that lies there at a moment, and what is free on the disk of the local data."""

    at: datetime
    stored: tuple[Stored, ...]
    free_bytes: int


class Storage:
    """Measures, and keeps what it found for a minute: many ask, one looks.

    Args:
        stores: by the name of their area.
        engine: connects to the database.
        home: folder of the local data.
        index: folder of the embedded index; None where a server has it.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        stores: Mapping[str, Store],
        engine: sa.Engine,
        home: Path,
        index: Path | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stores, self._engine, self._home, self._index = stores, engine, home, index
        self._clock, self._lock = clock, threading.Lock()
        self._measured: Measured | None = None
        self._until = 0.0

    def measured(self) -> Measured:
        """What lies there, at most a minute old.

        Raises:
            TransientError: a store does not answer.
            PermanentError: it refuses.
        """
        with self._lock:
            if self._measured is None or self._clock() >= self._until:
                self._measured = self._measure()
                self._until = self._clock() + FRESH_SECONDS
            return self._measured

    def _measure(self) -> Measured:
        found = [each for area, store in self._stores.items() for each in of_store(area, store)]
        with self._engine.connect() as connection:
            rows = connection.execute(TABLES_SQL).all()
        found += [Stored(DATABASE, row.schema, None, row.tables, row.bytes) for row in rows]
        if self._index is not None:
            found.append(of_folder(INDEX, self._index))
        return Measured(datetime.now(UTC), tuple(found), free_bytes(self._home))


def of_store(area: str, store: Store) -> list[Stored]:
    """Files of a store by kind and county."""
    found: dict[tuple[str, str | None], list[StoredFile]] = {}
    for file in list_all(store, "").files:
        found.setdefault(_place(area, file.path), []).append(file)
    return [_summed(area, kind, county, files) for (kind, county), files in sorted(found.items(), key=str)]


def of_folder(area: str, folder: Path) -> Stored:
    """All files below a folder of this machine."""
    sizes = []
    for path in folder.rglob("*"):
        try:
            sizes.append(path.stat().st_size if path.is_file() else 0)
        except OSError:
            # Gone since, or nobody's business.
            continue
    return Stored(area, area, None, len([size for size in sizes if size]), sum(sizes))


def by_area(stored: Iterable[Stored]) -> list[Stored]:
    """One entry an area."""
    return _together(stored, lambda each: (each.area, each.area, None))


def by_kind(stored: Iterable[Stored]) -> list[Stored]:
    """One entry an area and kind."""
    return _together(stored, lambda each: (each.area, each.kind, None))


def by_county(stored: Iterable[Stored]) -> list[Stored]:
    """One entry an area and county; what is no county's alone together."""
    return _together(stored, lambda each: (each.area, each.area, each.county))


def _together(
    stored: Iterable[Stored], place: Callable[[Stored], tuple[str, str, str | None]]
) -> list[Stored]:
    found: dict[tuple[str, str, str | None], list[Stored]] = {}
    for each in stored:
        found.setdefault(place(each), []).append(each)
    summed = [
        Stored(
            *key,
            sum(each.count for each in group),
            sum(each.size_bytes for each in group),
            max((each.newest_at for each in group if each.newest_at), default=None),
        )
        for key, group in found.items()
    ]
    return sorted(summed, key=lambda each: (-each.size_bytes, each.area, each.kind, each.county or ""))


def _place(area: str, path: str) -> tuple[str, str | None]:
    first, _, rest = path.partition("/")
    if not rest:
        return "files", None
    if found := COUNTY_PART.search(path):
        return first, found[1]
    if SLUG.fullmatch(first):
        # Landed files lie below their county.
        return rest.partition("/")[0] if "/" in rest else area, first
    second = rest.partition("/")[0]
    return first, second if SLUG.fullmatch(second) else None


def _summed(area: str, kind: str, county: str | None, files: Sequence[StoredFile]) -> Stored:
    newest = max(file.modified_at for file in files)
    return Stored(area, kind, county, len(files), sum(file.size_bytes for file in files), newest)
