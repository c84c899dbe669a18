"""Failed runs and failed blocking checks, told with a link to the run, and told when over: real runs."""

import dagster as dg
import pytest

from realestate_assets.domain.calendar.ranges import RANGE_END_TAG, RANGE_START_TAG
from realestate_assets.operations.in_process import readable_error
from resources.errors import PermanentError
from sensors.failures import build_failure_sensor
from sensors.requests import REQUESTED_BY_TAG
from sensors.runs import RETRY_RUN_TAG, WILL_RETRY_TAG, Scope

pytestmark = pytest.mark.integration

STATE = {"text": "the file lacks the column price", "is_broken": True}


@dg.asset
def breaks() -> None:
    """Raises what the test says."""
    if STATE["is_broken"]:
        raise PermanentError(STATE["text"], county="king-wa", remedy="Mend the column map.")


@dg.asset
def sound() -> None:
    """Is made, and does not hold."""


@dg.asset_check(asset=sound, blocking=True)
def adds_up() -> dg.AssetCheckResult:
    """Fails."""
    return dg.AssetCheckResult(passed=not STATE["is_broken"], metadata={"received": 10, "accounted": 9})


@dg.asset_check(asset=sound)
def worth_a_look() -> dg.AssetCheckResult:
    """Fails as a warning."""
    return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN)


def months(first: str, last: str, county: str = "king-wa") -> dict[str, str]:
    return {
        RANGE_START_TAG: f"{county}|{first}",
        RANGE_END_TAG: f"{county}|{last}",
        REQUESTED_BY_TAG: "landed_files",
    }


TAGS = months("2015-03", "2015-04")
FAILING = dg.define_asset_job("failing", selection=["breaks"])
CHECKED = dg.define_asset_job("checked", selection=["sound"])
WHOLE = dg.define_asset_job("whole", selection=["breaks", "sound"])
DEFS = dg.Definitions([breaks, sound], asset_checks=[adds_up, worth_a_look], jobs=[FAILING, CHECKED, WHOLE])
SCOPE = Scope(lambda: ("clark-nv", "cook-il", "king-wa"), {"failing": ("whole",)})


@pytest.fixture
def look(instance, channel):
    """One look of the sensor, with the cursor of the one before."""
    sensor = build_failure_sensor(readable_error, SCOPE, lambda name: (f"team:{name}",))
    cursor: list[str | None] = [None]

    def once() -> None:
        resources = {"alerts": channel.alerts}
        with dg.build_sensor_context(instance=instance, resources=resources, cursor=cursor[0]) as context:
            cursor[0] = sensor(context).cursor

    once.forget = lambda: cursor.__setitem__(0, None)
    return once


@pytest.fixture
def run_job(instance, monkeypatch):
    """Runs a job without partitions, and gives the run the tags of one that has them."""

    def once(
        job: str, *, breaks: bool = True, text: str = STATE["text"], tags: dict[str, str] = TAGS
    ) -> dg.DagsterRun:
        monkeypatch.setitem(STATE, "is_broken", breaks)
        monkeypatch.setitem(STATE, "text", text)
        result = DEFS.resolve_job_def(job).execute_in_process(instance=instance, raise_on_error=False)
        assert result.success is not breaks
        instance.add_run_tags(result.run_id, tags)
        return instance.get_run_by_id(result.run_id)

    return once


def titles(channel) -> list[str]:
    return [message["title"].removeprefix("Real Estate OS: ") for message in channel.messages]


def test_a_failed_run_is_told_with_its_reason_its_partitions_and_a_link(run_job, look, channel, warehouse):
    run = run_job("failing")
    look()
    (message,) = channel.messages
    assert message["title"] == "Real Estate OS: failing failed in breaks"
    assert "county king-wa: the file lacks the column price Mend the column map." in message["message"]
    assert "king-wa|2015-03 to king-wa|2015-04. Asked for by landed_files." in message["message"]
    assert f"http://localhost:3000/runs/{run.run_id}" in message["message"]
    (row,) = warehouse.read("select severity, owners, counties from ops.alerts").to_pylist()
    assert row == {"severity": "critical", "owners": "team:breaks", "counties": "king-wa"}


def test_the_same_failure_hour_after_hour_is_told_once_and_another_is_news(run_job, look, channel):
    for text in ("3 rows in run 0a1b2c3d", "17 rows in run 9f8e7d6c"):
        run_job("failing", text=text)
        look()
    assert len(channel.messages) == 1
    run_job("failing", text="the disk is full")
    look()
    assert len(channel.messages) == 2


def test_a_run_that_succeeds_later_ends_it_and_the_next_failure_is_told_anew(run_job, look, channel):
    run_job("failing")
    look()
    good = run_job("failing", breaks=False)
    for _ in range(3):
        look()
    assert titles(channel) == ["failing failed in breaks", "over: failing failed in breaks"]
    assert f"Run {good.run_id[:8]} of failing succeeded." in channel.messages[1]["message"]
    run_job("failing")
    look()
    assert titles(channel)[2:] == ["failing failed in breaks"]


def test_success_elsewhere_or_of_a_part_ends_nothing_and_of_all_parts_does(run_job, look, channel):
    run_job("failing", tags=months("2015-03", "2015-06"))
    look()
    run_job("failing", breaks=False, tags=months("2015-03", "2015-06", "cook-il"))
    run_job("failing", breaks=False, tags=months("2015-03", "2015-04"))
    run_job("checked", breaks=False, tags=months("2015-03", "2015-06"))
    look()
    assert len(channel.messages) == 1
    run_job("failing", breaks=False, tags=months("2015-05", "2015-12"))
    look()
    assert titles(channel)[1:] == ["over: failing failed in breaks"]


def test_a_job_that_makes_the_same_and_more_ends_it_too(run_job, look, channel):
    run_job("failing")
    look()
    run_job("whole", breaks=False)
    look()
    assert titles(channel)[1:] == ["over: failing failed in breaks"]


def test_what_was_mended_before_anyone_looked_is_not_told(run_job, look, channel):
    run_job("failing")
    run_job("failing", breaks=False)
    look()
    look.forget()
    look()
    assert channel.messages == []


def retried(instance, run, retry=None) -> None:
    """The tags that Dagster's daemon gives a run it starts again."""
    instance.add_run_tags(
        run.run_id, {WILL_RETRY_TAG: "true"} | ({RETRY_RUN_TAG: retry.run_id} if retry else {})
    )


def test_a_crash_whose_retry_passes_is_never_told(run_job, look, channel, instance):
    run = run_job("failing")
    retried(instance, run)
    look()
    retried(instance, run, run_job("failing", breaks=False))
    look()
    look()
    assert channel.messages == []


@pytest.mark.parametrize("second", [STATE["text"], "the disk is full"])
def test_a_crash_whose_retry_fails_too_is_told_once(run_job, look, channel, instance, second):
    run = run_job("failing")
    retried(instance, run)
    look()
    again = run_job("failing", text=second)
    instance.add_run_tags(again.run_id, {WILL_RETRY_TAG: "false"})
    retried(instance, run, again)
    look()
    look()
    assert titles(channel) == ["failing failed in breaks"]
    assert second in channel.messages[0]["message"]


def test_a_retry_that_never_begins_is_told_after_a_while(run_job, look, channel, instance, warehouse):
    retried(instance, run_job("failing"))
    look()
    assert channel.messages == []
    warehouse.execute("update ops.alerts set hold_until = now() - interval '1 second'")
    look()
    assert titles(channel) == ["failing failed in breaks"]


def test_a_failed_blocking_check_is_told_by_its_name_and_a_warning_is_not(run_job, look, channel):
    run_job("checked")
    look()
    (message,) = channel.messages
    assert message["title"] == "Real Estate OS: blocking check failed, sound: adds_up"
    assert "accounted: 9; received: 10" in message["message"]
    assert "worth_a_look" not in message["message"]


def test_a_check_that_passes_for_its_partitions_ends_it_and_for_others_does_not(run_job, look, channel):
    run_job("checked")
    look()
    run_job("checked", breaks=False, tags=months("2015-03", "2015-04", "cook-il"))
    look()
    assert len(channel.messages) == 1
    run_job("checked", breaks=False)
    look()
    assert titles(channel)[1:] == ["over: blocking check failed, sound: adds_up"]
    run_job("checked")
    look()
    assert len(channel.messages) == 3


def test_what_a_channel_did_not_take_is_told_by_a_later_look(run_job, look, channel):
    channel.fails = True
    run_job("failing")
    look()
    channel.fails = False
    refused = len(channel.messages)
    look()
    look()
    assert len(channel.messages) == refused + 1


def test_a_step_that_fails_beside_a_failed_check_is_told_too(run_job, look, channel):
    both = ("blocking check failed, sound: adds_up", "whole failed in breaks")
    run_job("whole")
    look()
    (message,) = channel.messages
    assert all(title in message["message"] for title in both)
    run_job("whole", breaks=False)
    look()
    (_, message) = channel.messages
    assert all(f"over: {title}" in message["message"] for title in both)
