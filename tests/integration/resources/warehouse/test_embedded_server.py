"""The embedded Postgres is shared by processes, survives kills and stops with its last user."""

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from resources.errors import PermanentError
from resources.warehouse import embedded as embedded_postgres
from resources.warehouse.resource import WarehouseResource

pytestmark = pytest.mark.integration

# Light imports: each of these processes takes its time from the suite.
PROLOGUE = """
import sys
from pathlib import Path
from resources.warehouse import connections as postgres
from resources.warehouse.embedded import server_uri
def ask(sql):
    connection = postgres.open_connection(server_uri(Path(sys.argv[1]), "shared"), autocommit=True)
    rows = postgres.query(connection, sql) if sql.startswith("select") else postgres.run(connection, sql)
    connection.close()
    return rows and rows[0]["n"]
def say(text): print(text, flush=True)
def wait(): sys.stdin.readline()
"""


class Process:
    """A Python process that works on the server of `root` and speaks line by line."""

    def __init__(self, root: Path, code: str) -> None:
        script = PROLOGUE + textwrap.dedent(code)
        self.process = subprocess.Popen(
            [sys.executable, "-c", script, str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def says(self) -> str:
        return self.process.stdout.readline().strip()

    def go_on(self) -> None:
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def end(self) -> int:
        self.process.communicate(timeout=60)
        return self.process.returncode


def server_pid(root: Path) -> int | None:
    file = root / embedded_postgres.DATA_FOLDER / "postmaster.pid"
    return int(file.read_text().splitlines()[0]) if file.exists() else None


def writer(table: str) -> str:
    return f"""
    ask("create table if not exists {table} (n int)")
    ask("insert into {table} select generate_series(1, 1000)")
    say("written")
    wait()
    say(ask("select count(*) as n from {table}"))
    """


def reader(table: str) -> str:
    return f"say(ask('select count(*) as n from {table}'))"


@pytest.fixture(scope="module")
def root(servers_folder: Path) -> Path:
    """A server of this module alone, which each test leaves stopped."""
    return servers_folder / f"own-{os.getpid()}"


@pytest.fixture
def own_folder(servers_folder: Path) -> Path:
    """An empty folder; not below pytest's, which another session of pytest closes to the server's account."""
    return Path(tempfile.mkdtemp(dir=servers_folder, prefix="own-"))


def test_after_a_kill_of_the_server_every_process_sees_all_committed_rows(root):
    warehouse = WarehouseResource(embedded_root=str(root), database="shared")
    try:
        warehouse.execute("create table killed as select generate_series(1, 1000) as n")
        os.kill(server_pid(root), signal.SIGKILL)
        newcomer = Process(root, reader("killed"))
        assert newcomer.says() == "1000"
        assert newcomer.end() == 0
        assert warehouse.read("select count(*) as n from killed")["n"].to_pylist() == [1000]
        os.kill(server_pid(root), signal.SIGKILL)
        assert warehouse.read("select count(*) as n from killed")["n"].to_pylist() == [1000]
    finally:
        embedded_postgres.leave(root)
    assert server_pid(root) is None


def test_processes_that_start_together_share_it_and_the_last_one_stops_it(root):
    crowd = [Process(root, writer(f"shared_{n}")) for n in range(2)]
    assert [each.says() for each in crowd] == ["written"] * 2
    pid = server_pid(root)
    for each in crowd:
        assert server_pid(root) == pid
        each.go_on()
        assert each.says() == "1000"
        assert each.end() == 0
    assert server_pid(root) is None


def test_a_killed_user_does_not_keep_the_server_from_stopping(root):
    killed = Process(root, writer("orphaned"))
    assert killed.says() == "written"
    killed.process.kill()
    killed.process.communicate()
    assert server_pid(root) is not None
    last = Process(root, reader("orphaned"))
    assert last.says() == "1000"
    assert last.end() == 0
    assert server_pid(root) is None


def test_a_pid_file_left_over_from_before_a_reboot_is_not_trusted(root):
    """The number in it belongs to another program by then."""
    folder = root / embedded_postgres.DATA_FOLDER
    lines = [os.getpid(), folder, int(time.time()), 5432, folder, "", "1 1", "ready"]
    (folder / "postmaster.pid").write_text("\n".join(map(str, lines)) + "\n")
    try:
        assert "host=" in embedded_postgres.server_uri(root, "shared")
    finally:
        embedded_postgres.leave(root)


def test_a_forked_child_that_ends_leaves_the_server_up(root):
    parent = Process(
        root,
        """
        import os
        pid_file = Path(sys.argv[1]) / "pg18" / "postmaster.pid"
        ask("select 1 as n")
        before = pid_file.read_text()
        child = os.fork()
        if child == 0:
            sys.exit(0)
        os.waitpid(child, 0)
        ask("select 1 as n")
        say(pid_file.read_text() == before)
        """,
    )
    assert parent.says() == "True"
    assert parent.end() == 0


def initdbs(root: Path) -> list[psutil.Process]:
    """The processes of an initdb below a folder."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(str(root) in word for word in process.info["cmdline"] or [])
        and any(word.endswith(("initdb", "bin/postgres")) for word in process.info["cmdline"][:1])
    ]


def test_a_killed_first_start_is_waited_for_and_cleared_and_two_at_once_give_one_server(
    servers_folder,
):
    root = servers_folder / f"killed-{os.getpid()}"
    first = Process(root, "ask('select 1 as n')")
    deadline = time.monotonic() + 30
    while not list(root.glob(".pg18.*.new/PG_VERSION")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    first.process.kill()
    first.process.communicate()
    assert server_pid(root) is None
    assert initdbs(root), "the initdb goes on without its parent"
    # A folder that a process left which is long gone.
    (root / ".pg18.0.new").mkdir()
    pair = [Process(root, "say(ask('select 7 as n')); wait()") for _ in range(2)]
    assert [each.says() for each in pair] == ["7", "7"]
    assert not initdbs(root / ".pg18")
    assert not list(root.glob(".pg18.*.new"))
    (served,) = {server_pid(root)}
    assert {p.pid for p in psutil.process_iter(["ppid"]) if p.info["ppid"] == served}
    for each in pair:
        each.go_on()
        assert each.end() == 0
    assert server_pid(root) is None


def test_a_path_too_long_for_a_socket_works_all_the_same(servers_folder):
    long = servers_folder / ("long" * 25) / "postgres"
    warehouse = WarehouseResource(embedded_root=str(long))
    try:
        assert warehouse.read("select 7 as n")["n"].to_pylist() == [7]
        assert len(str(warehouse.connection_parts()["host"])) < 90
    finally:
        embedded_postgres.leave(long)


@pytest.mark.parametrize("name", ["my data", "it's", 'a"b'])
def test_a_path_that_postgres_cannot_take_is_refused_at_once(tmp_path, name):
    started = time.monotonic()
    with pytest.raises(PermanentError, match=r"REALESTATE_HOME.*DATABASE_URL"):
        embedded_postgres.server_uri(tmp_path / name, "x")
    assert time.monotonic() - started < 1


def test_a_server_that_does_not_start_is_explained_by_its_log(root, monkeypatch):
    monkeypatch.setattr(embedded_postgres, "START_SECONDS", 1)
    config = root / embedded_postgres.DATA_FOLDER / "postgresql.conf"
    text = config.read_text()
    config.write_text(text + "\nnonsense = 1\n")
    try:
        with pytest.raises(PermanentError, match=r"nonsense.*log"):
            embedded_postgres.server_uri(root, "shared")
    finally:
        config.write_text(text)
        embedded_postgres.leave(root)


def test_text_is_ordered_by_code_point_on_every_machine(warehouse):
    rows = warehouse.read("select v, upper(v) as u from (values ('b'), ('A'), ('é'), ('Z')) t(v) order by v")
    assert rows["v"].to_pylist() == ["A", "Z", "b", "é"]
    assert rows["u"].to_pylist() == ["A", "Z", "B", "É"]


def test_it_starts_where_the_environment_names_a_locale_that_is_not_installed(own_folder, monkeypatch):
    monkeypatch.setenv("LANG", "xx_XX.UTF-8")
    monkeypatch.setenv("LC_ALL", "xx_XX.UTF-8")
    warehouse = WarehouseResource(embedded_root=str(own_folder))
    try:
        assert warehouse.read("select upper('ä') as u").to_pylist() == [{"u": "Ä"}]
        assert os.environ["LC_ALL"] == "xx_XX.UTF-8"
    finally:
        embedded_postgres.leave(own_folder)


def test_a_data_folder_that_cannot_be_made_is_told_at_once_in_the_words_of_initdb(own_folder, monkeypatch):
    monkeypatch.setattr(embedded_postgres, "SUPERUSER", "pg_reserved")
    started = time.monotonic()
    with pytest.raises(PermanentError, match=r"cannot be made: .*pg_reserved") as caught:
        embedded_postgres.server_uri(own_folder, "realestate")
    embedded_postgres.leave(own_folder)
    assert time.monotonic() - started < embedded_postgres.START_SECONDS / 2, "it was tried again and again"
    assert "log is" not in str(caught.value)
