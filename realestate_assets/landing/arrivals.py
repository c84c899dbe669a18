"""What is put into the landing area: a file that a person gives, and the records fetched from an API.

Fetched records lie there as one file of JSON lines a month, replaced as a whole. A row is a line, its keys in
alphabetical order, so that the same records give the same bytes.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from realestate_assets.domain.counties.api_sources import ApiSource
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.intake.file_bytes import Place
from realestate_assets.domain.intake.source_match import match_source, peek_columns
from realestate_assets.landing.paths import path_of
from resources.errors import PermanentError
from resources.lake.store import StoreResource

MONTH_FILE = re.compile(r"(\d{4}-\d{2})\.jsonl")


def land_file(landing: StoreResource, county: County, path: Path, source_name: str | None = None) -> str:
    """Copy a file into the folder of the source whose columns it has; the file itself stays where it is.

    Args:
        landing: the landing area.
        county: whose file it is.
        path: the file.
        source_name: the source, where several would fit.

    Returns:
        Where it lies below the landing root.

    Raises:
        PermanentError: the county has no such source, or none that the columns fit.
    """
    sources = [source for source in county.file_sources if source_name in (None, source.name)]
    if not sources:
        names = ", ".join(source.name for source in county.file_sources) or "none"
        raise PermanentError(
            f"There is no file source {source_name!r}.", county=county.slug, field="--source",
            remedy=f"File sources of this county: {names}.",
        )  # fmt: skip
    with path.open("rb") as stream:
        source = match_source(county, sources, path.name, peek_columns(stream, path.name, sources))
        stream.seek(0)
        target = path_of(Place(county.slug, source.name, path.name))
        landing.write_bytes(target, stream.read())
    return target


def land_records(
    landing: StoreResource, county: County, source: ApiSource, found: Mapping[str, Sequence[Mapping]]
) -> None:
    """Replace the files of the months that were fetched; a month without records has no file.

    Args:
        landing: the landing area.
        county: whose records they are.
        source: the source they were fetched from.
        found: month -> its records.
    """
    for month, records in found.items():
        path = path_of(month_file(county.slug, source.name, month))
        if records:
            landing.write_bytes(path, json_lines(records))
        else:
            landing.delete(path)


def month_file(county_slug: str, source: str, month: str) -> Place:
    """The file of a fetched month."""
    return Place(county_slug, source, f"{month}.jsonl")


def is_of_other_month(file_name: str, months: Sequence[str]) -> bool:
    """True for the file of a fetched month that is not among these; it need not be read."""
    match = MONTH_FILE.fullmatch(file_name)
    return match is not None and match[1] not in months


def json_lines(records: Sequence[Mapping]) -> bytes:
    """One object a line."""
    return b"".join(
        orjson.dumps(record, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE) for record in records
    )
