"""Assets, runs, backfills, schedules and sensors over the GraphQL of a real web server."""

import httpx
import pytest

from realestate_assets.extent import counties
from realestate_assets.operations.pipelines import backfills, catalog, runs, switches
from realestate_assets.operations.pipelines.graphql import Dagster, NotFoundError
from resources.errors import PermanentError, TransientError
from resources.partition import Partition
from tests.integration.dagster_web import web_server
from tests.seaweed import free_ports

pytestmark = [pytest.mark.integration]

ORDER = list(counties())
CLARK, KING = "clark-nv", "king-wa"
MONTHS = [Partition(CLARK, "2024-01"), Partition(CLARK, "2024-02")]


@pytest.fixture(scope="module")
def dagster(new_home):
    """What is launched waits in the queue."""
    with web_server(new_home()) as made:
        yield made


def launch(dagster, partitions=MONTHS, **more):
    return runs.launch(
        dagster, "discover", partitions, ORDER, limit=36, tags={"realestate/user": "u1"}, **more
    )


def test_assets_come_with_their_group_partitions_and_neighbours(dagster):
    found = {asset.name: asset for asset in catalog.list_assets(dagster)}
    assert found["properties"].group == "discovery" and found["properties"].is_partitioned
    assert found["properties"].materialized_count == 0 and found["properties"].last_materialized_at is None
    detail = catalog.find_asset(dagster, "features", [CLARK])
    assert "sale_validity" in detail.needs or "nearby_sales" in detail.needs
    assert [each.county for each in detail.counties] == [CLARK]
    assert detail.counties[0].missing_count > 12 and detail.checks
    with pytest.raises(NotFoundError):
        catalog.find_asset(dagster, "no_such_asset", [CLARK])


def test_a_run_that_is_launched_stands_in_the_queue_with_its_partitions_and_tags(dagster):
    (run,) = launch(dagster)
    assert (run.first, run.last, run.job) == (f"{CLARK}|2024-01", f"{CLARK}|2024-02", "discover")
    assert run.tags["realestate/user"] == "u1" and run.status in ("QUEUED", "NOT_STARTED")
    # What one step makes is made together.
    (one,) = launch(dagster, [MONTHS[0]], assets=["properties"])
    assert {"properties", "property_rejects", "rents"} <= set(one.assets)
    assert one.first == one.last == f"{CLARK}|2024-01"
    listed, _ = runs.list_runs(dagster, [CLARK], ORDER, cursor=None, limit=10)
    assert {run.run_id, one.run_id} <= {each.run_id for each in listed}
    found, steps = runs.find_run(dagster, run.run_id, [CLARK], ORDER)
    assert found.run_id == run.run_id and found.tags == run.tags
    assert steps == [] and runs.failures(dagster, run.run_id) == []


def test_runs_that_touch_another_county_are_not_there_for_whoever_may_not_see_it(dagster):
    (mine,), (other,) = launch(dagster), launch(dagster, [Partition(KING, "2014-05")])
    listed, _ = runs.list_runs(dagster, [CLARK], ORDER, cursor=None, limit=50)
    assert mine.run_id in {each.run_id for each in listed}
    assert other.run_id not in {each.run_id for each in listed}
    with pytest.raises(NotFoundError):
        runs.find_run(dagster, other.run_id, [CLARK], ORDER)


def test_pages_of_runs_follow_each_other(dagster):
    begun = {launch(dagster)[0].run_id for _ in range(3)}
    seen, cursor = [], None
    while True:
        page, cursor = runs.list_runs(dagster, ORDER, ORDER, cursor=cursor, limit=2)
        seen += [run.run_id for run in page]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) and begun <= set(seen)


def test_a_run_is_canceled_and_run_again(dagster):
    (run,) = launch(dagster)
    runs.cancel(dagster, run.run_id)
    found, _ = runs.find_run(dagster, run.run_id, [CLARK], ORDER)
    assert found.status == "CANCELED"
    again = runs.retry(dagster, run.run_id, from_failure=False, tags={"realestate/user": "u2"})
    assert again.parent_run_id == run.run_id and again.tags["realestate/user"] == "u2"
    assert (again.first, again.last) == (run.first, run.last)
    with pytest.raises(NotFoundError):
        runs.cancel(dagster, "00000000-0000-0000-0000-000000000000")


def test_a_backfill_waits_for_the_daemon_and_is_canceled(dagster):
    made = backfills.launch_backfill(dagster, ["properties"], MONTHS, title="January", tags={})
    listed, _ = backfills.list_backfills(dagster, [CLARK], cursor=None, limit=10)
    (found,) = [each for each in listed if each.backfill_id == made]
    assert found.title == "January" and found.status == "REQUESTED" and "rents" in found.assets
    assert backfills.list_backfills(dagster, [KING], cursor=None, limit=10)[0] == []
    backfills.cancel_backfill(dagster, made)
    listed, _ = backfills.list_backfills(dagster, [CLARK], cursor=None, limit=10)
    assert {each.status for each in listed if each.backfill_id == made} <= {"CANCELING", "CANCELED"}


def test_an_asset_that_is_not_of_the_job_is_refused_in_dagsters_words(dagster):
    with pytest.raises((PermanentError, NotFoundError), match=r"no_such_asset|Dagster"):
        launch(dagster, assets=["no_such_asset"])


def test_schedules_and_sensors_are_turned_on_and_off_and_twice_is_once(dagster):
    found = switches.list_switches(dagster)
    for kind in ("schedule", "sensor"):
        name = next(each.name for each in found if each.kind == kind)
        for on in (True, True, False, False):
            assert switches.turn(dagster, kind, name, on).is_running is on
    with pytest.raises(NotFoundError):
        switches.turn(dagster, "sensor", "no_such_sensor", True)


def test_a_web_server_that_is_away_is_said_with_what_to_start():
    (port,) = free_ports(1)
    with httpx.Client() as client, pytest.raises(TransientError, match="realestate dev"):
        catalog.list_assets(Dagster(f"http://127.0.0.1:{port}", client))
