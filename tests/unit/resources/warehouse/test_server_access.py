"""Where the socket of the embedded Postgres may lie, and where not."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from resources.home import make_folder
from resources.warehouse import server_access as access
from resources.warehouse.server_programs import account_of

ME = account_of(os.geteuid())


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose path leaves room for a socket; pytest's own has none left beside other workers."""
    made = Path(tempfile.mkdtemp(prefix="s-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def folder(tmp_path, short, monkeypatch) -> Path:
    """A data folder whose path is too long for a socket."""
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setattr(access.tempfile, "tempdir", str(short))
    made = tmp_path / ("long" * 30) / "postgres" / "pg18"
    made.mkdir(parents=True)
    return made


def test_a_short_path_holds_the_socket_itself():
    assert access.socket_folder(Path("/srv/data/postgres/pg18"), ME) == Path("/srv/data/postgres/pg18")


def test_a_folder_that_is_made_is_the_owners_and_found_again(folder):
    made = access.socket_folder(folder, ME)
    assert access.is_private(made, ME)
    assert access.socket_folder(folder, ME) == made
    access.forget_socket_folder(folder)
    assert not made.exists()
    assert not (folder.parent / access.NOTE).exists()


@pytest.mark.parametrize("plant", ["a link", "open to others", "a file", "gone"])
def test_a_folder_that_is_not_the_owners_any_more_is_not_used(folder, plant):
    made = access.socket_folder(folder, ME)
    made.rmdir()
    if plant == "a link":
        (folder / "elsewhere").mkdir(mode=0o700)
        made.symlink_to(folder / "elsewhere")
    elif plant == "open to others":
        made.mkdir()
        made.chmod(0o755)
    elif plant == "a file":
        made.write_text("")
    again = access.socket_folder(folder, ME)
    assert again != made
    assert access.is_private(again, ME)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_account_is_not_used(folder):
    made = access.socket_folder(folder, ME)
    os.chown(made, 65534, 65534)
    assert access.socket_folder(folder, ME) != made


def test_a_runtime_folder_is_taken_where_it_is_the_owners_alone(folder, short, monkeypatch):
    runtime = short / "run"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    assert access.socket_folder(folder, ME).parent == runtime
    access.forget_socket_folder(folder)
    runtime.chmod(0o777)
    assert access.socket_folder(folder, ME).parent == short


def test_the_folder_of_all_local_data_is_made_closed_and_one_that_is_open_stays_so(tmp_path, monkeypatch):
    monkeypatch.setenv("REALESTATE_HOME", str(tmp_path / "data"))
    before = os.umask(0o022)
    try:
        make_folder(tmp_path / "data" / "landing" / "king-wa")
        assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
        (tmp_path / "data").chmod(0o755)
        make_folder(tmp_path / "data" / "lake")
        assert (tmp_path / "data").stat().st_mode & 0o777 == 0o755
    finally:
        os.umask(before)
