"""Failed runs and failed blocking checks, told with a link to the run: real runs that fail."""

import dagster as dg
import pytest

from realestate_assets.domain.calendar.ranges import RANGE_END_TAG, RANGE_START_TAG
from realestate_assets.operations.in_process import readable_error
from resources.errors import PermanentError
from sensors.failures import build_failure_sensor
from sensors.requests import REQUESTED_BY_TAG

pytestmark = pytest.mark.integration

FAILURE = {"text": "the file lacks the column price"}


@dg.asset
def breaks() -> None:
    """Raises what the test says."""
    raise PermanentError(FAILURE["text"], county="king-wa", remedy="Mend the column map.")


@dg.asset
def sound() -> None:
    """Is made, and does not hold."""


@dg.asset_check(asset=sound, blocking=True)
def adds_up() -> dg.AssetCheckResult:
    """Fails."""
    return dg.AssetCheckResult(passed=False, metadata={"received": 10, "accounted": 9})


@dg.asset_check(asset=sound)
def worth_a_look() -> dg.AssetCheckResult:
    """Fails as a warning."""
    return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN)


TAGS = {
    RANGE_START_TAG: "king-wa|2015-03",
    RANGE_END_TAG: "king-wa|2015-04",
    REQUESTED_BY_TAG: "landed_files",
}
FAILING = dg.define_asset_job("failing", selection=["breaks"])
CHECKED = dg.define_asset_job("checked", selection=["sound"])
DEFS = dg.Definitions([breaks, sound], asset_checks=[adds_up, worth_a_look], jobs=[FAILING, CHECKED])


@pytest.fixture
def fail(instance, channel):
    """Runs a job that fails, without its partitions, and lets the sensor see it as if it had had them."""
    sensor = build_failure_sensor(readable_error)

    def once(job: str) -> dg.DagsterRun:
        result = DEFS.resolve_job_def(job).execute_in_process(
            instance=instance, tags={REQUESTED_BY_TAG: "landed_files"}, raise_on_error=False
        )
        assert not result.success
        run = instance.get_run_by_id(result.run_id).with_tags({**result.dagster_run.tags, **TAGS})
        event = next(e for e in result.all_events if e.event_type_value == "PIPELINE_FAILURE")
        context = dg.build_run_status_sensor_context(
            sensor_name="failed_runs",
            dagster_instance=instance,
            dagster_run=run,
            dagster_event=event,
            resources={"alerts": channel.alerts},
        )
        with context.for_run_failure() as failure:
            sensor(failure)
        return run

    return once


def test_a_failed_run_is_told_with_its_reason_its_partitions_and_a_link(fail, channel):
    run = fail("failing")
    (message,) = channel.messages
    assert message["title"] == "Real Estate OS: failing failed in breaks"
    assert "county king-wa: the file lacks the column price Mend the column map." in message["message"]
    assert "king-wa|2015-03 to king-wa|2015-04. Asked for by landed_files." in message["message"]
    assert f"http://localhost:3000/runs/{run.run_id}" in message["message"]


def test_the_same_failure_hour_after_hour_is_told_once_and_another_is_news(fail, channel, monkeypatch):
    for text in ("3 rows in run 0a1b2c3d", "17 rows in run 9f8e7d6c"):
        monkeypatch.setitem(FAILURE, "text", text)
        fail("failing")
    assert len(channel.messages) == 1
    monkeypatch.setitem(FAILURE, "text", "the disk is full")
    fail("failing")
    assert len(channel.messages) == 2


def test_a_failed_blocking_check_is_told_by_its_name_and_a_warning_is_not(fail, channel):
    fail("checked")
    (message,) = channel.messages
    assert message["title"] == "Real Estate OS: blocking check failed, sound: adds_up"
    assert "accounted: 9; received: 10" in message["message"]
    assert "worth_a_look" not in message["message"]
