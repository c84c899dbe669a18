"""What the UI does, through GraphQL as it does it: webserver and daemon over the embedded Postgres.

A backfill, runs of the command line that fail, and the checks of an asset executed by themselves.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest

from realestate_assets.definitions import defs
from resources.warehouse import embedded
from tests.integration.command_line import environment, start

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


RUNS = """
query {
  runsOrError(limit: 1) { ... on Runs { results {
    runId status jobName hasReExecutePermission
    repositoryOrigin { repositoryName repositoryLocationName }
  } } }
}
"""
RUN = """
query($id: ID!) {
  runOrError(runId: $id) { ... on Run {
    status
    eventConnection { events { ... on ErrorEvent { error { message } } } }
  } }
}
"""
AGAIN = """
mutation($params: ReexecutionParams!) {
  launchRunReexecution(reexecutionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
}
"""
CHECKS = """
query($key: AssetKeyInput!) {
  assetNodeOrError(assetKey: $key) { ... on AssetNode { assetChecksOrError { ... on AssetChecks {
    checks { name }
  } } } }
}
"""
EXECUTE = """
mutation($params: ExecutionParams!) {
  launchPipelineExecution(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
}
"""
LOCATION = {"repositoryName": "__repository__", "repositoryLocationName": "realestate"}


@dataclass
class Ui:
    """A running webserver, what its daemon told people, and the environment that both share."""

    url: str
    env: dict[str, str]
    told: list[dict] = field(default_factory=list)


def alert_receiver(told: list[dict]) -> HTTPServer:
    """A server that keeps what alerts are posted to it."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            told.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            """Nothing of it on the screen."""

    return HTTPServer(("127.0.0.1", 0), Receiver)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture(scope="module")
def home(new_home) -> Path:
    """A fresh folder of data."""
    return new_home()


@pytest.fixture(scope="module")
def dagster_ui(home) -> Iterator[Ui]:
    """A running webserver with its daemon, over that folder."""
    told: list[dict] = []
    receiver = alert_receiver(told)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    dagster_home = home / "dagster"
    dagster_home.mkdir()
    (dagster_home / "dagster.yaml").write_bytes((ROOT / "dagster.yaml").read_bytes())
    env = environment(
        home,
        DAGSTER_HOME=str(dagster_home),
        SAMPLE_ROWS_PER_MONTH="60",
        MEMO_LIMIT_PER_PARTITION="1",
        ALERT_URLS=f"json://127.0.0.1:{receiver.server_port}",
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
        yield Ui(url, env, told)
    finally:
        receiver.shutdown()
        receiver.server_close()
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


def ask(ui: Ui, query: str, **variables) -> dict:
    answer = httpx.post(f"{ui.url}/graphql", json={"query": query, "variables": variables}, timeout=60).json()
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


def ended(ui: Ui, run_id: str) -> tuple[str, list[str]]:
    """How a run ended, and the errors it had."""
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        run = ask(ui, RUN, id=run_id)["runOrError"]
        if run["status"] in ("SUCCESS", "FAILURE", "CANCELED"):
            errors = [event["error"] for event in run["eventConnection"]["events"] if event.get("error")]
            return run["status"], [error["message"] for error in errors]
        time.sleep(1)
    pytest.fail("the run does not end")


def heard(ui: Ui, text: str) -> list[dict]:
    """What people are told that holds a text, once they are."""
    deadline = time.monotonic() + 150
    while not (told := [one for one in ui.told if text in one["title"] + one["message"]]):
        assert time.monotonic() < deadline, ui.told
        time.sleep(1)
    return told


def test_a_run_of_the_command_line_that_fails_is_alerted_and_executed_again_from_the_ui(dagster_ui):
    args = ["run", "--county", "clark-nv", "--months", "2024-01", "--select", "+properties", "--json"]
    running = start(args, {**dagster_ui.env, "LAKE_URL": "/proc/no-lake"})
    out, errors = running.communicate(timeout=240)
    assert running.returncode == 1, errors[-3000:]
    said = json.loads(out)
    assert said["status"] == "failed" and "/proc/no-lake" in said["error"]
    (run,) = ask(dagster_ui, RUNS)["runsOrError"]["results"]
    assert (run["runId"], run["status"], run["jobName"]) == (said["run_ids"][0], "FAILURE", "pipeline")
    # By these the timeline finds its row, and the daemon the sensors that hear of it.
    assert run["repositoryOrigin"] == LOCATION and run["hasReExecutePermission"]
    (begun,) = heard(dagster_ui, run["runId"])
    assert "pipeline failed in listings" in begun["title"]
    params = {"parentRunId": run["runId"], "strategy": "FROM_FAILURE"}
    again = ask(dagster_ui, AGAIN, params=params)["launchRunReexecution"]
    assert again["__typename"] == "LaunchRunSuccess", again
    assert ended(dagster_ui, again["run"]["runId"]) == ("SUCCESS", [])
    dagster_ui.told.clear()
    (over,) = heard(dagster_ui, "pipeline failed in listings")
    assert "over: " in over["title"]


def execute_all_checks(ui: Ui, asset: str) -> str:
    """Press "Execute all" of an asset's Checks tab; the id of the run."""
    key = {"path": [asset]}
    found = ask(ui, CHECKS, key=key)["assetNodeOrError"]["assetChecksOrError"]["checks"]
    selector = {
        **LOCATION,
        "pipelineName": "__ASSET_JOB",
        "assetSelection": [],
        "assetCheckSelection": [{"assetKey": key, "name": check["name"]} for check in found],
    }
    params = {"selector": selector, "mode": "default", "runConfigData": "{}"}
    launched = ask(ui, EXECUTE, params=params)["launchPipelineExecution"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    return launched["run"]["runId"]


def test_all_checks_of_an_asset_are_executed_over_all_partitions_that_were_made(dagster_ui):
    # One made by Python, one by dbt, side by side.
    launched = [execute_all_checks(dagster_ui, asset) for asset in ("properties", "deal_board")]
    assert [ended(dagster_ui, run_id) for run_id in launched] == [("SUCCESS", [])] * 2
