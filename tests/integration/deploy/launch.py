"""Launches a job through the door, as a person's browser does, and waits for the end of its run.

    python launch.py EMAIL:PASSWORD JOB

Prints the state, or why nothing was launched, and the run's tags, as JSON. The standard library alone: it is
run in the network of the services.
"""

import json
import sys
import time
import urllib.request
from typing import Any

ADDRESS = "http://127.0.0.1"
PATIENCE_SECONDS = 150.0
LAUNCH = """
mutation Launch($parameters: ExecutionParams!) {
  launchRun(executionParams: $parameters) { __typename ... on LaunchRunSuccess { run { id } } }
}
"""
LOOK = """
query Look($id: ID!) { runOrError(runId: $id) { ... on Run { status tags { key value } } } }
"""


def sign_in(who: str) -> str:
    """The cookie of a sign-in."""
    email, _, password = who.partition(":")
    body = json.dumps({"email": email, "password": password}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{ADDRESS}/api/v1/auth/session", body, headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.headers["Set-Cookie"].partition(";")[0]


def ask(cookie: str, query: str, **variables: Any) -> dict[str, Any]:
    """Data of a query's answer."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    headers = {"Content-Type": "application/json", "Cookie": cookie}
    request = urllib.request.Request(f"{ADDRESS}/dagster/graphql", body, headers)
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
    cookie = sign_in(who)
    said = ask(cookie, LAUNCH, parameters=parameters)["launchRun"]
    state, tags = said["__typename"], {}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while "run" in said and state not in ("SUCCESS", "FAILURE", "CANCELED") and time.monotonic() < deadline:
        time.sleep(2)
        run = ask(cookie, LOOK, id=said["run"]["id"])["runOrError"]
        state, tags = run["status"], {tag["key"]: tag["value"] for tag in run["tags"]}
    print(json.dumps([state, tags]))


if __name__ == "__main__":
    main(*sys.argv[1:])
