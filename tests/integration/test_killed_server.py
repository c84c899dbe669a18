"""The embedded Postgres is killed while a run is in flight: it goes on, nothing is lost or doubled."""

import os
import signal
import time
from pathlib import Path

import pytest

from resources.warehouse import embedded
from resources.warehouse.resource import WarehouseResource
from tests.integration.command_line import environment, finish, start
from tests.integration.test_killed_runs import ARGS, SMALL, hashes

pytestmark = pytest.mark.integration

STAGES = ("listings", "dbt_transform", "scores", "memos")
EVENTS = """
select step_key, partition, count(*)::int as n from event_logs
where dagster_event_type = 'ASSET_MATERIALIZATION' and asset_key = '["properties"]'
group by step_key, partition
"""


def run_with_kills(arguments: list[str], env: dict[str, str], stages: tuple[str, ...]) -> tuple[dict, dict]:
    """Run, and kill the server a moment after each stage begins: the report, and when (s) each was killed."""
    folder = Path(env["REALESTATE_HOME"]) / "postgres" / embedded.DATA_FOLDER
    running, killed, said = start(arguments, env), {}, []
    for line in running.stderr:
        said.append(line)
        word = line.split()[:1]
        if word and word[0] in stages and word[0] not in killed:
            time.sleep(0.3)
            os.kill(embedded._recorded_pid(folder), signal.SIGKILL)
            killed[word[0]] = time.time()
    report = finish(running)
    assert list(killed) == list(stages), "".join(said)
    return report, killed


def step_ends(home: Path) -> dict[str, float]:
    """When (s) each step of the runs succeeded."""
    dagster = WarehouseResource(embedded_root=str(home / "postgres"), database="dagster")
    rows = dagster.read(
        "select step_key, max(extract(epoch from timestamp))::float8 as ended from event_logs "
        "where dagster_event_type = 'STEP_SUCCESS' group by step_key"
    )
    return {row["step_key"]: row["ended"] for row in rows.to_pylist()}


def left_over(home: Path) -> list[str]:
    """What a run in a folder of data should have cleared."""
    left = [*(home / "scratch").glob("*-*"), *(home / "postgres").glob(".pg18.*")]
    return [str(path) for path in left]


def test_a_run_goes_on_after_its_server_is_killed_while_it_lands_and_transforms(new_home):
    home = new_home()
    env = environment(home, SAMPLE_ROWS_PER_MONTH="60")
    arguments = ["run", "--county", "clark-nv", "--months", "2024-01", "--select", "+features", "--json"]
    report, _ = run_with_kills(arguments, env, STAGES[:2])
    assert report["success"], report
    assert report["received"] == report["accepted"] + report["duplicates"] + report["rejected"]
    warehouse = WarehouseResource(embedded_root=str(home / "postgres"))
    counted = warehouse.read(
        "select (select count(*) from raw.properties) as raw, (select count(*) from marts.features) as marts"
    ).to_pylist()[0]
    assert counted == {"raw": report["accepted"], "marts": report["accepted"]}
    dagster = WarehouseResource(embedded_root=str(home / "postgres"), database="dagster")
    assert [row["n"] for row in dagster.read(EVENTS).to_pylist()] == [1]
    assert left_over(home) == []


@pytest.mark.long
def test_a_run_whose_server_is_killed_in_each_stage_ends_as_an_undisturbed_one(new_home):
    calm, disturbed = new_home(), new_home()
    undisturbed = finish(start(ARGS, environment(calm, **SMALL)), timeout=1800)
    report, killed = run_with_kills(ARGS, environment(disturbed, **SMALL), STAGES)
    assert report["success"], report
    assert undisturbed["memos"] == report["memos"] > 0
    took = {step["step"]: step["seconds"] for step in undisturbed["steps"]}
    ends = step_ends(disturbed)
    for stage in STAGES:
        print(
            f"{stage}: green {ends[stage] - killed[stage]:.1f} s after the kill; undisturbed {took[stage]} s"
        )
    expected, found = hashes(calm), hashes(disturbed)
    assert {name for name in expected if expected[name] != found.get(name)} == set()
    assert found.keys() == expected.keys()
    assert left_over(disturbed) == []
