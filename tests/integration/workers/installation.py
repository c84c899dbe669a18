"""An installation of several processes, as on many machines: Postgres behind PgBouncer, S3, Redis, workers.

Of Qdrant there is no server here: the workers share the embedded index, as those of one machine may.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from resources.home import PROJECT_ROOT
from resources.lake.store import StoreResource
from resources.warehouse import embedded
from resources.warehouse.resource import WarehouseResource
from resources.warehouse.server_programs import account_for
from tests.integration.command_line import REALESTATE, environment
from tests.seaweed import S3Server, free_ports

WORKSPACE = PROJECT_ROOT / "workspace.yaml"
NEEDED = ("redis-server", "pgbouncer")
MISSING = [name for name in NEEDED if not shutil.which(name) and not Path(f"/usr/sbin/{name}").exists()]
POOLER = """
[databases]
* = host={server} port=5432 user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_client_conn = 500
default_pool_size = 40
ignore_startup_parameters = extra_float_digits
"""


class Installation:
    """Services, and what was started of the platform over them."""

    def __init__(self, home: Path, env: dict[str, str], url: str, lake: StoreResource) -> None:
        self.home, self.env, self.lake = home, env, lake
        self.warehouse = WarehouseResource(url=url)
        self.workers: dict[str, subprocess.Popen] = {}
        self._others: list[subprocess.Popen] = []

    def start(self, *words: str) -> subprocess.Popen:
        """A process of the platform in a group of its own; what it says goes into a file of its name."""
        log = (self.home / f"{'-'.join(words[:1])}-{len(self._others) + len(self.workers)}.log").open("w")
        with log:
            process = subprocess.Popen(
                [REALESTATE, *words], env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        self._others.append(process)
        return process

    def add_worker(self, name: str, **variables: str) -> None:
        """A worker, ready when it says so."""
        log = self.home / f"worker-{name}-{len(self._others)}.log"
        with log.open("w") as out:
            process = subprocess.Popen(
                [REALESTATE, "worker", "--name", name],
                env=self.env | variables,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self.workers[name] = process
        deadline = time.monotonic() + 180
        while "ready." not in log.read_text():
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()[-3000:]
            time.sleep(0.5)

    def lose_worker(self, name: str) -> None:
        """As a machine that loses its power: all its processes at once."""
        process = self.workers.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)

    def dagster(self) -> contextlib.AbstractContextManager[dg.DagsterInstance]:
        """The instance of this installation; its variables are this process's meanwhile."""
        return _instance(self.env)

    def switch_off_sensor(self, name: str) -> None:
        """So that the daemon begins no run of its own beside those of a test."""
        env = self.env | {"DAGSTER_HOME": str(Path(self.env["REALESTATE_HOME"]) / "dagster")}
        subprocess.run([REALESTATE, "dagster-home"], env=self.env, check=True, capture_output=True)
        command = [str(Path(REALESTATE).with_name("dagster")), "sensor", "stop", name, "-w", str(WORKSPACE)]
        subprocess.run(command, env=env, check=True, capture_output=True)

    def stop(self) -> None:
        """All that was started."""
        for process in [*self.workers.values(), *self._others]:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(30)


@contextlib.contextmanager
def _instance(env: dict[str, str]) -> Iterator[dg.DagsterInstance]:
    before = dict(os.environ)
    os.environ.update(env)
    os.environ["DAGSTER_HOME"] = str(Path(env["REALESTATE_HOME"]) / "dagster")
    try:
        with dg.DagsterInstance.get() as instance:
            yield instance
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def installation(home: Path, s3: S3Server, **variables: str) -> Iterator[Installation]:
    """All services up, nothing of the platform started yet."""
    root = home / "own"
    embedded.server_uri(root, "realestate")
    redis_port, pooler_port = free_ports(2)
    bucket = s3.create_bucket()
    with contextlib.ExitStack() as stack:
        config = home / "pgbouncer.ini"
        folder = root / embedded.DATA_FOLDER
        config.write_text(POOLER.format(server=embedded._ready_socket(folder), port=pooler_port))
        config.chmod(0o644)
        pgbouncer = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
        # Who may come to the server's socket; the pooler refuses to run as root.
        as_user = ["-u", account_for(folder).name] if os.geteuid() == 0 else []
        redis = ["redis-server", "--port", str(redis_port), "--save", "", "--appendonly", "no"]
        for command in ([pgbouncer, *as_user, str(config)], [*redis, "--bind", "127.0.0.1"]):
            log = stack.enter_context((home / f"{Path(command[0]).name}.log").open("w"))
            process = subprocess.Popen(command, stdout=log, stderr=log)
            stack.callback(process.wait, 30)
            stack.callback(process.kill)
        url = f"postgresql://postgres@127.0.0.1:{pooler_port}/realestate"
        env = environment(
            home,
            DATABASE_URL=url,
            LAKE_URL=f"s3://{bucket}/lake",
            S3_ENDPOINT_URL=s3.endpoint_url,
            DAGSTER_CELERY_BROKER=f"redis://127.0.0.1:{redis_port}/0",
            WORKERS_SHARE_MACHINE="true",
            **s3.environment,
            **variables,
        )
        lake = StoreResource(root_url=env["LAKE_URL"], s3_endpoint_url=s3.endpoint_url)
        made = Installation(home, env, url, lake)
        stack.callback(made.stop)
        yield made
