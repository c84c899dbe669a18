"""The landing area as rows: the one place where the path of a landed file becomes the rows in it."""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass

import pyarrow as pa

from realestate_assets.domain.counties.api_sources import ApiSource
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.sources import FileSource, JoinedTable, LandedSource
from realestate_assets.domain.intake.columns import raw_name
from realestate_assets.domain.intake.file_bytes import Place, check_size
from realestate_assets.domain.intake.joining import read_table
from realestate_assets.domain.intake.raw_rows import RawRows
from realestate_assets.domain.intake.reading import read_rows
from realestate_assets.extent import platform_months
from realestate_assets.landing.fetched import asked_month
from realestate_assets.landing.paths import (
    UNFINISHED_REASON,
    is_beside_landed,
    is_landed,
    is_unfinished,
    path_of,
    place_of,
)
from resources.errors import PermanentError
from resources.lake.files import Store
from resources.lake.listing import StoredFile, list_all


def read(landing: Store, county: County, place: Place) -> RawRows:
    """All rows of a landed file, each in its month: for a run, an inspection and a replay alike.

    Raises:
        PermanentError: the county has no such source, or the file is not what its source says.
        TransientError: the store does not answer.
    """
    for source in county.landed_sources:
        if source.name == place.source:
            stream = landing.open_input(path_of(place))
            asked = asked_month(place.file) if isinstance(source, ApiSource) else None
            tables = {table.name: _joined(landing, county, table) for table in joined_tables(source)}
            return read_rows(stream, source, place, platform_months(), county.timezone, asked, tables)
    raise PermanentError(f"There is no source {place.source!r} of landed files.", county=county.slug)


@dataclass(frozen=True)
class TableRows:
    """What a look at a file of a joined table finds.

    Args:
        months: months of the rows it is joined to: they are other rows when it changes.
        sent: its rows.
        sha256: hash of its bytes.
    """

    months: tuple[str, ...]
    sent: int
    sha256: str


def inspect(
    landing: Store,
    county: County,
    place: Place,
    months_of: Callable[[str, Collection[str]], Collection[str]],
) -> RawRows | TableRows:
    """A landed file as the landing sensor looks at it: rows of a source, or a table joined to some.

    Args:
        landing: the landing area.
        county: whose file it is.
        place: the file.
        months_of: the months of what has landed for sources of a county.

    Raises:
        PermanentError: the county has no such folder, or the file is not what the county's YAML says.
        TransientError: the store does not answer.
    """
    joining = {
        source.name: table
        for source in county.file_sources
        for table in joined_tables(source)
        if table.name == place.source
    }
    if not joining or place.source in {source.name for source in county.landed_sources}:
        return read(landing, county, place)
    data = landing.read_bytes(path_of(place))
    for table in joining.values():
        check_size(len(data), table, place)
        rows = read_table(data, table, place)
        (column,) = table.key.values()
        if raw_name(column) not in rows.column_names:
            remedy = "Land the whole table, or correct `key` of the joined table in the county's YAML."
            raise place.error(f"has no column {column}, by which it is joined.", remedy, column)
    months = sorted(months_of(county.slug, joining))
    return TableRows(tuple(months), rows.num_rows, hashlib.sha256(data).hexdigest())


def joined_tables(source: LandedSource) -> tuple[JoinedTable, ...]:
    """The tables whose columns are added to a source's rows."""
    return source.join if isinstance(source, FileSource) else ()


def _joined(landing: Store, county: County, table: JoinedTable) -> list[pa.Table]:
    """The files of a joined table, in the order of their names."""
    found = []
    for file in list_all(landing, f"{county.slug}/{table.name}").files:
        if is_landed(file.path, {county.slug: [table.name]}):
            place = place_of(file.path)
            with landing.open_input(file.path) as stream:
                check_size(stream.seek(0, 2), table, place)
                stream.seek(0)
                found.append(read_table(stream.read(), table, place))
    return found


def landed_files(landing: Store, county: County) -> list[StoredFile]:
    """The files that lie there for the sources of a county, in the order of their paths."""
    return landed_and_unusable(landing, county)[0]


def landed_and_unusable(landing: Store, county: County) -> tuple[list[StoredFile], dict[str, str]]:
    """The files that lie there for the sources of a county, and what is none, by path with the reason."""
    sources = {county.slug: [source.name for source in county.landed_sources]}
    page = list_all(landing, county.slug)
    files = [file for file in page.files if is_landed(file.path, sources)]
    unfinished = {file.path: UNFINISHED_REASON for file in page.files if is_unfinished(file.path)}
    unusable = {**page.unusable, **unfinished}
    return files, {path: why for path, why in unusable.items() if is_beside_landed(path, sources)}


def is_as_received(landing: Store, place: Place, sha256: str) -> bool:
    """True where a file still lies there with the bytes that had this hash."""
    path = path_of(place)
    return landing.exists(path) and hashlib.sha256(landing.read_bytes(path)).hexdigest() == sha256
