"""What lies in a local folder: regular files alone. No link is ever followed, below the root."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

LINK = "is a link, and links are not followed"


@dataclass(frozen=True)
class LocalFile:
    """One entry of a folder that is no folder.

    Args:
        path: relative to the root.
        size_bytes: its size.
        modified_ns: when it was last written, nanoseconds since 1970.
        fault: why it is not read, where it is no regular file; empty otherwise.
    """

    path: str
    size_bytes: int
    modified_ns: int
    fault: str = ""

    @property
    def version(self) -> str:
        """Changes whenever the content does."""
        return f"{self.size_bytes}-{self.modified_ns}"

    @property
    def modified_at(self) -> datetime:
        """When it was last written, UTC."""
        return datetime.fromtimestamp(self.modified_ns / 1e9, UTC)


def link_on_the_way(root: str, relative: str) -> Path | None:
    """The first link among the parts of a path below `root`; None where there is none."""
    path = Path(root)
    for part in relative.split("/"):
        path = path / part
        if path.is_symlink():
            return path
    return None


def walk(root: str, folder: str, *, recursive: bool = True) -> Iterator[LocalFile]:
    """The files below a folder, in no order; links, sockets and the like with their fault.

    A folder or file that goes away meanwhile is none.

    Args:
        root: absolute path of the store.
        folder: relative to the root, "" for the root itself.
        recursive: whether folders below are walked too.
    """
    waiting = [folder]
    while waiting:
        below = waiting.pop()
        try:
            entries = sorted(os.scandir(Path(root, below)), key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except PermissionError:
            yield LocalFile(below, 0, 0, "may not be read: its permissions forbid it")
            continue
        for entry in entries:
            relative = f"{below}/{entry.name}" if below else entry.name
            if entry.is_dir(follow_symlinks=False):
                if recursive:
                    waiting.append(relative)
                continue
            try:
                found = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            yield LocalFile(relative, found.st_size, found.st_mtime_ns, _fault(found.st_mode))


def _fault(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return LINK
    return "" if stat.S_ISREG(mode) else "is no regular file"
