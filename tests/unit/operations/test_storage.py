"""What lies where, by the paths of the stores."""

from datetime import UTC, datetime

import pytest

from realestate_assets.operations import storage
from realestate_assets.operations.storage import Stored
from resources.lake.store import StoreResource


@pytest.mark.parametrize(
    ("area", "path", "place"),
    [
        ("lake", "memos/county=king-wa/month=2015-04/a.pdf", ("memos", "king-wa")),
        ("lake", "models/king-wa/1.json", ("models", "king-wa")),
        ("lake", "dbt_docs/index.html", ("dbt_docs", None)),
        ("lake", "_layout.json", ("files", None)),
        ("landing", "king-wa/sales/file.csv", ("sales", "king-wa")),
        ("landing", "king-wa/file.csv", ("landing", "king-wa")),
        ("landing", "_quarantine/king-wa/sales/file.csv", ("_quarantine", "king-wa")),
        ("reference", "zips.csv", ("files", None)),
    ],
)
def test_a_file_is_of_a_kind_and_a_county(tmp_path, area, path, place):
    store = StoreResource(root_url=str(tmp_path / area))
    store.write_bytes(path, b"12345")
    (found,) = storage.of_store(area, store)
    assert (found.kind, found.county, found.count, found.size_bytes) == (*place, 1, 5)
    assert found.newest_at is not None and found.newest_at.tzinfo is not None


def test_entries_are_put_together_the_largest_first():
    early, late = (datetime(year, 1, 1, tzinfo=UTC) for year in (2024, 2025))
    stored = [
        Stored("lake", "memos", "king-wa", 2, 10, early),
        Stored("lake", "memos", "cook-il", 1, 5, late),
        Stored("lake", "models", "king-wa", 1, 100, early),
        Stored("database", "raw", None, 3, 50),
    ]
    assert storage.by_area(stored) == [
        Stored("lake", "lake", None, 4, 115, late),
        Stored("database", "database", None, 3, 50),
    ]
    assert [(each.kind, each.size_bytes) for each in storage.by_kind(stored)] == [
        ("models", 100),
        ("raw", 50),
        ("memos", 15),
    ]
    assert [(each.area, each.county, each.size_bytes) for each in storage.by_county(stored)] == [
        ("lake", "king-wa", 110),
        ("database", None, 50),
        ("lake", "cook-il", 5),
    ]


def test_a_folder_counts_its_files_and_one_that_is_not_there_holds_none(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").write_bytes(b"123")
    (tmp_path / "a" / "gone").symlink_to(tmp_path / "nowhere")
    assert storage.of_folder("index", tmp_path / "a") == Stored("index", "index", None, 1, 3)
    assert storage.of_folder("index", tmp_path / "nowhere").count == 0
