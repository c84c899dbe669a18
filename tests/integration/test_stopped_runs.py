"""Runs that are stopped by Ctrl-C and by SIGTERM: canceled and said so, nothing half written."""

import json
import os
import signal
import time

import pytest

from resources.warehouse.resource import WarehouseResource
from tests.integration.command_line import environment, finish, start

pytestmark = pytest.mark.integration

ARGS = ["run", "--county", "clark-nv", "--months", "2024-01", "--select", "+properties", "--json"]
# Enough that a stage lasts some seconds.
SETTINGS = {"SAMPLE_ROWS_PER_MONTH": "3000"}


def stop(env, stage, signal_number, *, all_processes):
    """Start a run, send a signal in a stage; exit code, object, stderr after it and the seconds it took."""
    running = start(ARGS, env)
    for line in running.stderr:
        if line.split()[:1] == [stage]:
            break
    time.sleep(0.3)
    (os.killpg if all_processes else os.kill)(running.pid, signal_number)
    begun = time.monotonic()
    out, errors = running.communicate(timeout=120)
    assert len(out.splitlines()) == 1, "the object stands alone on stdout"
    return running.returncode, json.loads(out), errors, time.monotonic() - begun


def statuses(home):
    database = WarehouseResource(embedded_root=str(home / "postgres"), database="dagster")
    return [row["status"] for row in database.read("select status from runs order by id").to_pylist()]


def test_a_run_that_is_stopped_is_canceled_and_the_same_command_goes_on(new_home):
    home = new_home()
    env = environment(home, **SETTINGS)
    # As a terminal does it, to the processes of the log too; and as an orchestrator does, to one alone.
    stopped = [
        stop(env, "canonical_properties", signal.SIGINT, all_processes=True),
        stop(env, "listings", signal.SIGTERM, all_processes=False),
    ]
    for (code, told, errors, seconds), expected in zip(stopped, (130, 143), strict=True):
        assert (code, told["exit_code"], told["status"]) == (expected, expected, "canceled"), (told, errors)
        assert "run the same command again" in told["error"]
        assert "Traceback" not in errors and "Interrupted" not in errors and "Error" not in errors, errors
        assert seconds < 60
    assert not [path for path in (home / "lake").rglob("*") if path.name.endswith(".tmp")]
    report = finish(start(ARGS, env))
    assert report["accepted"] and report["status"] == "ok"
    assert statuses(home) == ["CANCELED", "CANCELED", "SUCCESS"]
