"""The embedded index for a process that answers many: an open copy of each county's shard.

A shard is open in one process at a time, and opening it takes a second: a service that opened it for each
question would be slow and would make runs wait. A copy answers in milliseconds; after a write the old one
goes on answering until the new one is open.
"""

import contextlib
import fcntl
import logging
import shutil
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import qdrant_edge as edge

from resources.errors import RealEstateError
from resources.home import make_folder
from resources.vectors.edge import EdgeIndex

_log = logging.getLogger(__name__)

NEVER = 0


@dataclass
class _Copy:
    """A county's open copy.

    Args:
        written_ns: when the shard was last written to as it was copied, nanoseconds.
    """

    shard: edge.EdgeShard
    folder: Path
    written_ns: int
    # One question at a time: a copy that is closed answers nobody.
    turn: threading.Lock = field(default_factory=threading.Lock)
    is_closed: bool = False

    def close(self) -> None:
        with self.turn:
            self.is_closed = True
            self.shard.close()
            shutil.rmtree(self.folder, ignore_errors=True)


class EdgeCopies(EdgeIndex):
    """Reads from copies; writes go to the shards themselves, as ever.

    Args:
        root: of the shards.
        folder: of the copies; those of processes that have ended are removed.
    """

    def __init__(self, root: Path, folder: Path) -> None:
        super().__init__(root)
        make_folder(folder)
        _sweep(folder)
        self.folder = folder / uuid.uuid4().hex
        make_folder(self.folder)
        # Held until the process ends, however it ends.
        self._lock_file = (self.folder / "lock").open("w")
        fcntl.flock(self._lock_file, fcntl.LOCK_EX)
        self._copies: dict[str, _Copy] = {}
        self._making: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    @contextlib.contextmanager
    def _opened(self, county_slug: str, dimension: int | None = None) -> Iterator[edge.EdgeShard]:
        if dimension is not None:
            with super()._opened(county_slug, dimension) as shard:
                yield shard
            return
        while True:
            copy = self._current(county_slug)
            with copy.turn:
                # Closed between the two lines: a newer one is there.
                if not copy.is_closed:
                    yield copy.shard
                    return

    def _current(self, county_slug: str) -> _Copy:
        copy, written_ns = self._copies.get(county_slug), self._written_ns(county_slug)
        if copy is not None and copy.written_ns == written_ns:
            return copy
        with self._guard:
            making = self._making.setdefault(county_slug, threading.Lock())
        if copy is None:
            with making:
                return self._copies.get(county_slug) or self._renew(county_slug)
        if making.acquire(blocking=False):
            threading.Thread(target=self._renew_behind, args=(county_slug, making), daemon=True).start()
        return copy

    def _renew_behind(self, county_slug: str, making: threading.Lock) -> None:
        try:
            if self._folder(county_slug).exists():
                self._renew(county_slug)
            else:
                self._copies.pop(county_slug).close()
        except (RealEstateError, OSError):
            # The old copy goes on; the next question tries again.
            _log.exception("the search index of %s could not be copied", county_slug)
        finally:
            making.release()

    def _renew(self, county_slug: str) -> _Copy:
        target = self.folder / f"{county_slug}-{uuid.uuid4().hex[:8]}"
        with self._turn(county_slug):
            # Asked in the turn: who writes afterwards makes it another time.
            written_ns = self._written_ns(county_slug)
            shutil.copytree(self._folder(county_slug), target)
        copy = _Copy(self._open(county_slug, target, None), target, written_ns)
        before, self._copies[county_slug] = self._copies.get(county_slug), copy
        if before is not None:
            before.close()
        return copy

    def _written_ns(self, county_slug: str) -> int:
        try:
            return self.stamp(county_slug).stat().st_mtime_ns
        except FileNotFoundError:
            return NEVER


def _sweep(folder: Path) -> None:
    """Remove what processes left that have ended: nobody holds their lock."""
    for each in folder.iterdir():
        with contextlib.suppress(OSError), (each / "lock").open("r") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(each, ignore_errors=True)
