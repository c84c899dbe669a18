"""Refused rows brought in again: by the command line after a mended map, and settled row by row."""

import json
from pathlib import Path

import pytest
import yaml

from realestate_assets.domain.tables import TABLES
from realestate_assets.operations.rejects import (
    RejectFilter,
    current_maps,
    prepare,
    reject_groups,
    reject_rows,
)
from realestate_assets.operations.replay import begin, plan, settle, stretches
from resources.lake.store import StoreResource
from resources.partition import Partition
from resources.warehouse.resource import WarehouseResource
from tests.integration import command_line as cli

pytestmark = pytest.mark.integration

ROWS = [
    # parcel, sold on, price, kind
    ("0001", "03/05/2015", "400000", "HOUSE"),
    ("0002", "03/06/2015", "410000", "CASTLE"),
    ("0003", "2015-02-07", "420000", "HOUSE"),
    ("0004", "03/08/2015", "-5", "HOUSE"),
    ("0002", "03/06/2015", "410000", "CASTLE"),
    ("0005", "02/09/2015", "430000", "HOUSE"),
]
HEADER = "PARCEL;sold_on;price;kind;area;zip;lat;lon\n"
DISCOVERY = "raw_listings,source_files,properties,property_rejects"


def county_file(folder: Path, formats: list[str], codes: dict[str, str]) -> None:
    """King County with one source of our own; `formats` and `codes` are what is mended."""
    columns = {
        "apn": {"from": "PARCEL", "required": True},
        "observed_date": {"from": "sold_on", "format": formats, "required": True},
        "sale_date": {"from": "sold_on", "format": formats},
        "sale_price_usd": {"from": "price"},
        "property_type": {"from": "kind", "codes": codes, "unknown_code": "reject"},
        "living_area_sqft": {"from": "area"},
        "zip": "zip",
        "latitude": "lat",
        "longitude": "lon",
        "state": {"constant": "WA"},
    }
    source = {"kind": "file", "name": "sales", "format": "csv", "delimiter": ";", "columns": columns}
    shipped = Path(__file__).parents[3] / "realestate_assets" / "config" / "counties" / "king-wa.yaml"
    content = yaml.safe_load(shipped.read_text())
    (folder / "king-wa.yaml").write_text(yaml.safe_dump(content | {"sources": [source]}))


def counts(warehouse: WarehouseResource, sql: str) -> dict:
    return {row["k"]: row["n"] for row in warehouse.read(sql).to_pylist()}


def test_a_mended_map_brings_its_rows_in_once_and_the_counts_add_up(tmp_path):
    counties, home = tmp_path / "counties", tmp_path / "home"
    counties.mkdir()
    landed = home / "landing" / "king-wa" / "sales" / "sales.csv"
    landed.parent.mkdir(parents=True)
    lines = [";".join([*row, "2000", "98103", "47.66", "-122.34"]) for row in ROWS]
    landed.write_text(HEADER + "\n".join(lines) + "\n")
    county_file(counties, ["%m/%d/%Y"], {"HOUSE": "single_family"})
    env = cli.environment(home, COUNTY_CONFIG_DIR=str(counties))
    run = ["run", "--county", "king-wa", "--months", "2015-02:2015-03", "--select", DISCOVERY, "--json"]
    first = cli.run(run, env)
    # Two castles, a date of another form (kept in the file's latest month) and a price below zero.
    assert (first["received"], first["accepted"], first["duplicates"], first["rejected"]) == (6, 2, 0, 4)

    replay = ["rejects", "replay", "--discovery-only", "--json"]
    county_file(counties, ["%m/%d/%Y", "%Y-%m-%d"], {"HOUSE": "single_family", "CASTLE": "single_family"})
    report = cli.run(replay, env)
    assert report["success"], report
    # The row with the other date was refused in March and lies in February now.
    assert report["partitions"] == ["king-wa|2015-02", "king-wa|2015-03"]
    assert report["outcomes"] == {"accepted": 2, "duplicate": 1, "rejected": 1}
    now = report["counts"]
    assert (now["received"], now["accepted"], now["duplicates"], now["rejected"]) == (6, 4, 1, 1)

    again = cli.run(replay, env)
    assert again["rows"] == 0, "the price below zero was tried with this map already"

    warehouse = WarehouseResource(embedded_root=str(home / "postgres"))
    trail = warehouse.read("select * from ops.reject_replays order by source_row").to_pylist()
    assert [(row["source_row"], row["outcome"], row["month"], row["new_month"]) for row in trail] == [
        (2, "accepted", "2015-03", "2015-03"),
        (3, "accepted", "2015-03", "2015-02"),
        (4, "rejected", "2015-03", "2015-03"),
        (5, "duplicate", "2015-03", "2015-03"),
    ]
    assert all(row["settled_at"] and row["map_version"] != row["replayed_with"] for row in trail)
    kept = counts(warehouse, "select month as k, count(*) as n from raw.properties group by 1")
    assert kept == {"2015-02": 2, "2015-03": 2}
    told = counts(warehouse, "select event_type as k, count(*) as n from ops.events group by 1")
    assert told == {"property.discovered": 4, "row.rejected": 4, "row.replayed": 4}


def refuse(warehouse: WarehouseResource, version: str | None, rows: int = 3) -> None:
    """Refused rows of King County's shipped source, judged by a map of that version."""
    prepare(warehouse)
    warehouse.execute(
        "insert into raw.property_rejects (county, month, source, source_file, file_sha256, source_row, "
        "disposition, reason_code, reason_codes, field, reason, raw_record, map_version) "
        "select 'king-wa', '2015-0' || n, 'listings', 'gone.csv', '0', n, 'rejected', "
        "'PRICE_' || n, 'PRICE_' || n || ',ZIP_UNREADABLE', 'zip', 'Bad.', '{\"zip\": \"x\"}', $1 "
        "from generate_series(1, $2::bigint) as n",
        (version, rows),
    )


def present_version() -> str:
    versions = {(row["county"], row["source"]): row["version"] for row in json.loads(current_maps())}
    return versions["king-wa", "listings"]


def test_a_row_is_replayed_only_where_its_map_has_changed(warehouse):
    refuse(warehouse, present_version())
    assert begin(warehouse, RejectFilter())[1] == 0
    assert begin(warehouse, RejectFilter(), again=True)[1] == 3
    warehouse.execute("update raw.property_rejects set map_version = 'before' where source_row < 3")
    assert begin(warehouse, RejectFilter())[1] == 2


@pytest.mark.parametrize(
    ("chosen", "rows"),
    [
        (RejectFilter(), [1, 2, 3]),
        (RejectFilter(months=["2015-01", "2015-03"]), [1, 3]),
        (RejectFilter(reasons=["PRICE_2"]), [2]),
        (RejectFilter(reasons=["ZIP_UNREADABLE"]), [1, 2, 3]),
        (RejectFilter(counties=["king-wa"], sources=["listings"]), [1, 2, 3]),
        (RejectFilter(counties=["cook-il"]), []),
        (RejectFilter(sources=["x') or true --"]), []),
    ],
)
def test_rejects_are_filtered(warehouse, chosen, rows):
    refuse(warehouse, None)
    assert [row["source_row"] for row in reject_rows(warehouse, chosen, 10)] == rows
    groups = reject_groups(warehouse, chosen)
    assert sum(group["rows"] for group in groups) == len(rows)
    assert all(group["is_mended"] for group in groups)


def test_the_replay_of_a_killed_process_is_settled_from_what_is_there(warehouse, tmp_path):
    refuse(warehouse, "before")
    warehouse.ensure_tables(TABLES.values())
    replay_id, _ = begin(warehouse, RejectFilter())
    # The run had gone through for two of the rows: one is refused anew, one is no longer received.
    warehouse.execute(
        "update raw.property_rejects set map_version = $1 where source_row = 1", (present_version(),)
    )
    warehouse.execute("delete from raw.property_rejects where source_row = 2")
    settle(warehouse)
    found = warehouse.read(
        "select source_row, outcome from ops.reject_replays where replay_id = $1 order by 1", (replay_id,)
    )
    assert found.to_pylist() == [
        {"source_row": 1, "outcome": "rejected"},
        {"source_row": 2, "outcome": "gone"},
        {"source_row": 3, "outcome": "failed"},
    ]
    assert settle(warehouse, replay_id) == {"failed": 1, "gone": 1, "rejected": 1}


def test_rows_whose_file_left_the_landing_folder_are_replayed_from_the_lake(warehouse, tmp_path):
    refuse(warehouse, "before")
    warehouse.ensure_tables(TABLES.values())
    warehouse.execute(
        "insert into raw.source_files values ('king-wa', '2015-01', 'listings', 'gone.csv', '0', 1, 3, false)"
    )
    replay_id, _ = begin(warehouse, RejectFilter(months=["2015-01"]))
    landing = StoreResource(root_url=str(tmp_path))
    assert plan(warehouse, landing, replay_id) == {"king-wa": (["2015-01"], False)}


def test_months_apart_are_runs_apart():
    known = ["2015-01", "2015-02", "2015-03", "2015-04", "2015-05"]
    assert stretches("king-wa", ["2015-01", "2015-04", "2015-05"], known) == [
        (Partition("king-wa", "2015-01"), Partition("king-wa", "2015-01")),
        (Partition("king-wa", "2015-04"), Partition("king-wa", "2015-05")),
    ]
