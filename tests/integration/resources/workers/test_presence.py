"""Whether broker and workers are there, asked of a real Redis and real workers."""

import contextlib
import shutil
import subprocess
import sys
import time

import pytest

from realestate_assets.cli import doctor
from realestate_assets.operations.watch import looks
from realestate_assets.settings import Settings, get_settings
from resources.errors import PermanentError
from resources.home import PROJECT_ROOT
from resources.workers.presence import ask_broker, attended, workers_by_queue
from tests.seaweed import free_ports

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not shutil.which("redis-server"), reason="no redis-server (Debian: redis-server)"),
]
WORK = (
    "import sys; from resources.workers.queues import celery_app; "
    "celery_app(sys.argv[1]).worker_main(['worker', '--pool', 'solo', '--queues', sys.argv[2], "
    "'--hostname', sys.argv[3], '--without-gossip', '--without-mingle'])"
)


@contextlib.contextmanager
def running(command, folder):
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=PROJECT_ROOT)
    try:
        yield process
    finally:
        process.kill()
        process.wait(20)


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    folder = tmp_path_factory.mktemp("redis")
    (port,) = free_ports(1)
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", "hunter2"]
    url = f"redis://:hunter2@127.0.0.1:{port}/0"
    with running(["redis-server", *options, "--dir", str(folder)], folder):
        until(lambda: ask_broker(url))
        yield url


def until(ask, seconds=30.0):
    """The answer, once there is one."""
    end = time.monotonic() + seconds
    while True:
        try:
            return ask()
        except PermanentError:
            if time.monotonic() > end:
                raise
            time.sleep(0.3)


def worker(broker, queues, name, folder):
    return running([sys.executable, "-c", WORK, broker, queues, f"{name}@here"], folder)


def test_workers_are_counted_by_queue_and_a_queue_without_one_is_told(broker, tmp_path):
    assert set(workers_by_queue(broker).values()) == {0}
    with worker(broker, "default,providers", "one", tmp_path), worker(broker, "default", "two", tmp_path):
        end = time.monotonic() + 40
        while workers_by_queue(broker)["default"] < 2 and time.monotonic() < end:
            time.sleep(0.5)
        counts = workers_by_queue(broker)
        assert counts == {"default": 2, "heavy": 0, "providers": 1}
        with pytest.raises(PermanentError, match=r"from heavy\..*realestate worker --queues heavy"):
            attended(counts)
        with worker(broker, "heavy", "three", tmp_path):
            assert until(lambda: attended(workers_by_queue(broker)), 40) == "default 2, heavy 1, providers 1"


def test_the_watcher_and_doctor_say_the_same(broker, monkeypatch):
    settings = Settings(dagster_celery_broker=broker)
    found = looks.looks_of(settings, None, None)
    asked = {name: found[name] for name in ("broker", "workers")}
    seen = {beat.component: beat for beat in looks.look(asked)}
    assert seen["broker"].is_up and not seen["workers"].is_up
    assert "realestate worker --queues default,heavy,providers" in seen["workers"].detail

    monkeypatch.setenv("DAGSTER_CELERY_BROKER", broker)
    monkeypatch.setenv("WORKERS_SHARE_MACHINE", "true")
    get_settings.cache_clear()
    first, second = doctor.diagnose((doctor.broker, doctor.workers))[1:]
    get_settings.cache_clear()
    assert first.ok and not second.ok and "realestate worker --queues" in second.remedy
    assert "hunter2" not in f"{first}{second}{seen}"


@pytest.mark.parametrize("wrong", ["password", "port", "not redis"])
def test_a_broker_that_is_away_is_told_once_and_without_its_password(broker, s3_server, wrong):
    port = {
        "password": broker.rpartition(":")[2],
        "not redis": s3_server.endpoint_url.rpartition(":")[2] + "/0",
    }
    url = f"redis://:wrong-hunter@127.0.0.1:{port.get(wrong, '1/0')}"
    began = time.monotonic()
    found = looks.looks_of(Settings(dagster_celery_broker=url), None, None)
    seen = looks.look({name: found[name] for name in ("broker", "workers")})
    assert [(beat.component, beat.is_up) for beat in seen] == [("broker", False)]
    assert "DAGSTER_CELERY_BROKER: The broker 127.0.0.1" in seen[0].detail
    assert "wrong-hunter" not in seen[0].detail
    assert time.monotonic() - began < 25


def test_without_a_broker_there_is_nothing_to_look_at():
    assert not {"broker", "workers"} & set(looks.looks_of(Settings(), None, None))
    assert [finding.ok for finding in doctor.diagnose((doctor.broker, doctor.workers))] == [True] * 3
