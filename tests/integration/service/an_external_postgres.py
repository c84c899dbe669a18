"""A Postgres that asks for passwords, whose platform's user makes no roles, and PgBouncer before it."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg2

from resources.warehouse.server_programs import account_for, let_in, run_program
from tests.seaweed import free_ports

PGBOUNCER = shutil.which("pgbouncer") or next(filter(os.path.exists, ["/usr/sbin/pgbouncer"]), "")
PASSWORDS = {
    "postgres": "s3cret of root",
    "owner_only": "s3cret/owner",
    "realestate_service": "s3cret:service",
}
ROLES_SQL = f"""
create role owner_only login password '{PASSWORDS["owner_only"]}' nosuperuser nocreatedb nocreaterole;
create role analyst nologin;
create database homes owner owner_only;
"""
POOLER = """
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
pool_mode = transaction
max_client_conn = 200
default_pool_size = 3
ignore_startup_parameters = extra_float_digits,options
"""


class ExternalPostgres:
    """A server of the wheel by TCP, with the roles that an administrator made, and a pooler before it.

    Args:
        folder: of its data.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder, self.data = folder, folder / "main"
        self.account = account_for(folder)
        self.port, self.pooler_port = free_ports(2)
        os.chown(folder, self.account.uid, self.account.gid)
        let_in(self.account, folder)
        self._pooler: subprocess.Popen | None = None

    def start(self) -> None:
        """Make and start server and pooler."""
        password = self._owned("password", PASSWORDS["postgres"])
        self._run(
            "initdb", "-D", str(self.data), "-U", "postgres", "--auth", "scram-sha-256", "-E", "UTF8",
            "--locale=C.UTF-8", f"--pwfile={password}",
        )  # fmt: skip
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(f"port = {self.port}\nunix_socket_directories = ''\nfsync = off\n")
        self._run("pg_ctl", "start", "-w", "-D", str(self.data), "-l", str(self.folder / "log"))
        self.sql(ROLES_SQL)

    def start_pooler(self, *known: str) -> None:
        """PgBouncer, which knows some roles."""
        users = self._owned("users", "".join(f'"{name}" "{PASSWORDS[name]}"\n' for name in known))
        config = self._owned(
            "pooler.ini", POOLER.format(server=self.port, port=self.pooler_port, users=users)
        )
        as_user = ["-u", self.account.name] if os.geteuid() == 0 else []
        with (self.folder / "pooler.log").open("w") as log:
            self._pooler = subprocess.Popen([PGBOUNCER, *as_user, str(config)], stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg2.connect(self.url("owner_only", pooled=True)).close()
                return
            except psycopg2.OperationalError:
                said = (self.folder / "pooler.log").read_text()
                assert self._pooler.poll() is None and time.monotonic() < deadline, said
                time.sleep(0.1)

    def stop_pooler(self) -> None:
        """End the pooler."""
        if self._pooler:
            self._pooler.kill()
            self._pooler.wait(10)
            self._pooler = None

    def stop(self) -> None:
        """End both."""
        self.stop_pooler()
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "stop", "-m", "immediate", "-D", str(self.data))

    def url(
        self, role: str, *, pooled: bool = False, password: str | None = None, database: str = "homes"
    ) -> str:
        """Where a role connects."""
        secret = (password or PASSWORDS[role]).replace("/", "%2F").replace(":", "%3A").replace(" ", "%20")
        port = self.pooler_port if pooled else self.port
        return f"postgresql://{role}:{secret}@127.0.0.1:{port}/{database}"

    def sql(self, statements: str, database: str = "postgres") -> None:
        """Run as the administrator."""
        connection = psycopg2.connect(self.url("postgres", database=database))
        connection.autocommit = True
        with connection.cursor() as cursor:
            for each in filter(str.strip, statements.split(";\n")):
                cursor.execute(each)
        connection.close()

    def _owned(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        os.chown(path, self.account.uid, self.account.gid)
        return path

    def _run(self, *arguments: str) -> None:
        with tempfile.TemporaryFile() as said:
            code = run_program(self.account, arguments, timeout=120, output=said)
            said.seek(0)
            assert code == 0, f"{arguments[0]}: {said.read().decode()}"
