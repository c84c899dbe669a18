"""The file store on a local folder."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.errors import PermanentError
from resources.lake.listing import list_page
from resources.lake.store import StoreResource


def test_what_is_written_is_read_back(lake):
    lake.write_bytes("a/county=king-wa/b.txt", b"one")
    lake.write_bytes("a/county=king-wa/b.txt", b"two!")
    assert lake.read_bytes("a/county=king-wa/b.txt") == b"two!"
    assert lake.size("a/county=king-wa/b.txt") == 4
    assert lake.exists("a/county=king-wa/b.txt")
    assert not lake.exists("a/county=king-wa")
    with lake.open_input("a/county=king-wa/b.txt") as file:
        file.seek(1)
        assert file.read() == b"wo!"
    age = dt.datetime.now(dt.UTC) - lake.modified("a/county=king-wa/b.txt")
    assert abs(age) < dt.timedelta(minutes=5)


def test_files_are_listed_sorted_and_relative_without_hidden_ones(lake):
    for name in ("b/2", "b/1", "a", "b/c/3", "b/.hidden", ".tmp/x"):
        lake.write_bytes(name, b"")
    assert lake.list_files() == ["a", "b/1", "b/2", "b/c/3"]
    assert lake.list_files("b") == ["b/1", "b/2", "b/c/3"]
    assert lake.list_files("b", recursive=False) == ["b/1", "b/2"]
    assert lake.list_files("nowhere") == []


def test_a_deleted_file_is_gone_and_deleting_again_is_no_error(lake):
    lake.write_bytes("a", b"")
    lake.delete("a")
    lake.delete("a")
    assert not lake.exists("a")


@pytest.mark.parametrize("method", ["read_bytes", "open_input", "size", "modified"])
def test_a_missing_file_is_named(lake, method):
    with pytest.raises(PermanentError, match=r"nope\.csv does not exist"):
        getattr(lake, method)("county/nope.csv")


@pytest.mark.parametrize(
    "bad", ["/etc/passwd", "../x", "a/../../x", "a\\b", "a//b", ".", "a/", "a\0b", "a\nb", "a\udcffb"]
)
def test_no_path_leaves_the_store(lake, bad):
    with pytest.raises(PermanentError, match="not a relative path"):
        lake.write_bytes(bad, b"")


@given(st.text(max_size=30))
def test_any_name_either_stays_inside_or_is_refused(name):
    store = StoreResource(root_url="/data/lake")
    try:
        path = store.path(name)
    except PermanentError:
        return
    assert os.path.normpath(path).startswith("/data/lake")


def test_a_killed_writer_leaves_the_old_file_and_no_visible_rest(lake):
    lake.write_bytes("a/data.parquet", b"old")
    code = (
        "import os, sys, resources.lake.store as s\n"
        "os.fsync = lambda fd: (print('writing', flush=True), __import__('time').sleep(60))\n"
        f"s.StoreResource(root_url={lake.root_url!r}).write_bytes('a/data.parquet', b'new' * 1000)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"writing\n"
        process.send_signal(signal.SIGKILL)
    assert lake.read_bytes("a/data.parquet") == b"old"
    assert lake.list_files() == ["a/data.parquet"]


def test_rests_of_killed_writers_are_cleared_by_a_later_write(lake, tmp_path):
    lake.write_bytes("a/x", b"")
    old, young = tmp_path / "lake/a/.x.1.tmp", tmp_path / "lake/a/.x.2.tmp"
    for rest in (old, young):
        rest.touch()
    os.utime(old, (time.time() - 7200,) * 2)
    lake.write_bytes("a/x", b"")
    assert not old.exists()
    assert young.exists()


def test_a_failed_write_leaves_nothing_behind(lake, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda descriptor: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(PermanentError, match="the disk is full: 4 bytes"):
        lake.write_bytes("a/x", b"data")
    assert list((tmp_path / "lake/a").iterdir()) == []


def test_addresses_are_plain_paths_or_s3(tmp_path):
    assert StoreResource(root_url=f"file://{tmp_path}").uri("a/b") == f"{tmp_path}/a/b"
    assert StoreResource(root_url="s3://bucket/pre/fix/").uri("a/b") == "s3://bucket/pre/fix/a/b"
    assert StoreResource(root_url="s3://bucket").path() == "bucket"


@pytest.mark.parametrize("url", ["s3://key:hunter2@bucket/x", "gs://bucket", "s3://", ""])
def test_an_unusable_root_is_refused_without_showing_secrets(url):
    with pytest.raises(PermanentError) as caught:
        _ = StoreResource(root_url=url).root
    assert "hunter2" not in str(caught.value)


def test_a_folder_is_listed_in_pages_each_file_once_with_its_version(lake):
    for number in range(7):
        lake.write_bytes(f"in/{number % 3}/{number}.csv", b"x" * number)
    lake.write_bytes("elsewhere/8.csv", b"x")
    (Path(lake.root) / "in" / ".hidden.csv").write_bytes(b"x")
    found, after = [], ""
    while after is not None:
        page = list_page(lake, "in", after, 3)
        found += page.files
        after = page.next_after
    assert [file.path for file in found] == lake.list_files("in")
    before = {file.path: (file.version, file.size_bytes) for file in found}
    assert before["in/0/6.csv"][1] == 6
    lake.write_bytes("in/0/6.csv", b"y" * 6)
    now = {file.path: (file.version, file.size_bytes) for file in list_page(lake, "in", "", 100).files}
    assert {path for path in now if now[path] != before[path]} == {"in/0/6.csv"}
    assert list_page(lake, "nowhere", "", 10).files == ()


def test_a_file_is_moved_into_a_folder_that_is_made_for_it_and_over_another(lake):
    lake.write_bytes("a.csv", b"one")
    lake.write_bytes("b.csv", b"two")
    lake.move("a.csv", "aside/deep/c.csv")
    lake.move("b.csv", "aside/deep/c.csv")
    assert lake.list_files() == ["aside/deep/c.csv"]
    assert lake.read_bytes("aside/deep/c.csv") == b"two"
    with pytest.raises(PermanentError):
        lake.move("gone.csv", "d.csv")
    with pytest.raises(PermanentError):
        lake.move("aside/deep/c.csv", "../outside.csv")


@pytest.fixture
def linked(lake, tmp_path):
    """A store with a link to a file and one to a folder, both outside of it."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.csv").write_bytes(b"secret")
    lake.write_bytes("king-wa/mine.csv", b"mine")
    folder = Path(lake.root) / "king-wa"
    (folder / "file.csv").symlink_to(outside / "secret.csv")
    (folder / "folder").symlink_to(outside, target_is_directory=True)
    (folder / "nothing.csv").symlink_to(outside / "absent")
    return lake


def test_a_link_is_not_listed_and_the_page_says_so(linked):
    assert linked.list_files() == ["king-wa/mine.csv"]
    page = list_page(linked, "king-wa", "", 10)
    assert [file.path for file in page.files] == ["king-wa/mine.csv"]
    assert set(page.unusable) == {"king-wa/file.csv", "king-wa/folder", "king-wa/nothing.csv"}
    assert all("link" in reason for reason in page.unusable.values())


def test_pages_go_on_behind_links(linked):
    after, files, unusable = "", [], {}
    while after is not None:
        page = list_page(linked, "king-wa", after, 1)
        files += page.files
        unusable |= page.unusable
        after = page.next_after
    assert [file.path for file in files] == ["king-wa/mine.csv"]
    assert len(unusable) == 3


@pytest.mark.parametrize("path", ["king-wa/file.csv", "king-wa/folder/secret.csv", "king-wa/nothing.csv"])
def test_nothing_is_read_written_moved_or_deleted_through_a_link(linked, tmp_path, path):
    secret = tmp_path / "outside" / "secret.csv"
    for work in (
        lambda: linked.read_bytes(path),
        lambda: linked.open_input(path),
        lambda: linked.write_bytes(path, b"other"),
        lambda: linked.move(path, "king-wa/_quarantine/x.csv"),
        lambda: linked.move("king-wa/mine.csv", path),
        lambda: linked.delete(path),
    ):
        with pytest.raises(PermanentError, match="links are not followed"):
            work()
    assert secret.read_bytes() == b"secret"
    assert linked.read_bytes("king-wa/mine.csv") == b"mine"


def test_the_root_of_a_store_may_be_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "real", target_is_directory=True)
    store = StoreResource(root_url=str(tmp_path / "data"))
    store.write_bytes("a.csv", b"one")
    assert store.read_bytes("a.csv") == b"one"
    assert store.list_files() == ["a.csv"]


@pytest.mark.parametrize("name", [b"new\nline.csv", b"back\\slash.csv", b"bytes\xff.csv", b"bell\x07.csv"])
def test_a_name_that_no_path_may_hold_stays_where_it_is_and_is_told(lake, name):
    lake.write_bytes("in/good.csv", b"x")
    place = Path(lake.root) / "in" / os.fsdecode(name)
    place.write_bytes(b"x")
    page = list_page(lake, "in", "", 10)
    assert [file.path for file in page.files] == lake.list_files("in") == ["in/good.csv"]
    (told,) = page.unusable
    assert told.isprintable() and told.encode()
    assert place.exists()


def test_what_is_no_regular_file_is_not_opened(lake):
    lake.write_bytes("in/good.csv", b"x")
    os.mkfifo(Path(lake.root) / "in" / "pipe.csv")
    page = list_page(lake, "in", "", 10)
    assert [file.path for file in page.files] == ["in/good.csv"]
    assert page.unusable == {"in/pipe.csv": "is no regular file"}
