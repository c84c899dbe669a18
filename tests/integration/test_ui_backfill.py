"""A backfill as the UI launches it: webserver and daemon over the embedded Postgres, through GraphQL."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from realestate_assets.definitions import defs
from resources.warehouse import embedded
from tests.integration.command_line import environment

pytestmark = [pytest.mark.integration, pytest.mark.end_to_end]

MONTHS = [f"2023-{m:02}" for m in range(12, 13)] + [f"2024-{m:02}" for m in range(1, 13)]
BIN = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parents[2]

LAUNCH = """
mutation($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
  }
}
"""
STATUS = """
query($id: String!) {
  partitionBackfillOrError(backfillId: $id) {
    __typename
    ... on PartitionBackfill { status error { message } }
  }
  runsOrError(filter: {tags: [{key: "dagster/backfill", value: $id}]}) {
    ... on Runs { results { runId status tags { key value } } }
  }
}
"""


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture(scope="module")
def home(new_home) -> Path:
    """A fresh folder of data."""
    return new_home()


@pytest.fixture(scope="module")
def dagster_ui(home) -> Iterator[str]:
    """Address of a running webserver with its daemon."""
    dagster_home = home / "dagster"
    dagster_home.mkdir()
    (dagster_home / "dagster.yaml").write_bytes((ROOT / "dagster.yaml").read_bytes())
    env = environment(
        home, DAGSTER_HOME=str(dagster_home), SAMPLE_ROWS_PER_MONTH="60", MEMO_LIMIT_PER_PARTITION="1"
    )
    port = free_port()
    workspace = ["-w", str(ROOT / "workspace.yaml")]
    commands = (
        [str(BIN / "dagster-webserver"), "-h", "127.0.0.1", "-p", str(port), *workspace],
        [str(BIN / "dagster-daemon"), "run", *workspace],
    )
    log = (home / "services.log").open("w")
    services = [
        subprocess.Popen(command, env=env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
        for command in commands
    ]
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: httpx.get(f"{url}/server_info", timeout=5).status_code == 200, 120, home)
        yield url
    finally:
        for service in services:
            os.killpg(service.pid, signal.SIGTERM)
        for service in services:
            try:
                service.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(service.pid, signal.SIGKILL)


def wait_for(ready, seconds: float, home: Path) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if ready():
                return
        except httpx.HTTPError:
            pass
        time.sleep(1)
    pytest.fail(f"no answer in {seconds} s:\n{(home / 'services.log').read_text()[-4000:]}")


def ask(url: str, query: str, **variables) -> dict:
    answer = httpx.post(f"{url}/graphql", json={"query": query, "variables": variables}, timeout=60).json()
    assert "errors" not in answer, answer
    return answer["data"]


def kill_server(home: Path) -> None:
    """As the kernel does where memory runs out."""
    os.kill(embedded._recorded_pid(home / "postgres" / embedded.DATA_FOLDER), signal.SIGKILL)


def test_after_a_kill_of_the_server_the_ui_answers_at_once(dagster_ui, home):
    ask(dagster_ui, STATUS, id="none")
    for _ in range(2):
        kill_server(home)
        started = time.monotonic()
        assert ask(dagster_ui, STATUS, id="none")["runsOrError"]["results"] == []
        assert time.monotonic() - started < 15


def test_a_backfill_of_a_county_year_launched_after_a_kill_takes_at_most_four_runs(dagster_ui, home):
    kill_server(home)
    graph = defs.resolve_asset_graph()
    partitioned = sorted(key for key in graph.materializable_asset_keys if graph.get(key).is_partitioned)
    params = {
        "assetSelection": [{"path": list(key.path)} for key in partitioned],
        "partitionNames": [f"clark-nv|{month}" for month in MONTHS],
    }
    launched = ask(dagster_ui, LAUNCH, params=params)["launchPartitionBackfill"]
    assert launched["__typename"] == "LaunchBackfillSuccess", launched
    deadline = time.monotonic() + 900
    state = {}
    while time.monotonic() < deadline:
        state = ask(dagster_ui, STATUS, id=launched["backfillId"])
        status = state["partitionBackfillOrError"]["status"]
        if status not in ("REQUESTED", "COMPLETING"):
            break
        time.sleep(3)
    runs = state["runsOrError"]["results"]
    assert state["partitionBackfillOrError"]["status"] == "COMPLETED_SUCCESS", state
    assert {run["status"] for run in runs} == {"SUCCESS"}
    assert 1 <= len(runs) <= 4
