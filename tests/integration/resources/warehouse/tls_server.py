"""Postgres with TLS, of the machine: the wheel's programs know none. Its roles have few powers."""

import os
import shutil
import subprocess
from pathlib import Path

from resources.warehouse.server_programs import account_for, let_in
from tests.certificates import Authority
from tests.seaweed import free_ports

PASSWORD = "s3cret%2F"
PLAIN_PASSWORD = "s3cret/"
ROLES_SQL = f"""
create role owner_only login password '{PLAIN_PASSWORD}' nosuperuser nocreatedb nocreaterole;
create role certain login;
create role analyst nologin;
create role ann login password '{PLAIN_PASSWORD}' in role analyst;
create database homes owner owner_only;
create database dagster owner owner_only;
create database certain owner certain;
"""
HBA = """local all all trust
local replication all trust
hostssl all certain 127.0.0.1/32 cert
hostssl all all 127.0.0.1/32 scram-sha-256
"""


def programs() -> Path | None:
    """The newest server of the machine; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3]))
    return found[-1].parent if found else None


class TlsServer:
    """A server that lets nobody in by the network without TLS.

    Args:
        folder: of its data, certificates and socket.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.account = account_for(folder)
        self.port, self.replica_port = free_ports(2)
        self.authority = Authority.create(folder / "authority")
        self.ca = self.authority.file
        self.other_ca = Authority.create(folder / "authority", "other").file
        self.client = self.authority.sign("certain")
        os.chown(folder, self.account.uid, self.account.gid)
        let_in(self.account, folder)

    def start(self) -> None:
        """Make and start it."""
        data = self.folder / "main"
        self.run(
            "initdb", "-D", str(data), "-U", "postgres", "--auth", "trust", "-E", "UTF8", "--locale=C.UTF-8"
        )
        for made, name in zip(
            self.authority.sign("server", ("127.0.0.1",)), ("server.crt", "server.key"), strict=True
        ):
            shutil.copy(made, data / name)
            self._owned(data / name)
        shutil.copy(self.ca, data / "ca.crt")
        self._owned(data / "ca.crt")
        (data / "pg_hba.conf").write_text(HBA)
        lines = [
            "ssl = on",
            "ssl_ca_file = 'ca.crt'",
            "listen_addresses = '127.0.0.1'",
            f"unix_socket_directories = '{self.folder}'",
            "fsync = off",
        ]
        self.configure(data, self.port, *lines)
        self.pg_ctl("start", data)
        self.sql(ROLES_SQL)

    def replica(self) -> None:
        """A standby that streams what the server writes."""
        data = self.folder / "standby"
        where = ["-h", str(self.folder), "-p", str(self.port), "-U", "postgres"]
        self.run("pg_basebackup", *where, "-D", str(data), "-R", "-X", "stream", "-c", "fast")
        self.configure(data, self.replica_port)
        self.pg_ctl("start", data)

    def stop(self) -> None:
        """Stop what runs of it."""
        for name in ("standby", "main"):
            if (self.folder / name / "postmaster.pid").exists():
                self.pg_ctl("stop", self.folder / name, "-m", "immediate")

    def url(
        self, user: str = "owner_only", database: str = "homes", *, replica: bool = False, **tls: object
    ) -> str:
        """An address with what is said of TLS: by default verify-full with the right authority."""
        options = {"sslmode": "verify-full", "sslrootcert": self.ca} | tls
        query = "&".join(f"{name}={value}" for name, value in options.items() if value)
        secret = "" if user == "certain" else f":{PASSWORD}"
        port = self.replica_port if replica else self.port
        return f"postgresql://{user}{secret}@127.0.0.1:{port}/{database}?{query}"

    def sql(self, text: str) -> None:
        """Run statements as the administrator, by the socket."""
        where = ["-h", str(self.folder), "-p", str(self.port), "-U", "postgres"]
        for each in filter(str.strip, text.split(";")):
            self.run("psql", *where, "-v", "ON_ERROR_STOP=1", "-c", each)

    def configure(self, data: Path, port: int, *lines: str) -> None:
        """Append to a data folder's settings."""
        with (data / "postgresql.conf").open("a") as file:
            file.write("\n".join([f"port = {port}", *lines]) + "\n")

    def pg_ctl(self, action: str, data: Path, *more: str) -> None:
        """Start or stop the server of a data folder."""
        self.run("pg_ctl", action, "-w", "-D", str(data), "-l", str(self.folder / f"{data.name}.log"), *more)

    def run(self, program: str, *arguments: str) -> None:
        """One of the server's programs, as its account."""
        folder = programs()
        assert folder is not None
        account = self.account
        as_account = {} if account.is_own else {"user": account.uid, "group": account.gid, "extra_groups": []}
        log = self.folder / "programs.log"
        with log.open("ab") as said:
            # Not by pipes: a server that is started keeps them open.
            code = subprocess.run(
                [str(folder / program), *arguments],
                stdout=said,
                stderr=said,
                cwd=self.folder,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
                check=False,
                timeout=120,
                **as_account,
            ).returncode
        assert code == 0, log.read_text()[-2000:]

    def _owned(self, path: Path) -> None:
        path.chmod(0o600)
        os.chown(path, self.account.uid, self.account.gid)
