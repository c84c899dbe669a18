"""The lake on a real file system that is full."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from resources.errors import PermanentError
from resources.lake.store import StoreResource

pytestmark = pytest.mark.integration

MOUNT_BYTES = 2**20


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A file system of a megabyte."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={MOUNT_BYTES}", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_told_with_folder_and_bytes_and_leaves_the_old_file_whole(small_disk):
    store = StoreResource(root_url=str(small_disk / "lake"))
    store.write_bytes("a/data.parquet", b"old" * 1000)
    with pytest.raises(PermanentError) as caught:
        store.write_bytes("a/data.parquet", b"n" * 3 * MOUNT_BYTES)
    said = str(caught.value)
    assert f"{small_disk}/lake/a: the disk is full: 3.1 MB were to be written, " in said
    assert "are free. Free space there, or set REALESTATE_HOME" in said
    assert store.read_bytes("a/data.parquet") == b"old" * 1000
    assert [path.name for path in (small_disk / "lake" / "a").iterdir()] == ["data.parquet"]
