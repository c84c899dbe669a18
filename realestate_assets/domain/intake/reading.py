"""One file to raw rows, whatever its format: cut into rows, and each row put into its month.

What is wrong with the file as a whole is a permanent error that names it; what is wrong with a row is kept
with the row, in `_fault`, and refused later with its reason, so that no row is lost here.

A row with an unreadable date, or one outside the platform's months, must lie in some partition to be counted
and refused there. It goes to the latest readable month of its own file, so that the choice follows from the
file alone and not from what else a run holds; of records that were fetched, to the month they were asked for.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.counties.sample_source import RawSource
from realestate_assets.domain.counties.sources import FileSource, LandedSource
from realestate_assets.domain.intake.file_bytes import Place, check_size
from realestate_assets.domain.intake.formats.registry import FORMATS
from realestate_assets.domain.intake.joining import join
from realestate_assets.domain.intake.offers import offer_months, with_offers
from realestate_assets.domain.intake.origins import read_dates
from realestate_assets.domain.intake.raw_rows import RawRows, assemble
from resources.errors import PermanentError


def read_rows(
    stream: BinaryIO,
    source: LandedSource,
    place: Place,
    months: tuple[str, str],
    timezone: str,
    asked: str | None = None,
    tables: Mapping[str, Sequence[pa.Table]] | None = None,
) -> RawRows:
    """All rows of a file, each in its month.

    Args:
        stream: the file's bytes, seekable; closed when they are read.
        source: the source it was landed under.
        place: the file.
        months: the platform's first and latest month, YYYY-MM.
        timezone: the county's clock, which says which day a moment belongs to.
        asked: the month the file was fetched for, if it was.
        tables: files of the tables that are joined to the source's rows, by the table's name.

    Raises:
        PermanentError: the file is not what its source says, or no date of it is one of the platform's; it is
            left where it was.
    """
    rows = split_rows(stream, source, place)
    if isinstance(source, FileSource):
        for table in source.join:
            rows = join(rows, (tables or {}).get(table.name, ()), table, place)
    return assign_months(rows, source, place, months, timezone, asked)


def split_rows(stream: BinaryIO, source: LandedSource, place: Place) -> pa.Table:
    """Every row in the order of the file, not in a month yet: source columns as text, and META_COLUMNS.

    Raises:
        PermanentError: the file is not what its source says.
    """
    with stream:
        check_size(stream.seek(0, 2), source, place)
        stream.seek(0)
        data = stream.read()
    return assemble(FORMATS[source.format].read(data, source, place), place, hashlib.sha256(data).hexdigest())


def own_months(
    rows: pa.Table, source: RawSource, months: tuple[str, str], timezone: str
) -> tuple[pa.Array, pa.Array]:
    """The date of each row, and its month; null where it has none that is a month of the platform.

    Args:
        rows: rows of one file.
        source: its source; the map of observed_date says which column holds the date.
        months: the platform's first and latest month, YYYY-MM.
        timezone: the county's clock.
    """
    dates = read_dates(rows, source.rules["observed_date"], timezone)
    own = pc.strftime(dates, "%Y-%m")
    inside = pc.and_(pc.greater_equal(own, months[0]), pc.less_equal(own, months[1]))
    return dates, pc.if_else(pc.fill_null(inside, False), own, pa.scalar(None, pa.string()))


def assign_months(
    rows: pa.Table,
    source: RawSource,
    place: Place,
    months: tuple[str, str],
    timezone: str,
    asked: str | None = None,
) -> RawRows:
    """Put the rows of one file into their months, and the offers that precede their sales into theirs.

    Args:
        rows: all rows of the file.
        source: its source; the map of observed_date says which column holds the date.
        place: the file.
        months: the platform's first and latest month, YYYY-MM.
        timezone: the county's clock, which says which day a moment belongs to.
        asked: the month the file was fetched for, if it was: undated rows are refused there.

    Raises:
        PermanentError: no row has a readable date, or none a date within the platform's months.
    """
    dates, own = own_months(rows, source, months, timezone)
    refused_in = asked or pc.max(own).as_py()
    if refused_in is None:
        raise _undatable(source, place, dates, months)
    table = rows.append_column("county", pa.repeat(pa.scalar(place.county_slug), rows.num_rows))
    table = table.append_column("month", pc.fill_null(own, refused_in))
    listed = offer_months(rows, source, own, months, timezone)
    if listed is not None:
        table = with_offers(table, listed)
    by_month = {each["values"]: each["counts"] for each in pc.value_counts(table["month"]).to_pylist()}
    return RawRows(
        place,
        source,
        table,
        sent=rows.num_rows,
        sha256=rows["_file_sha256"][0].as_py(),
        by_month=by_month,
        undated={refused_in: dates.null_count} if dates.null_count else {},
        offers=table.num_rows - rows.num_rows,
    )


def _undatable(source: RawSource, place: Place, dates: pa.Array, months: tuple[str, str]) -> PermanentError:
    rule = source.rules["observed_date"]
    column = " or ".join(rule.source_columns) or "observed_date"
    if dates.null_count == len(dates):
        shown = ", ".join(rule.format) or "YYYY-MM-DD"
        return place.error(
            f"has no readable date in the column {column} (expected {shown}).",
            "Correct `format` of observed_date in the county's YAML, or the file.",
            column,
        )
    span = f"{pc.min(dates).as_py()} to {pc.max(dates).as_py()}"
    return place.error(
        f"has dates from {span} in the column {column}, all outside {months[0]} to {months[1]}.",
        "Set FIRST_MONTH to the first month wanted, or correct the file.",
        column,
    )
