"""Requests counted in a real Redis, and in Postgres while it is away."""

import logging
import shutil
import socket
import subprocess
import threading
import time
import uuid
from contextlib import contextmanager
from dataclasses import replace

import pytest
import redis
from pydantic import SecretStr

from realestate_assets.service.security import limits
from realestate_assets.service.security.limits import InPostgres, InRedis
from tests.seaweed import free_ports

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not shutil.which("redis-server"), reason="redis-server is not installed"),
]

NOW = 2_000_000_000.0


@contextmanager
def redis_at(port):
    command = ["redis-server", "--port", str(port), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with redis.Redis(port=port) as client:
            deadline = time.monotonic() + 30
            while True:
                try:
                    client.ping()
                    break
                except redis.RedisError:
                    assert process.poll() is None and time.monotonic() < deadline
                    time.sleep(0.05)
            yield client
    finally:
        process.kill()
        process.wait(10)


@pytest.fixture
def port():
    return free_ports(1)[0]


def copy_at(port, parts):
    """One copy of the service."""
    return InRedis(f"redis://127.0.0.1:{port}/1", InPostgres(parts.engine))


def test_requests_at_once_of_two_copies_are_all_counted_and_forgotten_with_their_minute(port, parts):
    whose, over = uuid.uuid4().hex, []
    with redis_at(port) as client:
        copies = [copy_at(port, parts) for _ in range(2)]

        def ask(place):
            over.append(limits.count(copies[place % 2], "user", whose, 10, now=NOW).is_over)

        threads = [threading.Thread(target=ask, args=(place,)) for place in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(over) == [False] * 10 + [True] * 6
        assert not limits.count(copies[0], "user", whose, 10, now=NOW + 60).is_over
        client.select(1)
        keys = client.keys("*")
        assert len(keys) == 2 and all(0 < client.ttl(key) <= 120 for key in keys)
        # Whose they are stands nowhere.
        assert not any(whose.encode() in key for key in keys)


def test_a_redis_that_goes_away_and_comes_back_lets_nobody_wait_and_nobody_in(
    port, parts, monkeypatch, caplog
):
    monkeypatch.setattr(limits, "REDIS_PAUSE_SECONDS", 0.5)
    counts, whose = copy_at(port, parts), uuid.uuid4().hex
    with redis_at(port):
        assert limits.count(counts, "user", whose, 3, now=NOW).left == 2
        assert counts.is_there()
    with caplog.at_level(logging.WARNING):
        begun = time.monotonic()
        left = [limits.count(counts, "user", whose, 3, now=NOW).left for _ in range(5)]
        assert time.monotonic() - begun < 2
        assert left == [2, 1, 0, -1, -2] and not counts.is_there()
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "counted in Postgres" in caplog.text
    caplog.clear()
    time.sleep(0.6)
    with redis_at(port), caplog.at_level(logging.WARNING):
        assert limits.count(counts, "user", whose, 3, now=NOW).left == 2
    assert "answers again" in caplog.text


def test_a_redis_that_takes_connections_and_says_nothing_costs_a_quarter_of_a_second_once(parts):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        counts = copy_at(silent.getsockname()[1], parts)
        begun = time.monotonic()
        for _ in range(5):
            limits.count(counts, "user", uuid.uuid4().hex, 3, now=NOW)
        assert time.monotonic() - begun < 3


def test_the_service_counts_where_its_settings_say(port, parts, monkeypatch):
    assert isinstance(parts.counts, InPostgres)
    settings = parts.settings.model_copy(update={"redis_url": SecretStr("redis://h/0")})
    assert isinstance(replace(parts, settings=settings).counts, InRedis)
