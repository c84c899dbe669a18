"""Ctrl-C and SIGTERM: noticed wherever they arrive, so that a run ends canceled and not failed.

Dagster puts handlers of its own in place while a run goes, which keep no word of the signal, and takes an
interruption that nobody announced for a failure. So a pipe that the interpreter itself writes each signal to
is looked at whenever an event of the run is written.
"""

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
# What a shell reports of a process that a signal ended.
SIGNAL_EXIT = 128
STOPPED = "Stopped. What was finished is kept; run the same command again to go on."


class Stopped(KeyboardInterrupt):
    """Somebody asked this process to stop."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(STOPPED)
        self.signal_number = signal_number

    @property
    def exit_code(self) -> int:
        """130 after Ctrl-C, 143 after SIGTERM."""
        return SIGNAL_EXIT + self.signal_number


class _Signals:
    """The pipe, while somebody listens, and the first signal that came through it."""

    pipe: socket.socket | None = None
    first: int | None = None


def stop_signal() -> int | None:
    """The signal by which this process was asked to stop; None where it was not."""
    if _Signals.pipe is not None and _Signals.first is None:
        try:
            received = _Signals.pipe.recv(64)
        except BlockingIOError:
            received = b""
        _Signals.first = next((number for number in received if number in SIGNALS), None)
    return _Signals.first


@contextmanager
def stop_signals_are_noticed() -> Iterator[None]:
    """Within this, Ctrl-C and SIGTERM raise `Stopped`, and `stop_signal` tells of them.

    A second one, while the first is being answered, ends the process at once.
    """
    if threading.current_thread() is not threading.main_thread() or _Signals.pipe is not None:
        yield  # only the main thread may set handlers; who listens already goes on listening
        return
    reader, writer = socket.socketpair()
    reader.setblocking(False)
    writer.setblocking(False)
    before = {number: signal.getsignal(number) for number in SIGNALS}
    pipe_before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    _Signals.pipe, _Signals.first = reader, None
    try:
        for number in SIGNALS:
            signal.signal(number, raise_stopped)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(pipe_before)
        _Signals.pipe, _Signals.first = None, None
        reader.close()
        writer.close()


def raise_stopped(number: int, _: FrameType | None) -> None:
    """The handler of both signals."""
    for each in SIGNALS:
        signal.signal(each, signal.SIG_DFL)
    raise Stopped(number)
