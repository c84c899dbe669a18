"""What was fetched, as files of the landing folder: one file of JSON lines a month, replaced as a whole.

A row is a line, its keys in alphabetical order, so that the same records give the same bytes.
"""

import re
from collections.abc import Sequence

import orjson

from realestate_assets.domain.counties.api_sources import ApiSource, ArcgisSource, ResoSource, SocrataSource
from realestate_assets.domain.counties.county import County
from realestate_assets.fetch.arcgis import fetch_arcgis
from realestate_assets.fetch.months import Row, Wanted
from realestate_assets.fetch.reso import fetch_reso
from realestate_assets.fetch.socrata import fetch_socrata
from resources.http.api import ApiClient
from resources.lake.store import StoreResource

FETCHERS = {SocrataSource: fetch_socrata, ArcgisSource: fetch_arcgis, ResoSource: fetch_reso}
MONTH_FILE = re.compile(r"(\d{4}-\d{2})\.jsonl")


def fetch_months(
    client: ApiClient, county: County, source: ApiSource, months: Sequence[str], landing: StoreResource
) -> dict[str, int]:
    """Fetch the records of these months and land them; gives the number of records of each.

    Nothing is written unless all months came: a run sees the old snapshots or the new ones. A month without
    records has no file.

    Raises:
        PermanentError: the source has changed or cannot be asked; names it.
        TransientError: it does not answer.
    """
    found = FETCHERS[type(source)](client, Wanted(county, source), list(months))
    for month, rows in found.items():
        path = snapshot_path(county.slug, source.name, month)
        if rows:
            landing.write_bytes(path, json_lines(rows))
        else:
            landing.delete(path)
    return {month: len(rows) for month, rows in found.items()}


def snapshot_path(county: str, source: str, month: str) -> str:
    """Where the records of a month lie below the landing folder."""
    return f"{county}/{source}/{month}.jsonl"


def is_of_other_month(file_name: str, months: Sequence[str]) -> bool:
    """True for the snapshot of a month that is not among these; it need not be read."""
    match = MONTH_FILE.fullmatch(file_name)
    return bool(match) and match[1] not in months


def json_lines(rows: Sequence[Row]) -> bytes:
    """One object a line."""
    return b"".join(
        orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE) for row in rows
    )
