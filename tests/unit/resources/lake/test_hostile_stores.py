"""What may lie in the lake's folder, the reference's or an archive's: nothing outside the root is touched."""

import gzip
import os
from pathlib import Path

import pytest

from realestate_assets.domain.counties.enrichment_config import TableProvider
from realestate_assets.providers import bounds
from realestate_assets.providers.address_file import read_addresses
from realestate_assets.providers.reference import ReferenceTables
from resources.errors import PermanentError
from resources.lake.files import partition_file
from resources.lake.io_manager import LakeIOManager
from resources.lake.listing import list_page
from resources.lake.store import StoreResource
from resources.partition import Partition

PARTITION = Partition("king-wa", "2015-03")
SECRET = b"zcta,people\n98004,1\n"
TABLE = TableProvider(
    name="zips",
    file="zips.csv",
    join="zip",
    key_column="zcta",
    vintage="2013-12-31",
    fields={"zip_population": "people"},
)


class Place:
    """A store and a folder outside of it that must stay as it is."""

    def __init__(self, folder: Path):
        self.outside, self.root = folder / "outside", folder / "store"
        self.outside.mkdir()
        self.root.mkdir()
        (self.outside / "secret.csv").write_bytes(SECRET)
        self.store = StoreResource(root_url=str(self.root))

    def assert_untouched(self) -> None:
        assert [path.name for path in self.outside.iterdir()] == ["secret.csv"]
        assert (self.outside / "secret.csv").read_bytes() == SECRET


@pytest.fixture
def place(tmp_path):
    place = Place(tmp_path)
    yield place
    place.assert_untouched()


def partition_of(place: Place) -> Path:
    return place.root / partition_file("raw_listings", PARTITION)


def refused(touch, match: str = "links are not followed") -> None:
    with pytest.raises(PermanentError, match=match):
        touch()


@pytest.mark.parametrize("kind", ["to a file", "to nothing", "to the parent", "on the way"])
def test_a_partition_that_is_a_link_is_read_by_nobody_and_the_error_says_so(place, kind):
    path = partition_of(place)
    path.parent.mkdir(parents=True)
    targets = {"to a file": place.outside / "secret.csv", "to nothing": place.outside / "absent"}
    if kind == "on the way":
        path.parent.rmdir()
        path.parent.symlink_to(place.outside, target_is_directory=True)
    else:
        path.symlink_to(targets.get(kind, path.parent.parent))
    lake = LakeIOManager(store=place.store)
    refused(lambda: lake.dataset("raw_listings", [PARTITION]))
    assert place.store.list_files() == []
    assert set(list_page(place.store, "raw_listings", "", 9).unusable.values()) == {
        "is a link, and links are not followed"
    }


def test_a_link_that_takes_the_place_of_a_listed_file_is_not_followed(place):
    place.store.write_bytes("in/a.csv", b"mine")
    (listed,) = list_page(place.store, "in", "", 9).files
    (place.root / "in" / "a.csv").unlink()
    (place.root / "in" / "a.csv").symlink_to(place.outside / "secret.csv")
    for touch in (
        lambda: place.store.read_bytes(listed.path),
        lambda: place.store.open_input(listed.path),
        lambda: place.store.move(listed.path, "_archive/a.csv"),
        lambda: place.store.delete(listed.path),
        lambda: place.store.write_bytes(listed.path, b"other"),
        lambda: place.store.size(listed.path),
    ):
        refused(touch)


def test_a_pipe_that_takes_the_place_of_a_listed_file_is_never_waited_for(place):
    place.store.write_bytes("in/a.csv", b"mine")
    (place.root / "in" / "a.csv").unlink()
    os.mkfifo(place.root / "in" / "a.csv")
    refused(lambda: place.store.read_bytes("in/a.csv"), "is no regular file")
    refused(lambda: place.store.open_input("in/a.csv"), "is no regular file")
    refused(lambda: place.store.open_input("in"), "is no regular file")


@pytest.mark.parametrize(
    "name", ["..", "a/../../outside/secret.csv", "new\nline", "bell\a", "/etc/hosts", "a\\b"]
)
def test_a_name_that_is_no_path_inside_is_refused_whatever_is_asked(place, name):
    for touch in (
        lambda: place.store.read_bytes(name),
        lambda: place.store.move(name, "a.csv"),
        lambda: place.store.write_bytes(name, b""),
        lambda: list_page(place.store, name, "", 9),
    ):
        refused(touch, "not a relative path")


def test_percent_signs_are_letters_and_a_name_that_is_too_long_is_refused(place):
    place.store.write_bytes("%2e%2e/%2fa.csv", b"mine")
    assert (place.root / "%2e%2e" / "%2fa.csv").read_bytes() == b"mine"
    refused(lambda: place.store.read_bytes("%2e%2e/../secret.csv"), "not a relative path")
    for touch in (lambda: place.store.read_bytes("x" * 300), lambda: place.store.write_bytes("x" * 300, b"")):
        refused(touch, "too long")


def test_hidden_files_of_the_folder_are_no_files_of_the_store(place):
    (place.root / ".hidden.csv").write_bytes(b"x")
    (place.root / ".folder").mkdir()
    (place.root / ".folder" / "a.csv").write_bytes(b"x")
    assert place.store.list_files() == []


@pytest.mark.parametrize("target", ["secret.csv", "absent.csv"])
def test_a_reference_file_that_is_a_link_stops_with_its_path_and_what_to_do(place, target):
    (place.root / "zips.csv").symlink_to(place.outside / target)
    refused(lambda: ReferenceTables(place.store).lookup(TABLE))
    refused(lambda: read_addresses(place.store, "zips.csv", (), "places"))


def test_a_reference_file_that_is_a_pipe_or_a_folder_is_not_there(place):
    os.mkfifo(place.root / "zips.csv")
    assert ReferenceTables(place.store).lookup(TABLE) is None
    refused(lambda: read_addresses(place.store, "zips.csv", (), "places"), "no regular file")


def test_a_huge_reference_file_and_one_that_unpacks_to_one_are_refused_unread(place, monkeypatch):
    monkeypatch.setattr(bounds, "LARGEST_BYTES", 1_000_000)
    with (place.root / "zips.csv").open("wb") as file:
        file.truncate(1_000_001)
    refused(lambda: ReferenceTables(place.store).lookup(TABLE), "more than 1,000,000 bytes")
    packed = gzip.compress(b"LON,LAT\n" + b"0" * 30_000_000)
    assert len(packed) < 100_000
    (place.root / "places.csv.gz").write_bytes(packed)
    refused(
        lambda: read_addresses(place.store, "places.csv.gz", (), "p"), "more than 1,000,000 bytes, unpacked"
    )


def test_the_configuration_names_no_file_outside_the_reference_folder():
    for file in ("../secret.csv", "/etc/passwd"):
        with pytest.raises(ValueError, match="must lie below the reference folder"):
            TableProvider.model_validate(TABLE.model_dump() | {"file": file})


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("INVALID_ACCESS_KEY_ID", "AWS credentials"),
        ("SIGNATURE_DOES_NOT_MATCH", "AWS credentials"),
        ("REQUEST_TIME_TOO_SKEWED", "Set the clock"),
    ],
)
def test_what_no_wait_mends_of_a_bucket_is_not_tried_again_and_says_what_to_do(code, remedy):
    store = StoreResource(root_url="s3://a-bucket/lake")
    with pytest.raises(PermanentError, match=remedy), store.errors("a.parquet"):
        raise OSError(f"When reading information for key 'a': AWS Error {code} during HeadObject operation")
