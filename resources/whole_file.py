"""A local file written so that readers see the old bytes or the new ones, whole, also after a kill."""

import contextlib
import os
import time
from pathlib import Path
from uuid import uuid4

# A temp file older than this belongs to a writer that was killed.
ABANDONED_SECONDS = 3600


def replace_file(
    path: Path, data: bytes, *, mode: int | None = None, owner: tuple[int, int] | None = None
) -> None:
    """Write a file beside its place and move it there; what killed writers left beside it goes.

    Args:
        path: the file; its folder is there.
        data: what it holds from now on.
        mode: permissions, from before anything is in it; those of the process by default.
        owner: user and group ids; those of the process by default.
    """
    # Hidden and not ending like the target: no reader's glob matches it.
    temporary = path.parent / f".{path.name}.{uuid4().hex}.tmp"
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666 if mode is None else mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            if owner:
                os.fchown(file.fileno(), *owner)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)
    for left in path.parent.glob(f".{path.name}.*.tmp"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > ABANDONED_SECONDS:
                left.unlink()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
