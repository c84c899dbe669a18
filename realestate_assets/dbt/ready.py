"""A dbt that stands ready: its modules are imported once, and each call is a fork of what holds them.

Importing dbt takes three seconds of CPU, and a run calls it two or three times. `ready_dbt` starts one
process for this one and names it in a variable; `child`, which is started as before for each call, hands
the call to it and ends with it, in whatever way that ends. Where the process is gone, `child` imports dbt
itself.

A fork inherits modules and nothing else: arguments, environment, folder and output are those of the caller.
"""

import array
import atexit
import contextlib
import json
import os
import selectors
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NoReturn

from resources.imports import collection_paused
from resources.parent_death import signal_when_parent_ends

# Names the socket of the process that stands ready.
SOCKET_VARIABLE = "REALESTATE_DBT_SOCKET"
SERVE = "--stand-ready"
# How often it looks whether its parent is still there.
LOOK_SECONDS = 0.5
NUMBER = struct.Struct("!i")
LENGTH = struct.Struct("!I")


@dataclass
class _Standing:
    """The process that stands ready for this one: of a fork of this one, none."""

    process: subprocess.Popen | None = None
    owner: int = 0
    folder: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)


_standing = _Standing()


def ready_dbt() -> dict[str, str]:
    """The variable by which `child` finds a dbt that stands ready; it is started where there is none yet.

    It needs no waiting for: a call that comes before it has imported all waits in its queue.
    """
    with _standing.lock:
        process = _standing.process
        if process is None or process.poll() is not None or _standing.owner != os.getpid():
            _start()
        return {SOCKET_VARIABLE: _path(_standing.folder)}


def _start() -> None:
    if not _standing.folder or _standing.owner != os.getpid():
        # For this user alone: whoever reaches the socket runs dbt as this user.
        _standing.folder = tempfile.mkdtemp(prefix="realestate-dbt-")
        atexit.register(shutil.rmtree, _standing.folder, ignore_errors=True)
    # Bound here, so that it is there before the process is.
    Path(_path(_standing.folder)).unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(_path(_standing.folder))
        listener.listen()
        _standing.process = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__, SERVE, str(listener.fileno()), str(os.getpid())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
        )
    _standing.owner = os.getpid()


def _path(folder: str) -> str:
    return f"{folder}/dbt"


def hand_over(path: str, args: list[str]) -> int | None:
    """Have dbt called with these arguments by the process that stands ready, as this process would call it.

    Returns:
        Its exit code, negative for the signal that ended it; None where no process stands ready.
    """
    with socket.socket(socket.AF_UNIX) as line:
        try:
            line.connect(path)
            said = json.dumps({"args": args, "env": dict(os.environ), "cwd": str(Path.cwd())}).encode()
            socket.send_fds(line, [LENGTH.pack(len(said))], [1, 2])
            line.sendall(said)
            pid = _number(line)
        except OSError:
            return None
        if pid is None:
            return None
        for wanted in (signal.SIGTERM, signal.SIGINT):
            signal.signal(wanted, partial(_pass_on, pid))
        code = _number(line)
        # It was killed, and the call with it.
        return -signal.SIGKILL if code is None else code


def _number(line: socket.socket) -> int | None:
    said = b""
    while len(said) < NUMBER.size:
        more = line.recv(NUMBER.size - len(said))
        if not more:
            return None
        said += more
    return NUMBER.unpack(said)[0]


def _pass_on(pid: int, number: int, frame: FrameType | None) -> None:
    """Have the call hear what this process hears, and wait for its end."""
    _signal(pid, number)


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def stand_ready(listener: socket.socket, parent: int) -> None:
    """Import dbt, and fork for each call until the parent ends."""
    with collection_paused():
        import dbt.adapters.postgres
        import dbt.cli.main  # noqa: F401
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    # Ctrl-C in a terminal reaches this process too; who called decides what becomes of a call.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    calls: dict[int, socket.socket] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while os.getppid() == parent:
            for key, _ in selector.select(LOOK_SECONDS):
                if key.fileobj is listener:
                    line, _ = listener.accept()
                    if (fork := _forked(line, [listener, *calls.values()])) is not None:
                        calls[fork] = line
                        selector.register(line, selectors.EVENT_READ, fork)
                elif key.fileobj == woken:
                    with contextlib.suppress(BlockingIOError):
                        os.read(woken, 4096)
                elif key.data in calls:
                    # Whoever called has ended without waiting: it was killed.
                    _signal(key.data, signal.SIGKILL)
                    selector.unregister(key.fileobj)
            for pid, code in _ended():
                if waiting := calls.pop(pid, None):
                    with contextlib.suppress(KeyError):
                        selector.unregister(waiting)
                    with contextlib.suppress(OSError), waiting:
                        waiting.sendall(NUMBER.pack(code))
    for pid in calls:
        _signal(pid, signal.SIGKILL)
    # A parent that was killed has not done so.
    shutil.rmtree(Path(listener.getsockname()).parent, ignore_errors=True)


def _ended() -> list[tuple[int, int]]:
    found = []
    with contextlib.suppress(ChildProcessError):
        while (child := os.waitpid(-1, os.WNOHANG))[0]:
            found.append((child[0], os.waitstatus_to_exitcode(child[1])))
    return found


def _forked(line: socket.socket, others: list[socket.socket]) -> int | None:
    """Read a call and fork for it; the child's pid, None where the caller went away meanwhile."""
    try:
        # Whoever connects says all at once; a caller that hangs must not hold up the others.
        line.settimeout(5)
        head, fds, _, _ = socket.recv_fds(line, LENGTH.size, 2)
        length, said = LENGTH.unpack(head)[0], b""
        while len(said) < length and (more := line.recv(length - len(said))):
            said += more
        call = json.loads(said)
    except (OSError, ValueError, struct.error):
        line.close()
        return None
    line.settimeout(None)
    pid = os.fork()
    if pid == 0:
        _call(call, fds, [line, *others])
    for fd in fds:
        os.close(fd)
    # Where the caller is gone by now, its line says so.
    with contextlib.suppress(OSError):
        line.sendall(NUMBER.pack(pid))
    return pid


def _call(call: dict, fds: "list[int] | array.array[int]", inherited: list[socket.socket]) -> NoReturn:
    """In the fork: be the caller, call dbt, and end as a process of its own does."""
    signal_when_parent_ends(signal.SIGKILL)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for other in inherited:
        other.close()
    for target, fd in zip((1, 2), fds, strict=True):
        os.dup2(fd, target)
        os.close(fd)
    os.chdir(call["cwd"])
    os.environ.clear()
    os.environ.update(call["env"])
    sys.exit(run(call["args"]))


def run(args: list[str]) -> int:
    """Call dbt in this process; its exit code."""
    with collection_paused():
        from dbt.cli.main import cli
    sys.argv = ["dbt", *args]
    try:
        cli(prog_name="dbt", args=args)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    return 0


if __name__ == "__main__":
    stand_ready(socket.socket(fileno=int(sys.argv[2])), int(sys.argv[3]))
