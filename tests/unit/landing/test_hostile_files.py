"""What may be put into the landing area: nothing outside its root is read or moved, and all of it is said."""

import gzip
import os
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

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
HARD_NAMES = (
    "back\\slash.csv",
    "new\nline.csv",
    "bell\a.csv",
    b"latin-\xe9.csv",
    "x" * 251 + ".csv",
    "-rf.csv",
    "'; drop table a; --.csv",
)


class Area:
    """A landing area with files outside of it, and what looks at it."""

    def __init__(self, folder: Path):
        self.outside = folder / "outside"
        self.outside.mkdir()
        (self.outside / "secret.csv").write_bytes(ROWS)
        self.landing = StoreResource(root_url=str(folder / "landing"))
        self.inside = folder / "landing" / "king-wa" / "sales"
        self.inside.mkdir(parents=True)
        self.ledger, self.now = Ledger(), datetime.now(UTC)
        self.read: list[str] = []
        inspector = Inspector(self.landing, self.ledger, self._read)
        limits = Limits(settle=timedelta(seconds=10))
        self.watch = LandingWatch(inspector, {"king-wa": ("sales",)}, limits, lambda: self.now)

    def _read(self, path):
        self.read.append(path)
        return read(self.landing, COUNTY, place_of(path))

    def look(self, times: int = 2) -> dict[str, str]:
        """Looks 30 seconds apart; what was said to be unfit, by path with the reason."""
        told = {}
        for _ in range(times):
            self.now += timedelta(seconds=30)
            found = self.watch.scan(Cursor()).unfit
            assert not told.keys() & {file.path for file in found}, "each is told once"
            told |= {file.path: file.reason for file in found}
        return told

    def assert_nothing_outside_was_touched(self):
        assert [path.name for path in self.outside.iterdir()] == ["secret.csv"]
        assert (self.outside / "secret.csv").read_bytes() == ROWS


@pytest.fixture
def area(tmp_path):
    return Area(tmp_path)


def test_links_to_files_and_folders_are_said_and_neither_read_nor_moved(area):
    (area.inside / "file.csv").symlink_to(area.outside / "secret.csv")
    (area.inside / "folder").symlink_to(area.outside, target_is_directory=True)
    (area.inside / "nowhere.csv").symlink_to(area.outside / "absent.csv")
    (area.inside / "mine.csv").write_bytes(ROWS)
    told = area.look(3)
    assert set(told) == {f"king-wa/sales/{name}" for name in ("file.csv", "folder", "nowhere.csv")}
    assert set(told.values()) == {"It is a link, and links are not followed."}
    assert area.read == ["king-wa/sales/mine.csv"]
    assert (area.inside / "file.csv").is_symlink(), "it stays where it is"
    area.assert_nothing_outside_was_touched()


@pytest.mark.parametrize("linked", ["king-wa/sales", "king-wa"])
def test_the_folder_of_a_source_or_of_a_county_may_be_no_link_either(area, linked):
    folder = Path(area.landing.root) / linked
    (Path(area.landing.root) / "king-wa" / "sales").rmdir()
    if linked == "king-wa":
        folder.rmdir()
    folder.symlink_to(area.outside, target_is_directory=True)
    assert area.look(3) == {linked: "It is a link, and links are not followed."}
    assert area.read == []
    area.assert_nothing_outside_was_touched()


def test_a_link_that_is_replaced_by_the_file_itself_is_read(area):
    (area.inside / "a.csv").symlink_to(area.outside / "secret.csv")
    area.look()
    (area.inside / "a.csv").unlink()
    (area.inside / "a.csv").write_bytes(ROWS)
    assert area.look() == {} and area.read == ["king-wa/sales/a.csv"]


def test_pipes_sockets_and_devices_are_said_and_never_opened(area):
    os.mkfifo(area.inside / "pipe.csv")
    with socket.socket(socket.AF_UNIX) as listening:
        # The path of a socket may have a hundred letters at most.
        here = Path.cwd()
        os.chdir(area.inside)
        try:
            listening.bind("socket.csv")
        finally:
            os.chdir(here)
        told = area.look(3)
    assert told == {f"king-wa/sales/{name}": "It is no regular file." for name in ("pipe.csv", "socket.csv")}
    assert area.read == []


def test_a_name_is_read_as_it_is_or_said_and_left_where_it_is(area):
    for name in HARD_NAMES:
        (area.inside / os.fsdecode(name)).write_bytes(ROWS)
    before = set(area.inside.iterdir())
    told = area.look(3)
    assert set(area.read) == {f"king-wa/sales/{name}" for name in HARD_NAMES[4:]}
    assert len(told) == 4 and all("not a relative path inside the store" in why for why in told.values())
    assert all(path.isprintable() for path in told)
    assert set(area.inside.iterdir()) == before


@pytest.mark.parametrize(
    "path", ["king-wa/sales/../../../outside/secret.csv", "/etc/passwd", "king-wa/sales/./a"]
)
def test_a_path_that_leaves_the_root_is_neither_read_nor_moved(area, path):
    for touch in (
        lambda: area._read(path),
        lambda: area.landing.move(path, "king-wa/sales/taken.csv"),
        lambda: area.landing.move("king-wa/sales/mine.csv", path),
    ):
        with pytest.raises(PermanentError):
            touch()
    area.assert_nothing_outside_was_touched()


def test_a_huge_file_and_one_that_unpacks_to_one_are_put_aside_by_their_limits(area):
    with (area.inside / "huge.csv").open("wb") as file:
        file.truncate(SOURCE.max_bytes + 1)
    (area.inside / "packed.csv.gz").write_bytes(gzip.compress(ROWS + b"0" * 30_000_000))
    (area.inside / "sound.csv.gz").write_bytes(gzip.compress(ROWS))
    told = area.look(3)
    assert set(told) == {"king-wa/sales/huge.csv", "king-wa/sales/packed.csv.gz"}
    assert all("max_bytes 2,000,000" in why for why in told.values())
    assert area.ledger.files["king-wa/sales/sound.csv.gz"].state == "admitted"


def test_a_file_that_grows_while_it_is_looked_at_is_read_once_it_has_settled_and_again_when_it_has_grown(
    area,
):
    for n in range(2, 5):
        (area.inside / "a.csv").write_bytes(ROWS + b"2,2015-03-02\n" * n)
        assert area.look(1) == {} and area.read == [], "it has changed since the last look"
    area.look(1)
    assert area.ledger.files["king-wa/sales/a.csv"].row_count == 5
    with (area.inside / "a.csv").open("ab") as file:
        file.write(b"3,2015-04-03\n")
    area.look(2)
    assert area.ledger.files["king-wa/sales/a.csv"].row_count == 6
    assert area.ledger.files["king-wa/sales/a.csv"].months == ("2015-03", "2015-04")


def test_a_run_says_what_it_does_not_read(area):
    (area.inside / "link.csv").symlink_to(area.outside / "secret.csv")
    (area.inside / "mine.csv").write_bytes(ROWS)
    files, unusable = landed_and_unusable(area.landing, COUNTY)
    assert [file.path for file in files] == ["king-wa/sales/mine.csv"]
    assert unusable == {"king-wa/sales/link.csv": "is a link, and links are not followed"}


@pytest.mark.parametrize(
    "linked", ["_quarantine", "_quarantine/king-wa", "_quarantine/king-wa/sales/bad.csv"]
)
def test_a_quarantine_that_is_a_link_takes_no_file_away_and_the_reason_says_so(area, linked):
    link = Path(area.landing.root) / linked
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(area.outside, target_is_directory=True)
    (area.inside / "bad.csv").write_bytes(b"PK\x03\x04 no table")
    told = area.look(3)
    assert "It lies where it was" in told["king-wa/sales/bad.csv"]
    assert "links are not followed" in told["king-wa/sales/bad.csv"]
    assert area.ledger.files["king-wa/sales/bad.csv"].state == "refused"
    assert (area.inside / "bad.csv").exists()
    area.assert_nothing_outside_was_touched()


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_what_takes_the_place_of_a_file_after_it_was_listed_is_neither_read_nor_moved(area, kind):
    (area.inside / "a.csv").write_bytes(ROWS)
    area.look(1)
    swapped = area.inside / "a.csv"

    def swap_then_read(path):
        swapped.unlink()
        if kind == "link":
            swapped.symlink_to(area.outside / "secret.csv")
        elif kind == "pipe":
            os.mkfifo(swapped)
        else:
            swapped.mkdir()
        return area._read(path)

    watch = area.watch
    area.watch = replace(watch, inspector=replace(watch.inspector, read=swap_then_read))
    assert area.look(1) == {} and area.ledger.files == {}, "it is no file any more"
    area.watch = watch
    reasons = {"link": "It is a link, and links are not followed.", "pipe": "It is no regular file."}
    assert area.look(2) == ({"king-wa/sales/a.csv": reasons[kind]} if kind in reasons else {})
    assert os.path.lexists(swapped), "it stays where it is"
    area.assert_nothing_outside_was_touched()


@pytest.mark.parametrize("name", ["..%2e", "%2e%2e", ".hidden.csv"])
def test_signs_that_mean_something_elsewhere_are_letters_of_a_name_here(area, name):
    (area.inside / name).write_bytes(ROWS)
    assert area.look(3) == {}
    assert area.read == ([] if name.startswith(".") else [f"king-wa/sales/{name}"])
    area.assert_nothing_outside_was_touched()
