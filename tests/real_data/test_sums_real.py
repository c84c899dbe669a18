"""Every real file and captured reply with records of homes: rows sent are rows accounted for, to the last.

The sum is that of the blocking check `received_rows_add_up`, whose own arithmetic counts here. Rental
advertisements are no records of homes: they name no address, and that they are refused is shown too.
"""

import json
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs

import pyarrow as pa
import pytest

from realestate_assets.checks.counts import PLACES, SENT, counts_that_differ
from realestate_assets.domain.counties.county import County, load_counties, read_county
from realestate_assets.domain.intake.canonical import canonicalise
from realestate_assets.domain.intake.raw_rows import RawRows, raw_table, source_files
from realestate_assets.extent import platform_months
from realestate_assets.fetch.arcgis import fetch_arcgis
from realestate_assets.fetch.months import Wanted
from realestate_assets.fetch.sources import fetch_months
from realestate_assets.landing.area import landed_rows
from realestate_assets.landing.fetched import land_records
from realestate_assets.landing.reading import landed_files
from realestate_assets.landing.trial import try_file
from resources.errors import PermanentError
from resources.lake.store import StoreResource
from resources.partition import Partition
from tests.http_server import LocalServer
from tests.soda_portal import SodaPortal
from tests.unit.providers.plain_client import PlainClient

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
DATA, CONTRACTS = SHARED / "data", SHARED / "contracts"
OUTCOMES = DATA / "listings_with_outcomes"
COOK = DATA / "cook_county"
JSON = {"Content-Type": "application/json"}
SALES = "wvhk-k5uv"

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not DATA.exists(), reason=f"no real data at {DATA}"),
]


@dataclass(frozen=True)
class Case:
    """Files, or a captured API, of a source.

    Args:
        county: its slug; where no county of the name ships, `counties/<slug>.yaml` beside this file is read.
        source: name of the source.
        sent: rows that stand in the files or replies, counted here once and for all.
        files: globs below the shared folder; none for an API.
        serve: what answers in the API's place.
        months: months that are asked for; of files the first, the fullest and the last.
    """

    county: str
    source: str
    sent: int
    files: tuple[str, ...] = ()
    serve: Callable[[], object] | None = None
    months: tuple[str, ...] = ()


def every(rows: list[dict]) -> list[dict]:
    """Rows with all columns, which a table needs and a reply leaves out."""
    names = dict.fromkeys(name for row in rows for name in row)
    return [{name: row.get(name) for name in names} for row in rows]


def captured_portal() -> SodaPortal:
    (path,) = (CONTRACTS / "socrata" / "cook_county").glob(f"{SALES}*.json")
    return SodaPortal({SALES: pa.Table.from_pylist(every(json.loads(path.read_text())))})


def whole_portal() -> SodaPortal:
    return SodaPortal({SALES: str(next(COOK.glob(f"soda_{SALES}*.parquet")))})


def layer(name: str) -> Callable[[], object]:
    """A layer that repeats what was captured of it, once."""

    def handler(method, path, query, body, headers):
        form = {k: v[0] for k, v in parse_qs(body.decode()).items()}
        if not path.endswith("/query"):
            file = f"{name}-metadata.json"
        else:
            file = f"{name}-count-only.json" if form.get("returnCountOnly") else f"{name}-0.json"
        told = json.loads((CONTRACTS / "arcgis_rest" / file).read_text())
        # One page is all that was captured of a larger layer.
        if "count" in told:
            told["count"] = len(
                json.loads((CONTRACTS / "arcgis_rest" / f"{name}-0.json").read_text())["features"]
            )
        told.pop("exceededTransferLimit", None)
        return 200, JSON, json.dumps(told).encode()

    return lambda: handler


CASES = (
    Case("king-wa", "king_county_sales", 21_613, ("data/king_county/kc_house_data.csv",)),
    Case("buncombe-nc", "homeharvest", 192, ("data/listings/HomeHarvest_*.csv",)),
    Case("san-joaquin-ca", "metrolist", 7_369, ("data/listings_with_outcomes/a1_*.csv.gz",)),
    Case("hillsborough-fl", "hunters_green", 482, ("data/listings_with_outcomes/a4_*.csv.gz",)),
    Case("milwaukee-wi", "city_sales", 26_218, ("data/sales_milwaukee/d1_*.csv.gz",)),
    Case("cook-il", "cook_sales", 0, serve=whole_portal, months=("2017-04", "2018-08", "2019-06")),
    Case("cook-il", "cook_sales", 0, serve=captured_portal, months=("2017-04", "2018-08", "2019-06")),
    Case("cullman-al", "addresses", 5, serve=layer("us-al-cullman"), months=("2017-04",)),
    Case("mclennan-tx", "parcels", 1, serve=layer("us-tx-waco"), months=("2014-12",)),
)


def county_of(case: Case) -> County:
    own = Path(__file__).parent / "counties" / f"{case.county}.yaml"
    return read_county(own) if own.exists() else load_counties()[case.county]


def land(case: Case, county: County, landing: StoreResource) -> int:
    """Put the files of a case into the landing area, or what its API gives; rows that were given."""
    for pattern in case.files:
        for path in sorted(SHARED.glob(pattern)):
            target = Path(landing.root) / county.slug / case.source / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    if case.serve is None:
        return case.sent
    (source,) = [each for each in county.api_sources if each.name == case.source]
    with LocalServer(case.serve()) as server:
        client, months = PlainClient(server.url), list(case.months)
        if source.kind == "arcgis":
            found = fetch_arcgis(client, Wanted(county, source), months)
        else:
            found = fetch_months(client, county, source, months)
    land_records(landing, county, source, found, platform_months())
    return sum(map(len, found.values()))


def intake(received: list[RawRows], months: list[str], county: County) -> tuple[Mapping, list[dict]]:
    """What the check reads: rows of raw_listings by partition and source, and a row of counts for each."""
    raw = raw_table([rows.of_months(months, months) for rows in received])
    found = canonicalise(raw, county)
    by = ("county", "month")
    lying = Counter(zip(*(raw[name].to_pylist() for name in (*by, "_source")), strict=True))
    accepted = Counter(zip(*(found.properties[name].to_pylist() for name in (*by, "source")), strict=True))
    names = (*by, "source", "disposition")
    refused = Counter(zip(*(found.rejects[name].to_pylist() for name in names), strict=True))
    files: dict[tuple, Counter] = {}
    for row in source_files(rows.of_months(months, months) for rows in received).to_pylist():
        counts = files.setdefault((row["county"], row["month"], row["source"]), Counter())
        counts.update(
            sent=row["file_rows"],
            offers=row["file_offers"],
            delivered=row["rows_received"],
            of_other_months=row["rows_of_other_months"],
            undated=row["rows_undated"],
        )
    rows = [
        {
            **dict(zip((*by, "source"), key, strict=True)),
            **{name: counts[name] for name in (*SENT, "delivered", "of_other_months", "undated")},
            "accepted": accepted[key],
            "duplicates": refused[*key, "duplicate"],
            "rejected": refused[*key, "rejected"],
        }
        for key, counts in files.items()
    ]
    return {(Partition(slug, month), source): n for (slug, month, source), n in lying.items()}, rows


def told(row: dict) -> str:
    """The sum of one partition and source in words."""
    parts = " + ".join(f"{row[place]:,} {place}" for place in PLACES)
    total = sum(row[place] for place in PLACES)
    given = " + ".join(f"{row[part]:,} {part}" for part in SENT)
    return f"{row['county']} {row['month']} {row['source']}: {given} = {parts} (= {total:,})"


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case.county}-{case.serve.__name__ if case.serve else 'files'}"
)
def test_of_every_file_and_reply_each_row_that_was_sent_stands_somewhere(case, tmp_path, capsys):
    county, landing = county_of(case), StoreResource(root_url=str(tmp_path))
    given = land(case, county, landing)
    files = landed_files(landing, county)
    all_months = list(platform_months())
    every_month = [f"{y}-{m:02}" for y in range(2014, int(all_months[1][:4]) + 1) for m in range(1, 13)]
    received = list(landed_rows(landing, county, every_month, files))
    assert sum(rows.sent for rows in received) == given > 0, "rows of the files themselves"
    by_month = Counter()
    for rows in received:
        by_month.update(rows.by_month)
    fullest = max(by_month, key=by_month.__getitem__)
    months = sorted({min(by_month), fullest, max(by_month), *case.months} & set(every_month))
    kept = [replace(rows, told=()) for rows in received]
    lying, rows = intake(kept, months, county)
    words = "\n".join(told(row) for row in rows)
    with capsys.disabled():
        print(f"\n{words}")
    assert len(rows) == len(months), words
    for row in rows:
        assert row["sent"] == given, words
        assert sum(row[part] for part in SENT) == sum(row[place] for place in PLACES), told(row)
    assert counts_that_differ(lying, rows) == [], words


@pytest.mark.parametrize("pattern", ["c4_*.csv.gz", "c5_*.csv.gz"])
def test_rental_advertisements_name_no_home_and_are_refused_whole(pattern):
    (path,) = (DATA / "rentals").glob(pattern)
    with pytest.raises(PermanentError, match="is found"):
        try_file(path, load_counties()["king-wa"], "rents")
