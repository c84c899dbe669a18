"""A run that is killed at one stage after another ends, once it is let through, as one left alone."""

import os
import random
import signal
import time
from pathlib import Path

import pytest

from resources.lake.store import StoreResource
from resources.warehouse.resource import WarehouseResource
from tests.integration.command_line import environment, finish, start
from tests.integration.what_a_run_made import files, tables

pytestmark = [pytest.mark.integration, pytest.mark.long]

# The second month has enough earlier sales for a model of its own, the first has none.
SMALL = {"SAMPLE_ROWS_PER_MONTH": "500", "MEMO_LIMIT_PER_PARTITION": "2"}
ARGS = ["run", "--county", "clark-nv", "--months", "2024-01:2024-02", "--json"]
# In the order in which a run comes to them.
STAGES = ["listings", "property_enrichment", "dbt_transform", "valuation_models", "scores", "memos"]


def hashes(home: Path) -> dict[str, str]:
    """Of every table the rows without their times, and of every memo the bytes."""
    memos = files(StoreResource(root_url=str(home / "lake")), "memos")
    return tables(WarehouseResource(embedded_root=str(home / "postgres"))) | memos


def run_and_kill(stage: str, env: dict[str, str], wait: float) -> None:
    """Start a run and kill all its processes so many seconds after it began a stage."""
    running = start(ARGS, env)
    for line in running.stderr:
        if line.split()[:1] == [stage]:
            break
    time.sleep(wait)
    assert running.poll() is None, f"the run ended before it could be killed in {stage}"
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()


def test_a_run_that_was_killed_at_every_stage_ends_as_an_undisturbed_one(new_home):
    calm, disturbed = new_home(), new_home()
    report = finish(start(ARGS, environment(calm, **SMALL)), timeout=1800)
    assert report["memos"] and report["accepted"]
    env = environment(disturbed, **SMALL)
    moments = random.Random(20240201)
    for stage in STAGES:
        run_and_kill(stage, env, moments.uniform(0, 1))
    finish(start(ARGS, env), timeout=1800)
    expected = hashes(calm)
    assert {"raw.scores", "raw.memos", "marts.deal_board"} <= expected.keys()
    assert hashes(disturbed) == expected
