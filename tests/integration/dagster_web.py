"""A web server of Dagster without a daemon, over a folder of its own."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from realestate_assets.operations.pipelines.graphql import Dagster, NotFoundError
from realestate_assets.operations.pipelines.switches import list_switches
from resources.errors import PermanentError, TransientError
from tests.integration.command_line import REALESTATE, environment
from tests.seaweed import free_ports


@contextmanager
def web_server(home: Path) -> Iterator[Dagster]:
    """It answers for the graph when the block begins."""
    (port,) = free_ports(1)
    log = home / "webserver.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [REALESTATE, "webserver", "--port", str(port)],
            env=environment(home),
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        with httpx.Client() as client:
            made = Dagster(f"http://127.0.0.1:{port}", client)
            deadline = time.monotonic() + 180
            while not _answers(made):
                assert process.poll() is None and time.monotonic() < deadline, log.read_text()[-3000:]
                time.sleep(1)
            yield made
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(30)


def _answers(dagster: Dagster) -> bool:
    try:
        return bool(list_switches(dagster))
    except (TransientError, NotFoundError, PermanentError):
        # Before its code location is loaded it knows of none.
        return False
