"""Files that nobody reads are named with the reason: strays, unfinished uploads, equal files."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from realestate_assets.domain.intake.columns import MAX_COLUMNS, name_columns
from realestate_assets.domain.intake.file_bytes import Place
from realestate_assets.landing.inspection import Inspector
from realestate_assets.landing.paths import place_of
from realestate_assets.landing.reading import landed_and_unusable, read
from realestate_assets.landing.watch import Cursor, LandingWatch, Limits
from resources.errors import PermanentError
from resources.lake.store import StoreResource
from tests.unit.domain.intake.landed import make_county, make_source
from tests.unit.landing.memory_ledger import Ledger

SOURCE = make_source("sales", columns={"apn": "id", "observed_date": "date"}, max_bytes=2_000_000)
COUNTY = make_county(SOURCE)
ROWS = b"id,date\n1,2015-03-01\n"
PLACE = Place("king-wa", "sales", "a.csv")


class Area:
    """A landing area and what looks at it; times are those of the files."""

    def __init__(self, folder: Path):
        self.root = folder / "landing"
        self.landing = StoreResource(root_url=str(self.root))
        self.ledger, self.now = Ledger(), datetime.now(UTC)
        inspector = Inspector(
            self.landing, self.ledger, lambda path: read(self.landing, COUNTY, place_of(path))
        )
        self.watch = LandingWatch(
            inspector,
            {"king-wa": ("sales",)},
            Limits(settle=timedelta(seconds=10)),
            lambda: self.now,
            folders={"king-wa": ("sales", "fetched_api")},
            unusable=("cook-il",),
        )

    def put(self, path: str | bytes, data: bytes = ROWS, age_seconds: float = 0) -> None:
        file = Path(os.fsdecode(os.fsencode(self.root) + b"/" + os.fsencode(path)))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        os.utime(file, (time.time() - age_seconds,) * 2)

    def look(self, times: int = 2) -> dict[str, str]:
        told = {}
        for _ in range(times):
            self.now += timedelta(seconds=30)
            told |= {file.path: file.reason for file in self.watch.scan(Cursor()).unfit}
        return told

    def state(self, path: str) -> str | None:
        file = self.ledger.files.get(path)
        return file.state if file else None


@pytest.fixture
def area(tmp_path):
    return Area(tmp_path)


def test_what_lies_in_no_folder_of_a_source_is_told_once_with_what_is_meant(area):
    area.put("king-wa/slaes/a.csv")
    area.put("king-wa/slaes/b.csv")
    area.put("kingwa/sales/a.csv")
    area.put("cook-il/sales/a.csv")
    area.put("king-wa/beside.csv")
    area.put("top.csv")
    area.put("king-wa/fetched_api/2015-03.jsonl")
    area.put("_quarantine/king-wa/sales/old.csv")
    area.put("king-wa/sales/good.csv")
    (area.root / "empty").mkdir()
    told = area.look()
    assert set(told) == {"king-wa/slaes", "kingwa", "cook-il", "king-wa/beside.csv", "top.csv"}
    assert told["king-wa/slaes"].endswith("Sources: fetched_api, sales; meant is perhaps sales.")
    assert told["kingwa"].endswith("Counties: king-wa; meant is perhaps king-wa.")
    assert "county's file cannot be used" in told["cook-il"]
    assert "put it into <county>/<source>/" in told["top.csv"].lower()
    assert area.state("king-wa/sales/good.csv") == "admitted"
    assert area.look() == {}, "each is told once"
    assert (area.root / "king-wa/slaes/a.csv").exists(), "it stays where it is"


@pytest.mark.parametrize("ending", [".part", ".partial", ".tmp", ".crdownload", ".filepart", ".PART"])
def test_an_unfinished_upload_is_left_alone_and_named(area, ending):
    name = f"king-wa/sales/upload.csv{ending}"
    area.put(name, age_seconds=120)
    assert area.look(3) == {} and area.state(name) is None, "it may be going on"
    files, unusable = landed_and_unusable(area.landing, COUNTY)
    assert files == [] and "an upload that is not finished" in unusable[name]
    area.put(name, age_seconds=7200)
    assert "nothing was added to it for an hour" in area.look()[name]
    assert (area.root / name).exists()
    (area.root / name).rename(area.root / "king-wa/sales/upload.csv")
    area.look()
    assert area.state("king-wa/sales/upload.csv") == "admitted"


def test_of_equal_files_the_one_written_first_counts_whatever_its_name(area):
    area.put("king-wa/sales/a-copy.csv", age_seconds=60)
    area.put("king-wa/sales/z-first.csv", age_seconds=600)
    area.look()
    assert area.state("king-wa/sales/z-first.csv") == "admitted"
    copy = area.ledger.files["king-wa/sales/a-copy.csv"]
    assert copy.state == "duplicate"
    assert copy.reason.startswith("the same bytes as king-wa/sales/z-first.csv, which was written first (")
    area.put("king-wa/sales/0-later.csv", age_seconds=9000)
    area.look()
    later = area.ledger.files["king-wa/sales/0-later.csv"]
    assert later.state == "duplicate" and "which was read before it and counts" in later.reason


def test_of_equal_files_of_one_time_the_first_by_name_counts_and_it_is_said(area):
    at = time.time() - 100
    for name in ("b.csv", "a.csv"):
        area.put(f"king-wa/sales/{name}")
        os.utime(area.root / "king-wa/sales" / name, (at, at))
    area.look()
    assert area.state("king-wa/sales/a.csv") == "admitted"
    assert "comes first by name" in area.ledger.files["king-wa/sales/b.csv"].reason


@pytest.mark.parametrize(
    "path",
    [b"king-wa/sales/latin-\xe9.csv", b"king-wa/s\xe4les/a.csv", b"king-w\xe4/sales/a.csv", b"t\xf6p.csv"],
)
def test_a_name_that_is_not_utf_8_keeps_nothing_but_itself_from_being_read(area, path):
    area.put(path)
    area.put("king-wa/sales/good.csv")
    told = area.look()
    assert len(told) == 1 and all(name.isprintable() for name in told)
    assert area.state("king-wa/sales/good.csv") == "admitted"


def test_what_is_no_regular_file_is_never_moved(area):
    area.put("king-wa/sales/folder/a.csv")
    with pytest.raises(PermanentError, match="no regular file"):
        area.landing.move("king-wa/sales/folder", "_quarantine/folder")
    os.mkfifo(area.root / "king-wa/sales/pipe")
    with pytest.raises(PermanentError, match="no regular file"):
        area.landing.move("king-wa/sales/pipe", "_quarantine/pipe")
    assert not (area.root / "_quarantine").exists()


def test_a_header_of_many_columns_is_refused_in_no_time(area):
    begun = time.monotonic()
    with pytest.raises(PermanentError, match="has 400,000 columns; 4,000 are read at most"):
        name_columns([f"c{n}" for n in range(400_000)], PLACE)
    names = [f"c{n}" for n in range(MAX_COLUMNS)]
    for _ in range(50):
        assert name_columns(names, PLACE) == names
    assert time.monotonic() - begun < 5, "a quadratic look took 48 s for 40,000"


def test_columns_that_stand_twice_are_named_the_first_of_many():
    with pytest.raises(PermanentError, match=r"names the columns c0, c1, .* and 60 more more than once"):
        name_columns([f"c{n}" for n in range(100)] * 2, PLACE)
