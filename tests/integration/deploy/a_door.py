"""A real Caddy with the Caddyfile of compose.yaml, on a port of this machine."""

import contextlib
import http.client
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.integration.deploy.compose_file import DEPLOY
from tests.seaweed import free_ports

FILE = DEPLOY / "caddy" / "Caddyfile"
HEALTH = "localhost:2020"
BY_NAME = re.compile(r"dynamic a \{\$SERVICE:service\} \{\$SERVICE_PORT:8000\} \{[^}]*\}\n")


@contextlib.contextmanager
def opened(caddy: str, folder: Path, copies: str = "", **places: str) -> Iterator[int]:
    """Port of a Caddy that has come up.

    Args:
        caddy: the program.
        folder: for its file and its log.
        copies: addresses of the service, separated by blanks, in place of those that its name has: on one
            machine they differ by their ports.
        places: variables of the Caddyfile: where what is behind the door is.
    """
    port, health = free_ports(2)
    text = FILE.read_text(encoding="utf-8")
    assert HEALTH in text
    if copies:
        text, found = BY_NAME.subn(f"to {copies}\n", text)
        assert found == 1
    (folder / "Caddyfile").write_text(text.replace(HEALTH, f"localhost:{health}"))
    environment = {
        "REALESTATE_SITE": f"http://127.0.0.1:{port}", "HOME": str(folder), "PATH": "/usr/bin:/bin", **places,
    }  # fmt: skip
    command = [caddy, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _until_open(port, process, folder / "log")
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _until_open(port: int, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        assert process.poll() is None and time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def ask(port: int, path: str = "/", method: str = "GET", body: str | None = None, **headers: str):
    """Status, headers and body of one request; a header that comes twice is a fault."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, body, {name.replace("_", "-"): each for name, each in headers.items()})
    answer = connection.getresponse()
    told = [(name.lower(), value) for name, value in answer.getheaders()]
    assert len({name for name, _ in told}) == len(told), told
    found = answer.status, dict(told), answer.read().decode(errors="replace")
    connection.close()
    return found
