"""Records fetched from an API, as files of the landing area: each lies in the month that its own date says.

What was asked for a month is `<month>.jsonl`; records of it that belong to another month are
`<their month>.from-<month>.jsonl`. A query replaces exactly what the same query wrote before. A row is a
line, its keys in alphabetical order, so that the same records give the same bytes.
"""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from realestate_assets.domain.counties.api_sources import ApiSource
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.intake.file_bytes import Place
from realestate_assets.domain.intake.reading import own_months, split_rows
from realestate_assets.landing.paths import path_of, place_of
from resources.lake.files import Store

# Metadata of raw_listings: months outside the run that got records.
MONTHS_TO_RUN = "months_to_run"
FILE = re.compile(r"(?P<month>\d{4}-\d{2})(?:\.from-(?P<asked>\d{4}-\d{2}))?\.jsonl")


@dataclass(frozen=True)
class Moved:
    """Records that came with one month and belong to another; `is_new` where its file was not so before."""

    asked: str
    month: str
    records: int
    is_new: bool


def land_records(
    landing: Store,
    county: County,
    source: ApiSource,
    found: Mapping[str, Sequence[Mapping]],
    months: tuple[str, str],
) -> list[Moved]:
    """Replace what was landed of these queries before; a month without records has no file.

    Args:
        landing: the landing area.
        county: whose records they are.
        source: the source they were fetched from.
        found: month asked for -> its records.
        months: the platform's first and latest month; what belongs to neither of them is refused in the
            month it was asked for.
    """
    moved = []
    there = landing.list_files(f"{county.slug}/{source.name}", recursive=False)
    for asked, records in found.items():
        parts = _by_month(county, source, asked, records, months)
        files = {path_of(month_file(county.slug, source.name, own, asked)): own for own in parts}
        for path, own in files.items():
            data = json_lines(parts[own])
            is_new = path not in there or landing.read_bytes(path) != data
            landing.write_bytes(path, data)
            if own != asked:
                moved.append(Moved(asked, own, len(parts[own]), is_new))
        for path in there:
            if path not in files and asked_month(place_of(path).file) == asked:
                landing.delete(path)
    return moved


def month_file(county_slug: str, source: str, month: str, asked: str) -> Place:
    """The file of a month's records that were asked for with one."""
    return Place(county_slug, source, f"{month}.jsonl" if month == asked else f"{month}.from-{asked}.jsonl")


def asked_month(file_name: str) -> str | None:
    """The month that the records of a file were asked for with; None for a file that was not fetched."""
    match = FILE.fullmatch(file_name)
    return (match["asked"] or match["month"]) if match else None


def months_of(file_name: str) -> set[str] | None:
    """The months a fetched file concerns, by its name: that of its records and that of its query.

    None for a file that was not fetched, which may concern any.
    """
    match = FILE.fullmatch(file_name)
    return {match["month"], match["asked"] or match["month"]} if match else None


def json_lines(records: Sequence[Mapping]) -> bytes:
    """One object a line."""
    return b"".join(
        orjson.dumps(record, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE) for record in records
    )


def _by_month(
    county: County, source: ApiSource, asked: str, records: Sequence[Mapping], months: tuple[str, str]
) -> dict[str, list[Mapping]]:
    """The records by the month of their own date, as the reader of the file will see it."""
    parts: dict[str, list[Mapping]] = {}
    if records:
        place = month_file(county.slug, source.name, asked, asked)
        rows = split_rows(io.BytesIO(json_lines(records)), source, place)
        _, own = own_months(rows, source, months, county.timezone)
        for record, month in zip(records, own.to_pylist(), strict=True):
            parts.setdefault(month or asked, []).append(record)
    return parts
