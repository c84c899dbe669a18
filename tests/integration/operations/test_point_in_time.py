"""The recipe for a point in time of an external Postgres (docs/operations.md), as it is written there."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from realestate_assets.domain.tables import PROPERTIES, SCORES
from resources.warehouse.resource import WarehouseResource
from resources.warehouse.server_programs import account_for, let_in, run_program
from tests.seaweed import free_ports

pytestmark = [pytest.mark.integration, pytest.mark.long]


class Server:
    """A Postgres of one's own: data folder, archive of its log, port."""

    def __init__(self, folder: Path) -> None:
        self.account = account_for(folder)
        self.folder, self.archive = folder, folder / "archive"
        (self.port,) = free_ports(1)
        for each in (folder, self.archive):
            each.mkdir(exist_ok=True)
            os.chown(each, self.account.uid, self.account.gid)
        let_in(self.account, folder)

    def run(self, *arguments: str) -> None:
        with tempfile.TemporaryFile() as said:
            code = run_program(self.account, arguments, timeout=120, output=said)
            said.seek(0)
            assert code == 0, f"{arguments[0]}: {said.read().decode()}"

    def configure(self, data: Path, *lines: str) -> None:
        with (data / "postgresql.conf").open("a") as file:
            file.write("\n".join(lines) + "\n")

    def start(self, data: Path) -> None:
        self.run("pg_ctl", "start", "-w", "-D", str(data), "-l", str(self.folder / "log"))

    def stop(self, data: Path) -> None:
        self.run("pg_ctl", "stop", "-m", "fast", "-D", str(data))

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"


@pytest.fixture
def server(servers_folder: Path) -> Iterator[Server]:
    made = Server(servers_folder / "point_in_time")
    yield made
    for data in ("main", "restored"):
        if (made.folder / data / "postmaster.pid").exists():
            made.stop(made.folder / data)


def test_tables_come_back_as_of_the_second_before_the_mistake(server):
    main, restored, base = (server.folder / name for name in ("main", "restored", "base"))
    server.run("initdb", "-D", str(main), "-U", "postgres", "--auth", "trust")
    server.configure(
        main,
        f"port = {server.port}",
        "unix_socket_directories = ''",
        "wal_level = replica",
        "archive_mode = on",
        f"archive_command = 'test ! -f {server.archive}/%f && cp %p {server.archive}/%f'",
    )
    server.start(main)
    warehouse = WarehouseResource(url=server.url)
    warehouse.ensure_tables([PROPERTIES, SCORES])
    warehouse.execute("create table ops.kept (value int)")
    warehouse.execute("insert into ops.kept select generate_series(1, 1000)")
    server.run("pg_basebackup", "-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres", "-D", str(base))
    warehouse.execute("insert into ops.kept select generate_series(1001, 3000)")
    time.sleep(1)
    before = datetime.now(UTC)
    time.sleep(1)
    warehouse.execute("delete from ops.kept")
    warehouse.execute("drop table raw.scores cascade")
    last = warehouse.read("select pg_walfile_name(pg_switch_wal()) as name")["name"][0].as_py()
    for _ in range(60):
        if (server.archive / last).exists():
            break
        time.sleep(0.5)
    server.stop(main)

    subprocess.run(["cp", "-a", str(base), str(restored)], check=True)
    server.configure(
        restored,
        f"restore_command = 'cp {server.archive}/%f %p'",
        f"recovery_target_time = '{before.isoformat()}'",
        "recovery_target_action = 'promote'",
    )
    (restored / "recovery.signal").touch()
    os.chown(restored / "recovery.signal", server.account.uid, server.account.gid)
    server.start(restored)
    again = WarehouseResource(url=server.url)
    for _ in range(60):
        if not again.read("select pg_is_in_recovery() as waits")["waits"][0].as_py():
            break
        time.sleep(0.5)
    assert again.read("select count(*) as n, max(value) as m from ops.kept").to_pylist() == [
        {"n": 3000, "m": 3000}
    ]
    assert again.read("select count(*) as n from raw.scores")["n"].to_pylist() == [0]
    again.execute("insert into ops.kept values (3001)")
