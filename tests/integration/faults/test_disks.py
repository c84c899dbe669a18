"""A disk that is full or read-only: told with its folder, nothing is left half, the same again ends well."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from resources.lake.store import StoreResource
from resources.warehouse import embedded
from resources.warehouse.resource import WarehouseResource
from tests.integration.command_line import environment
from tests.integration.faults.trials import FEW_ROWS, INTAKE, Trial, figures, run_under
from tests.integration.what_a_run_made import differences, files, tables

pytestmark = [pytest.mark.integration, pytest.mark.long]


@contextlib.contextmanager
def disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A disk of its own, of so many megabytes, mounted at a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    options = f"size={megabytes}m,mode=755"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, check=False, text=True
    )
    if done.returncode:
        pytest.skip(f"no disk may be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(folder: Path) -> None:
    """Leave nothing free, though others write meanwhile."""
    with (folder / "filler").open("wb", buffering=0) as file:
        for piece in (2**20, 2**12):
            with contextlib.suppress(OSError):
                while file.write(bytes(piece)) == piece:
                    pass


def temp_files(folder: Path) -> list[str]:
    """What a write that failed would leave."""
    return [str(path) for path in folder.rglob(".*") if path.name.endswith((".tmp", ".new"))]


@pytest.fixture(scope="module")
def calm(new_home) -> tuple[Trial, dict[str, str]]:
    """An undisturbed run and what it made."""
    home = new_home()
    trial = run_under(INTAKE, environment(home, **FEW_ROWS))
    assert trial.exit_code == 0, trial.text
    return trial, state(home, home / "lake")


def state(home: Path, lake: Path) -> dict[str, str]:
    return tables(WarehouseResource(embedded_root=str(home / "postgres"))) | files(
        StoreResource(root_url=str(lake))
    )


@pytest.mark.parametrize("stage", ["listings"])
def test_a_lake_whose_disk_is_full_is_told_and_the_same_run_ends_well_after_it(new_home, calm, stage):
    home = new_home()
    with disk(home.parent / f"{home.name}-lake", 64) as lake:
        env = environment(home, LAKE_URL=str(lake), **FEW_ROWS)
        trial = run_under(INTAKE, env, stage, lambda: fill(lake))
        print(figures("lake full", stage, trial, calm[0], {}), trial.text[-2500:])
        assert trial.exit_code == 1
        assert str(lake) in trial.text
        assert "the disk is full" in trial.text
        assert "were to be written" in trial.text
        assert "tried again" not in trial.text
        assert temp_files(lake) == []
        (lake / "filler").unlink()
        again = run_under(INTAKE, env)
        assert again.exit_code == 0, again.text
        assert differences(calm[1], state(home, lake)) == {}


@pytest.mark.parametrize("stage", ["listings"])
def test_a_database_whose_disk_is_full_is_told_and_the_same_run_ends_well_after_it(new_home, calm, stage):
    home = new_home()
    with disk(home, 400):
        env = environment(home, MIN_FREE_GB="0", **FEW_ROWS)
        try:
            trial = run_under(INTAKE, env, stage, lambda: fill(home))
            print(figures("database full", stage, trial, calm[0], {}), trial.text[-4000:])
            assert trial.exit_code == 1
            assert "the disk is full" in trial.text or "disk of the Postgres server is full" in trial.text
            assert "Unexpected" not in trial.text
            assert str(home) in trial.text
            (home / "filler").unlink()
            again = run_under(INTAKE, env)
            assert again.exit_code == 0, again.text
            assert differences(calm[1], state(home, home / "lake")) == {}
            assert temp_files(home) == []
        finally:
            embedded.leave(home / "postgres")


def test_a_lake_that_becomes_read_only_is_told_and_the_same_run_ends_well_after_it(new_home, calm):
    home = new_home()
    with disk(home.parent / f"{home.name}-lake", 64) as lake:
        env = environment(home, LAKE_URL=str(lake), **FEW_ROWS)

        def remount(how: str) -> None:
            subprocess.run(["mount", "-o", f"remount,{how}", lake], check=True)

        trial = run_under(INTAKE, env, "listings", lambda: remount("ro"))
        print(figures("lake read-only", "listings", trial, calm[0], {}), trial.text[-2500:])
        assert trial.exit_code == 1
        assert "the file system is read-only" in trial.text
        assert "tried again" not in trial.text
        remount("rw")
        again = run_under(INTAKE, env)
        assert again.exit_code == 0, again.text
        assert differences(calm[1], state(home, lake)) == {}


def test_a_home_on_a_read_only_disk_is_refused_with_its_name(new_home):
    home = new_home()
    with disk(home, 16):
        subprocess.run(["mount", "-o", "remount,ro", home], check=True)
        trial = run_under(INTAKE, environment(home, MIN_FREE_GB="0", **FEW_ROWS))
        print(trial.exit_code, trial.text[-2500:])
        assert trial.exit_code in (1, 2)
        assert str(home) in trial.text
        assert "ead-only" in trial.text
        assert "Traceback" not in trial.text
