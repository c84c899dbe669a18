"""Owners of record in files: rows as received and memos in the lake, and what was delivered."""

import contextlib
import gzip
import html
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import sqlalchemy as sa

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.intake.withheld import withheld
from realestate_assets.domain.tables import MEMOS
from realestate_assets.landing.inspection import QUARANTINE
from realestate_assets.landing.paths import place_of
from realestate_assets.landing.reading import landed_files, read
from realestate_assets.operations.persons.report import EMPTIED, KEPT, REMOVED, Line
from realestate_assets.operations.persons.wanted import Wanted
from resources.errors import PermanentError
from resources.lake.files import Store
from resources.partition import Partition

ASIDE = "files that could not be read, until the days of `quarantine` in retention.yaml are over"
REWRITTEN = "the next run of the month writes them without the name"
ROWS, MEMO_FILES = "raw_listings", "memos"
PAGE, PAPER = ".html", ".pdf"
DELIVERED = (
    "as a county delivered it, a public record (CCPA 1798.140(v)(2), GDPR art. 17(3)(b)): each run takes the "
    "name out as it reads the file; land it without the row to be rid of it here"
)


def rows_as_received(lake: Store, counties: dict[str, County], who: Wanted, *, is_done: bool) -> Line:
    """Rows of raw_listings that name somebody: the names are taken out, the rows stay."""
    count = 0
    for path in lake.list_files(ROWS):
        partition = Partition.of_path(path) if path.endswith(".parquet") else None
        if partition is None or not who.is_in(partition.county_slug) or partition.county_slug not in counties:
            continue
        with lake.open_input(path) as stream:
            rows = pq.read_table(stream)
        changed, touched = withheld(rows, counties[partition.county_slug], who.mask)
        count += touched
        if is_done and touched:
            sink = pa.BufferOutputStream()
            pq.write_table(changed, sink, compression="zstd")
            lake.write_bytes(path, sink.getvalue().to_pybytes())
    return Line(f"lake: {ROWS}", EMPTIED, count)


def memos(lake: Store, engine: sa.Engine, who: Wanted, *, is_done: bool) -> Line:
    """Memos whose page names somebody: their rows of the manifest, then PDF and page.

    The page goes last: by it a memo is found again where the process was killed in between.
    """
    found = [path for path in lake.list_files(MEMO_FILES) if path.endswith(PAGE) and _is_of(lake, path, who)]
    if is_done and found:
        with engine.begin() as connection:
            if connection.scalar(sa.text("select to_regclass('raw.memos') is not null")):
                table = sa.table(MEMOS.name, sa.column("html_path"), schema=MEMOS.schema)
                connection.execute(sa.delete(table).where(table.c.html_path.in_(found)))
        for path in found:
            for suffix in (PAPER, PAGE):
                with contextlib.suppress(PermanentError):
                    lake.delete(path.removesuffix(PAGE) + suffix)
    return Line(f"lake: {MEMO_FILES}", REMOVED, len(found), REWRITTEN if found else "")


def _is_of(lake: Store, path: str, who: Wanted) -> bool:
    partition = Partition.of_path(path)
    if partition is None or not who.is_in(partition.county_slug):
        return False
    return who.stands_in(html.unescape(lake.read_bytes(path).decode(errors="replace")))


def delivered(landing: Store, counties: dict[str, County], who: Wanted) -> Iterator[Line]:
    """Files of the landing area that name somebody; they stay."""
    count = sum(
        _names(landing, county, file.path, who)
        for slug, county in counties.items()
        if who.is_in(slug)
        for file in landed_files(landing, county)
    )
    yield Line("landing area", KEPT if count else REMOVED, count, DELIVERED if count else "")
    aside = [path for path in landing.list_files(QUARANTINE) if who.is_in(_county_aside(path))]
    found = sum(who.stands_in(_text(landing.read_bytes(path))) for path in aside)
    yield Line("landing area: put aside", KEPT if found else REMOVED, found, ASIDE if found else "")


def _county_aside(path: str) -> str:
    return place_of(path.removeprefix(f"{QUARANTINE}/")).county_slug


def _names(landing: Store, county: County, path: str, who: Wanted) -> bool:
    try:
        table = read(landing, county, place_of(path)).table
    except PermanentError:
        return who.stands_in(_text(landing.read_bytes(path)))
    texts = [name for name in table.column_names if pa.types.is_string(table[name].type)]
    return any(who.stands_in(text) for name in texts for text in pc.unique(table[name]).to_pylist() if text)


def _text(data: bytes) -> str:
    if data[:2] == b"\x1f\x8b":
        with contextlib.suppress(OSError, EOFError):
            data = gzip.decompress(data)
    return data.decode(errors="replace")
