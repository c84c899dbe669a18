"""A roll that arrives: the months of the sales it is joined to are made again."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from realestate_assets.landing.inspection import Inspector
from realestate_assets.landing.paths import place_of
from realestate_assets.landing.reading import inspect
from realestate_assets.landing.watch import Cursor, LandingWatch, Limits
from resources.lake.store import StoreResource
from tests.unit.domain.intake.landed import make_county, make_source
from tests.unit.landing.memory_ledger import Ledger

SALES = make_source(
    "sales",
    columns={"apn": "id", "observed_date": "date", "year_built": "roll.built"},
    join=[{"name": "roll", "key": {"id": "parcel"}}],
)
COUNTY = make_county(SALES, make_source("other", columns={"apn": "id", "observed_date": "date"}))
ROLL = "parcel,built\n1,1950\n2,1960\n"


class Area:
    """A landing area of sales, their roll and another source, and what looks at it."""

    def __init__(self, folder: Path):
        self.landing = StoreResource(root_url=str(folder))
        self.ledger, self.now, self.batch = Ledger(), datetime.now(UTC), 0
        inspector = Inspector(self.landing, self.ledger, self._read)
        folders = {"king-wa": ("sales", "roll", "other")}
        self.watch = LandingWatch(inspector, folders, Limits(settle=timedelta(seconds=10)), lambda: self.now)

    def _read(self, path):
        return inspect(self.landing, COUNTY, place_of(path), self.ledger.months_of)

    def land(self, path: str, text: str) -> None:
        self.landing.write_bytes(f"king-wa/{path}", text.encode())

    def asked(self) -> tuple[set[str], dict[str, str]]:
        """Two looks: months that runs are asked for, and files that are unfit with the reason."""
        months, unfit = set(), {}
        for _ in range(2):
            self.now += timedelta(seconds=30)
            found = self.watch.scan(Cursor(batch=self.batch))
            self.batch = found.cursor.batch
            months |= {m for files in found.batches.values() for f in files for m in f.affected_months}
            unfit |= {file.path: file.reason for file in found.unfit}
        return months, unfit


@pytest.fixture
def area(tmp_path):
    area = Area(tmp_path)
    area.land("roll/2014.csv", ROLL)
    area.land("sales/a.csv", "id,date\n1,2015-03-01\n2,2015-05-09\n")
    area.land("other/a.csv", "id,date\n3,2015-07-01\n")
    assert area.asked() == ({"2015-03", "2015-05", "2015-07"}, {})
    return area


def test_a_changed_roll_asks_for_the_months_of_the_sales_and_of_no_other_source(area):
    assert area.asked() == (set(), {})
    area.land("roll/2014.csv", ROLL + "3,1970\n")
    assert area.asked() == ({"2015-03", "2015-05"}, {})
    assert area.asked() == (set(), {})
    told = area.ledger.files["king-wa/roll/2014.csv"]
    assert (told.state, told.row_count) == ("admitted", 3)


def test_another_file_of_the_roll_asks_for_them_too_and_the_same_bytes_do_not(area):
    area.land("roll/copy.csv", ROLL)
    assert area.asked() == (set(), {})
    assert area.ledger.files["king-wa/roll/copy.csv"].state == "duplicate"
    area.land("roll/2015.csv", "parcel,built\n4,1980\n")
    assert area.asked() == ({"2015-03", "2015-05"}, {})


def test_a_roll_without_its_key_is_put_aside_with_the_reason(area):
    area.land("roll/wrong.csv", "pin,built\n1,1950\n")
    months, unfit = area.asked()
    assert (
        months == set() and "has no column parcel, by which it is joined" in unfit["king-wa/roll/wrong.csv"]
    )
    assert not area.landing.exists("king-wa/roll/wrong.csv")


def test_a_roll_that_comes_before_its_sales_makes_no_run_by_itself(tmp_path):
    area = Area(tmp_path)
    area.land("roll/2014.csv", ROLL)
    assert area.asked() == (set(), {})
    area.land("sales/a.csv", "id,date\n1,2015-03-01\n")
    assert area.asked() == ({"2015-03"}, {})
