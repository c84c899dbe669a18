"""Launches a job through the door, as a person's browser does, and waits for the end of its run.

    python launch.py NAME:PASSWORD JOB

Prints the state, or why nothing was launched, and the run's tags, as JSON. The standard library alone: it is
run in the network of the services.
"""

import base64
import json
import sys
import time
import urllib.request
from typing import Any

ADDRESS = "http://127.0.0.1/graphql"
PATIENCE_SECONDS = 150.0
LAUNCH = """
mutation Launch($parameters: ExecutionParams!) {
  launchRun(executionParams: $parameters) { __typename ... on LaunchRunSuccess { run { id } } }
}
"""
LOOK = """
query Look($id: ID!) { runOrError(runId: $id) { ... on Run { status tags { key value } } } }
"""


def ask(who: str, query: str, **variables: Any) -> dict[str, Any]:
    """Data of a query's answer."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    credentials = base64.b64encode(who.encode()).decode()
    headers = {"Content-Type": "application/json", "Authorization": f"Basic {credentials}"}
    request = urllib.request.Request(ADDRESS, body, headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["data"]


def main(who: str, job: str) -> None:
    """Launch and wait."""
    selector = {
        "repositoryLocationName": "realestate",
        "repositoryName": "__repository__",
        "pipelineName": job,
    }
    parameters = {"selector": selector, "runConfigData": {}, "mode": "default"}
    said = ask(who, LAUNCH, parameters=parameters)["launchRun"]
    state, tags = said["__typename"], {}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while "run" in said and state not in ("SUCCESS", "FAILURE", "CANCELED") and time.monotonic() < deadline:
        time.sleep(2)
        run = ask(who, LOOK, id=said["run"]["id"])["runOrError"]
        state, tags = run["status"], {tag["key"]: tag["value"] for tag in run["tags"]}
    print(json.dumps([state, tags]))


if __name__ == "__main__":
    main(*sys.argv[1:])
