"""Files that arrive: real files in a folder and in a bucket, a real ledger, ticks evaluated by hand.

LANDING_TEST_FILES=500 makes the drop of the acceptance test; the suite drops fewer.
"""

import json
import os
import shutil
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from realestate_assets.assets.discovery import canonical_properties, listings
from realestate_assets.domain.calendar.ranges import RANGE_END_TAG, RANGE_START_TAG
from realestate_assets.domain.core.run_tags import AUTOMATIC_TAG
from realestate_assets.domain.tables import PROPERTIES, PROPERTY_REJECTS, SOURCE_FILES, TABLES
from realestate_assets.jobs import inspect_landed_files, intake
from realestate_assets.landing.area import file_sources, inspector
from realestate_assets.landing.watch import Cursor, LandingWatch, Limits
from realestate_assets.operations.unfit_files import no_longer_unfit
from realestate_assets.schedules import grid
from resources.alerts.resource import AlertsResource
from resources.http.client import HttpClientResource
from resources.lake.io_manager import LakeIOManager
from resources.lake.store import StoreResource
from resources.warehouse.io_manager import NO_JOURNAL, WarehouseIOManager
from sensors.landing import build_landing_sensor

pytestmark = pytest.mark.integration

FILES = int(os.environ.get("LANDING_TEST_FILES", "60"))
BAD, HALF, DUPLICATES = FILES // 50, FILES // 25, 3 * FILES // 50
GOOD = FILES - BAD - HALF - DUPLICATES
HEADER = (
    "id,date,price,bedrooms,bathrooms,sqft_living,sqft_lot,floors,waterfront,view,condition,grade,sqft_above,"
    "sqft_basement,yr_built,yr_renovated,zipcode,lat,long,sqft_living15,sqft_lot15\n"
)
REST = "3,1,1180,5650,1,0,0,3,7,1180,0,1955,0,98178,47.5112,-122.257,1340,5650\n"
SOURCE = "king-wa/king_county_sales"
BAD_BYTES = (
    b"",
    b"PK\x03\x04 an Excel workbook",
    b"apn,price\n1,2\n",
    (HEADER + f"7000000001,yesterday,221900,{REST}").encode(),
    (HEADER + f"7000000002,19800101T000000,221900,{REST}").encode(),
)


def sale(number: int, month: str = "201503", price: int = 221_900) -> str:
    return f"{7_100_000_000 + number},{month}{1 + number % 28:02}T000000,{price},{REST}"


class Drop:
    """A landing area, what looks at it, and the runs it asks for."""

    def __init__(self, landing, warehouse, lake, settle: float):
        self.landing, self.warehouse, self.lake = landing, warehouse, lake
        self.now, self.cursor, self.seconds = datetime.now(UTC), None, []
        self.limits = Limits(settle=timedelta(seconds=settle))
        self.instance = dg.DagsterInstance.ephemeral()
        self.seen_keys: set[str] = set()
        self.sensor = build_landing_sensor(
            intake, inspect_landed_files, grid, self._look, no_longer_unfit, ("team:data",)
        )
        self.alerts = AlertsResource(warehouse=warehouse)

    def _look(self, landing, warehouse, cursor):
        watch = LandingWatch(inspector(landing, warehouse), file_sources(), self.limits, lambda: self.now)
        return watch.scan(Cursor.parse(cursor))

    def land(self, name: str, text: str | bytes) -> None:
        self.landing.write_bytes(f"{SOURCE}/{name}", text if isinstance(text, bytes) else text.encode())

    def tick(self, passed: float = 30, keep_cursor: bool = True) -> list[dg.RunRequest]:
        """A tick `passed` seconds after the last one; its requests whose key was not seen before."""
        self.now += timedelta(seconds=passed)
        resources = {
            "landing": self.landing,
            "warehouse": self.warehouse,
            "alerts": self.alerts,
        }
        started = time.monotonic()
        with dg.build_sensor_context(
            instance=self.instance, cursor=self.cursor, resources=resources
        ) as context:
            result = self.sensor(context)
        self.seconds.append(time.monotonic() - started)
        if keep_cursor:
            self.cursor = result.cursor
        fresh = [r for r in result.run_requests if r.run_key not in self.seen_keys]
        self.seen_keys |= {r.run_key for r in fresh}
        return fresh

    def run(self, request: dg.RunRequest) -> None:
        """Discovery of the request's range, as the run it asks for would make it."""
        result = dg.materialize(
            [listings, canonical_properties],
            instance=self.instance,
            tags=dict(request.tags),
            resources={
                "landing": self.landing,
                "warehouse": self.warehouse,
                "lake_io": LakeIOManager(store=self.lake),
                "warehouse_io": WarehouseIOManager(
                    warehouse=self.warehouse, tables=TABLES, journal=NO_JOURNAL
                ),
                "http": HttpClientResource(warehouse=self.warehouse),
            },
        )
        assert result.success

    def states(self) -> Counter:
        rows = self.warehouse.read("select state from ops.landed_files").to_pylist()
        return Counter(row["state"] for row in rows)

    def properties(self) -> list[str]:
        rows = self.warehouse.read("select apn from raw.properties order by apn").to_pylist()
        return [row["apn"] for row in rows]


@pytest.fixture
def drop(tmp_path, warehouse, lake) -> Drop:
    warehouse.ensure_tables([PROPERTIES, PROPERTY_REJECTS, SOURCE_FILES])
    return Drop(StoreResource(root_url=str(tmp_path / "landing")), warehouse, lake, settle=15)


def drop_many(drop: Drop) -> dict[str, str]:
    """Drop all files at once; the whole texts of those that are only half written."""
    for number in range(GOOD):
        drop.land(f"good-{number:03}.csv", HEADER + sale(number, "201503" if number % 2 else "201504"))
    for number in range(BAD):
        drop.land(f"bad-{number:03}.csv", BAD_BYTES[number % len(BAD_BYTES)] + b"\n" * (number // 5))
    for number in range(DUPLICATES):
        drop.land(f"copy-{number:03}.csv", HEADER + sale(number, "201503" if number % 2 else "201504"))
    halves = {f"half-{n:03}.csv": HEADER + sale(GOOD + n) + sale(GOOD + HALF + n) for n in range(HALF)}
    for name, text in halves.items():
        drop.land(name, text[: len(text) * 2 // 3])
    return halves


def arrive(drop: Drop, halves: dict[str, str]) -> list[dg.RunRequest]:
    """Ticks of some minutes, at each of which the half-written files have grown a little; all requests."""
    requests = []
    for at in range(7):
        requests += drop.tick()
        for name, text in halves.items():
            drop.land(name, text[: len(text) * 2 // 3 + 1 + at])
    return requests


def test_of_many_files_dropped_at_once_every_good_row_lands_once_and_the_bad_are_put_aside(drop):
    halves = drop_many(drop)
    for request in arrive(drop, halves):
        assert request.tags[AUTOMATIC_TAG] == "true"
        drop.run(request)
    for name, text in halves.items():
        drop.land(name, text)
    for request in [r for _ in range(3) for r in drop.tick()]:
        drop.run(request)
    wanted = [str(7_100_000_000 + number) for number in range(GOOD + 2 * HALF)]
    assert drop.properties() == wanted
    assert drop.states()["quarantined"] == BAD
    # Of two files with the same bytes one is used, whichever comes first.
    assert drop.states()["duplicate"] == DUPLICATES
    assert drop.states()["admitted"] == GOOD + HALF
    rows = drop.warehouse.read("select reason, path from ops.landed_files where state = 'quarantined'")
    assert all("bad-" in row["path"] and row["reason"] for row in rows.to_pylist())
    quarantined = [p for p in drop.landing.list_files("_quarantine") if p.endswith(".reason.json")]
    assert len(quarantined) == BAD
    assert json.loads(drop.landing.read_bytes(quarantined[0]))["reason"]
    assert not [p for p in drop.landing.list_files("king-wa") if "bad-" in p]
    assert max(drop.seconds) < 10, drop.seconds
    assert drop.tick() == []
    assert len(drop.cursor) < 200


def test_the_same_file_never_runs_twice_and_a_changed_one_does(drop):
    drop.land("a.csv", HEADER + sale(1))
    drop.tick()
    first = drop.tick()
    assert len(first) == 1
    assert [drop.tick(), drop.tick()] == [[], []]
    # The months the old rows were in are made again too.
    drop.land("a.csv", HEADER + sale(1, "201505"))
    drop.tick()
    again = [request.tags[RANGE_START_TAG] for request in drop.tick()]
    assert again == ["king-wa|2015-03", "king-wa|2015-05"]


def test_a_tick_that_was_lost_before_its_cursor_was_kept_asks_for_the_same_run(drop):
    drop.land("a.csv", HEADER + sale(1))
    drop.tick()
    lost = drop.tick(keep_cursor=False)
    drop.land("b.csv", HEADER + sale(2))
    assert len(lost) == 1
    assert drop.tick() == [], "the run of the lost tick is asked for by the same key"
    assert len(drop.tick()) == 1, "and the file that came meanwhile by one of its own"


def test_months_come_from_the_rows_and_not_from_the_name(drop):
    drop.land("sales-2019-12.csv", HEADER + sale(1, "201412") + sale(2, "201501"))
    drop.tick()
    (request,) = drop.tick()
    tags = [request.tags[tag] for tag in (RANGE_START_TAG, RANGE_END_TAG)]
    assert tags == ["king-wa|2014-12", "king-wa|2015-01"]


def test_a_quarantined_file_that_is_put_back_mended_is_read(drop):
    drop.land("a.csv", b"apn,price\n1,2\n")
    drop.tick()
    assert drop.tick() == []
    drop.landing.move(f"_quarantine/{SOURCE}/a.csv", f"{SOURCE}/a.csv")
    drop.tick()
    assert drop.tick() == []
    assert drop.states() == {"quarantined": 1}
    drop.land("a.csv", HEADER + sale(1))
    drop.tick()
    assert len(drop.tick()) == 1


def told(channel) -> list[str]:
    return [message["title"].removeprefix("Real Estate OS: ") for message in channel.messages]


def test_a_bad_file_is_told_and_when_it_was_mended_and_read(drop, channel):
    drop.alerts = channel.alerts
    drop.land("a.csv", "not,a,sale\n1,2,3\n")
    for _ in range(3):
        drop.tick()
    name = f"{SOURCE}/a.csv"
    assert told(channel) == [f"{name} is quarantined"]
    drop.landing.delete(f"_quarantine/{name}")
    drop.land("a.csv", HEADER + sale(1))
    for _ in range(4):
        drop.tick()
    assert told(channel) == [f"{name} is quarantined", f"over: {name} is quarantined"]
    assert "It was read: 1 rows." in channel.messages[1]["message"]
    (row,) = drop.warehouse.read("select severity, owners, counties from ops.alerts").to_pylist()
    assert row == {"severity": "warning", "owners": "team:data", "counties": "king-wa"}


def test_a_bad_file_that_is_taken_away_is_over_and_the_same_again_is_told_anew(drop, channel):
    drop.alerts = channel.alerts
    for _ in range(2):
        drop.land("a.csv", "not,a,sale\n1,2,3\n")
        for _ in range(3):
            drop.tick()
        for path in drop.landing.list_files("_quarantine"):
            drop.landing.delete(path)
        drop.tick()
        drop.tick()
    begun, over = f"{SOURCE}/a.csv is quarantined", f"over: {SOURCE}/a.csv is quarantined"
    assert told(channel) == [begun, over, begun, over]
    assert "It is gone." in channel.messages[1]["message"]


def test_a_link_that_is_taken_away_is_over_and_a_folder_of_nobody_too(drop, channel):
    drop.alerts = channel.alerts
    root, link = Path(drop.landing.root), Path(drop.landing.root) / SOURCE / "b.csv"
    link.parent.mkdir(parents=True, exist_ok=True)
    for times in (1, 2):
        link.symlink_to("/etc/hostname")
        (root / "kings-wa").mkdir()
        (root / "kings-wa" / "a.csv").write_text("x")
        for _ in range(3):
            drop.tick()
        assert len([title for title in told(channel) if not title.startswith("over")]) == times
        link.unlink()
        shutil.rmtree(root / "kings-wa")
        drop.tick()
        drop.tick()
        assert len([title for title in told(channel) if title.startswith("over")]) == times
    assert "is refused and 1 more" in told(channel)[0]


def test_a_file_that_cannot_be_moved_away_is_refused_and_not_read_again(drop, monkeypatch):
    drop.land("a.csv", b"apn,price\n1,2\n")
    (Path(drop.landing.root) / "_quarantine").write_text("a file where the folder should be")
    drop.tick()
    drop.tick()
    assert drop.states() == {"refused": 1}
    read = []
    monkeypatch.setattr("realestate_assets.landing.area.read", lambda *a: read.append(a))
    drop.tick()
    assert read == []


def test_a_large_file_is_read_by_a_run_of_its_own_three_times_at_most(drop):
    drop.limits = Limits(settle=timedelta(seconds=15), large_bytes=100)
    drop.land("a.csv", HEADER + sale(1))
    drop.tick()
    (request,) = drop.tick()
    assert request.job_name == "inspect_landed_files"
    assert drop.tick() == []
    result = inspect_landed_files.execute_in_process(
        run_config=request.run_config,
        resources={"landing": drop.landing, "warehouse": drop.warehouse},
        instance=drop.instance,
    )
    assert result.success
    assert [r.job_name for r in drop.tick()] == ["intake"]
    drop.land("b.csv", HEADER + sale(2))
    asked = [request.run_key for _ in range(6) for request in drop.tick(passed=3700)]
    assert len(asked) == 3
    assert drop.states() == {"admitted": 1, "refused": 1}


def test_files_beyond_the_limit_of_a_look_wait_for_the_next(drop):
    drop.limits = Limits(settle=timedelta(seconds=15), read=4, listed=6)
    for number in range(9):
        drop.land(f"{number}.csv", HEADER + sale(number))
    requests = [request for _ in range(9) for request in drop.tick()]
    for request in requests:
        drop.run(request)
    assert len(drop.properties()) == 9


def test_a_cursor_that_cannot_be_read_begins_anew_without_repeating_a_run(drop):
    drop.land("a.csv", HEADER + sale(1))
    drop.tick()
    assert len(drop.tick()) == 1
    drop.cursor = "not a cursor"
    assert drop.tick() == []


def test_objects_of_a_bucket_are_read_at_once_and_listed_in_pages(s3_store, warehouse, lake):
    warehouse.ensure_tables([PROPERTIES, PROPERTY_REJECTS, SOURCE_FILES])
    drop = Drop(s3_store, warehouse, lake, settle=0)
    drop.limits = Limits(settle=timedelta(0), listed=4)
    for number in range(6):
        drop.land(f"{number}.csv", HEADER + sale(number))
    drop.land("bad.csv", b"apn,price\n1,2\n")
    requests = drop.tick() + drop.tick() + drop.tick()
    for request in requests:
        drop.run(request)
    assert drop.properties() == [str(7_100_000_000 + number) for number in range(6)]
    assert drop.states() == {"admitted": 6, "quarantined": 1}
    assert drop.landing.exists(f"_quarantine/{SOURCE}/bad.csv")
    # The same bytes again are the same version: an ETag does not know the time.
    drop.land("0.csv", HEADER + sale(0))
    assert drop.tick() + drop.tick() == []
    drop.land("0.csv", HEADER + sale(0, price=300_000))
    assert len(drop.tick() + drop.tick()) == 1
