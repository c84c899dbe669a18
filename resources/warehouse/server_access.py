"""Who may reach the embedded Postgres: the owner of its data on this machine, and root, and nobody else.

The socket lies in a folder that only the owner may enter, and the server asks the machine who is calling
(authentication `peer`) instead of trusting what a caller says.
"""

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from resources.warehouse.server_programs import Account, let_in
from resources.whole_file import replace_file

# What a socket's path may have: 107 bytes on Linux, 103 on macOS.
MAX_SOCKET_PATH = 103
PORT = 5432
SOCKET_NAME = f".s.PGSQL.{PORT}"
# Beside the data: where the socket lies when it does not lie with them.
NOTE = "socket-folder"

HBA = """\
# Written by Real Estate OS at each start; what is changed here is lost. Who calls is asked of the machine:
# pg_ident.conf names the accounts that may come in, as any role.
local all         all peer map=realestate
local replication all peer map=realestate
"""


def _ident(account: Account) -> str:
    names = dict.fromkeys((account.name, "root"))
    lines = "".join(f'realestate "{name}" all\n' for name in names)
    return f"# Written by Real Estate OS at each start; what is changed here is lost.\n{lines}"


def restrict(folder: Path, account: Account) -> bool:
    """Let the owner and root alone into the server of a data folder; True where others could come in before.

    A server that runs reads it when it is told to, else at its next start.
    """
    changed = False
    for name, text in (("pg_hba.conf", HBA), ("pg_ident.conf", _ident(account))):
        path = folder / name
        if path.exists() and path.read_text() == text:
            continue
        # The server may be reading it.
        owner = None if account.is_own else (account.uid, account.gid)
        replace_file(path, text.encode(), mode=0o600, owner=owner)
        changed = True
    return changed


def socket_folder(folder: Path, account: Account) -> Path:
    """Folder for the socket: the data folder itself, or, where its path is too long, one made for it.

    That one has a name that nobody can foresee, so that nobody can be there first; the note of it is used
    again while the folder is still the account's own and closed to others.
    """
    if _fits(folder):
        return folder
    note = folder.parent / NOTE
    with contextlib.suppress(FileNotFoundError):
        noted = Path(note.read_text().strip())
        if noted.is_absolute() and _fits(noted) and is_private(noted, account):
            return noted
    made = Path(tempfile.mkdtemp(prefix="realestate-", dir=_runtime_folder(account)))
    if not account.is_own:
        os.chown(made, account.uid, account.gid)
        let_in(account, made)
    new = note.with_suffix(".new")
    new.write_text(f"{made}\n")
    new.replace(note)
    return made


def forget_socket_folder(folder: Path) -> None:
    """Remove the folder that was made for the socket of a server that has stopped."""
    note = folder.parent / NOTE
    with contextlib.suppress(OSError):
        noted = Path(note.read_text().strip())
        note.unlink()
        noted.rmdir()


def is_private(path: Path, account: Account) -> bool:
    """True for a folder of the account, no link, that nobody else may enter."""
    try:
        found = path.lstat()
    except OSError:
        return False
    return (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid == account.uid
        and stat.S_IMODE(found.st_mode) & 0o077 == 0
    )


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / SOCKET_NAME)) <= MAX_SOCKET_PATH


def _runtime_folder(account: Account) -> Path:
    """Where a folder for the socket may be made, by a path that is short enough."""
    own = os.environ.get("XDG_RUNTIME_DIR")
    # Root's own is closed to the account of the server.
    if own and account.is_own and is_private(Path(own), account) and _fits(Path(own) / "realestate-12345678"):
        return Path(own)
    temporary = Path(tempfile.gettempdir())
    return temporary if _fits(temporary / "realestate-12345678") else Path("/tmp")  # noqa: S108 # nosec B108 - a folder of its own is made there
