"""Disks that take no more: told with the folder and the bytes, and never tried again.

Waiting mends none of it: a full disk, a quota that is used up, a file system that is mounted read-only.
"""

import errno
import shutil
import tempfile
from pathlib import Path

from resources.errors import PermanentError
from resources.home import data_home

WHAT_IS_WRONG = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the file system is read-only",
}
ROOM = (
    "Free space there, or set REALESTATE_HOME (or LAKE_URL) to a larger disk, then run again: a partition is "
    "replaced whole or not at all."
)
# With less than this, Postgres cannot write a piece of its log: it stops, and the connection is merely lost.
FULL_BELOW_BYTES = 16 * 2**20


def size(count: float) -> str:
    """Bytes in words: 3.4 GB, 12.0 MB, 512 bytes."""
    for unit, bytes_ in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= bytes_:
            return f"{count / bytes_:,.1f} {unit}"
    return f"{count:,.0f} bytes"


def free_bytes(path: str | Path) -> int:
    """Bytes free where a path lies or would lie."""
    there = Path(path).absolute()
    while not there.exists():
        there = there.parent
    return shutil.disk_usage(there).free


def takes_no_more(error: OSError) -> bool:
    """True for an error of a disk that waiting does not mend."""
    return error.errno in WHAT_IS_WRONG


def disk_error(error: OSError, folder: str | Path | None = None, needed: int | None = None) -> PermanentError:
    """Such an error with the folder, what was to be written, and what is free.

    Args:
        error: for which `takes_no_more` holds.
        folder: where was written to; that of the file which the error names otherwise.
        needed: bytes that were to be written, where that is known.
    """
    named = Path(str(error.filename)).parent if error.filename else None
    place = Path(folder or named or tempfile.gettempdir())
    wanted = f"{size(needed)} were to be written, " if needed is not None else ""
    what = WHAT_IS_WRONG[error.errno or 0]
    remedy = "Mount it writable, or set REALESTATE_HOME elsewhere." if error.errno == errno.EROFS else ROOM
    return PermanentError(f"{place}: {what}: {wanted}{size(free_bytes(place))} are free.", remedy=remedy)


def full_home() -> PermanentError | None:
    """What to say where the disk of the local data is full; None where it is not.

    A server that cannot write ends, and its clients only see that the connection is lost.
    """
    home = data_home()
    free = free_bytes(home)
    if free >= FULL_BELOW_BYTES:
        return None
    return PermanentError(f"{home}: the disk is full: {size(free)} are free.", remedy=ROOM)
