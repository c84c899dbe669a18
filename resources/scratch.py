"""Folders for one piece of work: removed at its end, or by the next such work where a process was killed."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from resources.home import data_home, make_folder


def scratch_root() -> Path:
    """Where such folders lie: with the local data, not in the machine's temporary folder."""
    return data_home() / "scratch"


@contextlib.contextmanager
def scratch_folder(prefix: str, root: Path | None = None) -> Iterator[Path]:
    """A new folder that is this process's while the block lasts.

    Whose it is says a lock on it, which ends with the process however that ends: what lies there without one
    was left by a process that was killed, and is removed.

    Args:
        prefix: of its name, says what for.
        root: where it is made.
    """
    root = make_folder(root or scratch_root())
    with (root / ".lock").open("w") as turn:
        # A folder that was just made and is not locked yet would look like one that was left.
        fcntl.flock(turn, fcntl.LOCK_EX)
        _remove_left(root)
        folder = Path(tempfile.mkdtemp(prefix=f"{prefix}-", dir=root))
        mine = os.open(folder, os.O_RDONLY)
        fcntl.flock(mine, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(mine)


def _remove_left(root: Path) -> None:
    for left in root.iterdir():
        if not left.is_dir() or left.is_symlink():
            continue
        with contextlib.suppress(FileNotFoundError):
            descriptor = os.open(left, os.O_RDONLY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
            except BlockingIOError:
                pass
            finally:
                os.close(descriptor)
