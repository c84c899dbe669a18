"""A log file that several processes write at once, moved aside when it is large."""

import contextlib
import fcntl
import logging
import os
import sys
from pathlib import Path

from resources.home import make_folder

MAX_BYTES = 10_000_000
# Older files beside it: `realestate.jsonl.1` is the newest of them.
KEPT = 5


class SharedFileHandler(logging.Handler):
    """Appends whole lines; whichever process finds the file full moves it aside for all.

    The handlers of the standard library rotate for one process: a second one would go on writing into the
    file that was moved.
    """

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES, kept: int = KEPT) -> None:
        """Take the place; the file is made by the first line."""
        super().__init__()
        self.path, self._max_bytes, self._kept = path, max_bytes, kept
        self._descriptor: int | None = None
        self._is_lost = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line; a disk that takes no more costs the line, not the work, and that is told once."""
        try:
            line = f"{self.format(record)}\n".encode("utf-8", "backslashreplace")
            # One call: lines of several processes do not mix.
            os.write(self._opened(len(line)), line)
            self._is_lost = False
        except OSError as error:
            if not self._is_lost and sys.stderr is not None:
                sys.stderr.write(f"Log lines are lost until {self.path} takes them: {error.strerror}\n")
            self._is_lost = True
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Close the file; a later line opens it again."""
        with self.lock or contextlib.nullcontext():
            self._let_go()
        super().close()

    def _let_go(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _opened(self, more: int) -> int:
        if self._descriptor is None or not self._is_current(self._descriptor):
            self._let_go()
            self._descriptor = self._open()
        size = os.fstat(self._descriptor).st_size
        if size and size + more > self._max_bytes:
            self._rotate(more)
            self._let_go()
            self._descriptor = self._open()
        return self._descriptor

    def _open(self) -> int:
        make_folder(self.path.parent)
        return os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def _is_current(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), self.path.stat())
        except FileNotFoundError:
            return False

    def _rotate(self, more: int) -> None:
        lock = os.open(self._beside("lock"), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # Another process may have moved it while this one waited.
            if self.path.exists() and self.path.stat().st_size + more > self._max_bytes:
                for number in range(self._kept - 1, 0, -1):
                    with contextlib.suppress(FileNotFoundError):
                        self._beside(number).replace(self._beside(number + 1))
                self.path.replace(self._beside(1))
        finally:
            os.close(lock)

    def _beside(self, ending: int | str) -> Path:
        return self.path.with_name(f"{self.path.name}.{ending}")
