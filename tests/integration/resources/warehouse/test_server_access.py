"""The embedded Postgres lets in its owner and root, and no other account of the machine."""

import os
import pwd
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from resources.warehouse import embedded
from resources.warehouse import server_access as access
from resources.warehouse.resource import WarehouseResource
from resources.warehouse.server_programs import account_for, programs_folder

pytestmark = pytest.mark.integration

OTHER = "nobody"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another account")


def as_other(command: list[str]) -> subprocess.CompletedProcess[str]:
    """A command run by another account of this machine."""
    account = pwd.getpwnam(OTHER)
    return subprocess.run(
        command,
        user=account.pw_uid,
        group=account.pw_gid,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


def knock(socket_dir: str) -> str:
    """What another account hears that would be superuser."""
    psql = str(programs_folder() / "psql")
    done = as_other([psql, "-h", socket_dir, "-U", "postgres", "-Atc", "select current_user", "postgres"])
    assert done.returncode != 0, done.stdout
    return done.stderr


@pytest.fixture(scope="module")
def long_root(servers_folder: Path):
    """A data folder whose path is too long for a socket, where no XDG_RUNTIME_DIR is set."""
    root = Path(tempfile.mkdtemp(dir=servers_folder, prefix="long-")) / ("long" * 25) / "postgres"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("XDG_RUNTIME_DIR", raising=False)
        yield root
    embedded.leave(root)


def test_the_sockets_folder_is_the_owners_alone_also_where_the_path_is_long(long_root):
    where = Path(WarehouseResource(embedded_root=str(long_root)).connection_parts()["host"])
    account = account_for(long_root / embedded.DATA_FOLDER)
    assert where.parent == Path(tempfile.gettempdir())
    assert access.is_private(where, account)
    for folder in (long_root, long_root / embedded.DATA_FOLDER):
        assert stat.S_IMODE(folder.stat().st_mode) & 0o007 == 0
    assert (long_root / "holders.lock").stat().st_mode & 0o077 == 0


@needs_root
def test_another_account_cannot_come_in_and_is_refused_where_somebody_opened_the_folder(long_root):
    where = Path(WarehouseResource(embedded_root=str(long_root)).connection_parts()["host"])
    assert "Permission denied" in knock(str(where))
    socket = where / access.SOCKET_NAME
    where.chmod(0o755)
    socket.chmod(0o777)
    try:
        assert "Peer authentication failed" in knock(str(where))
    finally:
        where.chmod(0o700)


@needs_root
def test_a_data_folder_that_trusted_its_callers_is_moved_over_while_it_runs_and_at_its_next_start(long_root):
    warehouse = WarehouseResource(embedded_root=str(long_root))
    for is_running in (True, False):
        where = Path(warehouse.connection_parts()["host"])
        hba = long_root / embedded.DATA_FOLDER / "pg_hba.conf"
        hba.write_text("local all all trust\n")
        warehouse.read("select pg_reload_conf() as done")
        # Left and joined again, as by another process; or stopped and started.
        embedded._holders.pop(long_root / embedded.DATA_FOLDER) if is_running else embedded.leave(long_root)
        where = Path(warehouse.connection_parts()["host"])
        assert hba.read_text() == access.HBA
        where.chmod(0o755)
        (where / access.SOCKET_NAME).chmod(0o777)
        assert "Peer authentication failed" in knock(str(where))
        where.chmod(0o700)
        assert warehouse.read("select 1 as n").num_rows == 1


SECOND_USER = """
import os, sys
from pathlib import Path
from resources.warehouse.embedded import leave, server_uri
from resources.warehouse.connections import open_connection, query
# Root's own first: all is imported then, for another account may not read this Python.
first, second, uid, gid = sys.argv[1:]
open_connection(server_uri(Path(first), "postgres")).close()
leave(Path(first))
os.setgroups([]); os.setgid(int(gid)); os.setuid(int(uid))
connection = open_connection(server_uri(Path(second), "mine"))
print(query(connection, "select current_database()::text as name"))
connection.close()
"""


@needs_root
def test_a_second_user_of_the_machine_has_a_server_of_his_own(postgres_root, servers_folder):
    other = pwd.getpwnam(OTHER)
    home = Path(tempfile.mkdtemp(dir=servers_folder, prefix="other-"))
    os.chown(home, other.pw_uid, other.pw_gid)
    servers_folder.chmod(servers_folder.stat().st_mode | 0o001)
    command = [sys.executable, "-c", SECOND_USER, str(postgres_root), str(home / "postgres")]
    done = subprocess.run(
        [*command, str(other.pw_uid), str(other.pw_gid)], capture_output=True, text=True, check=False
    )
    assert "'name': 'mine'" in done.stdout, done.stderr
    assert (home / "postgres" / embedded.DATA_FOLDER).stat().st_uid == other.pw_uid
    assert not (home / "postgres" / embedded.DATA_FOLDER / "postmaster.pid").exists()
