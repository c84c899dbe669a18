"""What follows the scores by itself: evaluated over the real graph, with events as runs leave them."""

from collections.abc import Iterator

import dagster as dg
import pytest

from realestate_assets import automation
from realestate_assets.automation import follows_scores
from realestate_assets.definitions import defs
from realestate_assets.partitions import BACKFILL, COUNTY_MONTH
from tests.unit.assets.frame_io import range_tags

GRAPH = defs.resolve_asset_graph()
FOLLOWERS = automation.FOLLOWERS.resolve(GRAPH)
SCORES = dg.AssetKey("scores")
OLD, NEW = "king-wa|2015-03", "king-wa|2015-04"


class Platform:
    """An instance whose assets are as a run of the whole graph left them, and ticks over it."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance, self.cursor = instance, None
        for key in GRAPH.materializable_asset_keys:
            self.made(key, OLD if GRAPH.get(key).is_partitioned else None)

    def made(self, key: dg.AssetKey, partition: str | None) -> None:
        self.instance.report_runless_asset_event(dg.AssetMaterialization(key, partition=partition))

    def tick(self) -> dict[dg.AssetKey, set[str]]:
        """Partitions asked for, by asset."""
        result = dg.evaluate_automation_conditions(defs=defs, instance=self.instance, cursor=self.cursor)
        self.cursor = result.cursor
        asked = {key: result.get_requested_partitions(key) for key in FOLLOWERS}
        assert result.total_requested == sum(map(len, asked.values()))
        return {key: keys for key, keys in asked.items() if keys}


@pytest.fixture
def platform() -> Iterator[Platform]:
    with dg.DagsterInstance.ephemeral() as instance:
        made = Platform(instance)
        assert made.tick() == {}, "what was there before is nobody's wish"
        yield made


def test_memos_search_marts_and_boards_follow_new_scores_in_one_go(platform):
    names = {key.path[-1] for key in FOLLOWERS}
    assert names >= {"memos", "embeddings", "deal_board", "boards", "stg_raw__scores", "value_contributions"}
    platform.made(SCORES, OLD)
    assert platform.tick() == {key: {OLD} for key in FOLLOWERS}
    assert platform.tick() == {}


def test_a_month_that_never_had_them_is_followed_too_however_long_ago(platform):
    platform.made(SCORES, NEW)
    assert platform.tick() == {key: {NEW} for key in FOLLOWERS}


def test_new_records_features_or_models_alone_drag_nothing_along(platform):
    for name in ("raw_listings", "properties", "enrichments", "features", "promoted_models"):
        platform.made(dg.AssetKey(name), OLD)
    assert platform.tick() == {}


def test_what_was_made_after_the_scores_is_not_made_again(platform):
    platform.made(SCORES, OLD)
    platform.made(dg.AssetKey("memos"), OLD)
    assert set(platform.tick()) == FOLLOWERS - {dg.AssetKey("memos")}


PARTITIONED = {"partitions_def": COUNTY_MONTH, "backfill_policy": BACKFILL}
SOUND = {"passed": True}


@dg.asset(**PARTITIONED)
def scores() -> None:
    """Stands for the scores."""


@dg.asset(deps=[scores], automation_condition=follows_scores(), **PARTITIONED)
def paper() -> None:
    """Stands for whatever follows them."""


@dg.asset_check(asset=scores, blocking=True)
def scores_hold() -> dg.AssetCheckResult:
    """Passes while SOUND says so."""
    return dg.AssetCheckResult(passed=SOUND["passed"])


SMALL = dg.Definitions(
    [scores, paper],
    asset_checks=[scores_hold],
    jobs=[dg.define_asset_job("everything", selection=dg.AssetSelection.all())],
)


class RealRuns:
    """Two assets, one following the other, and real runs of them over ranges of months."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance, self.cursor = instance, None

    def run(self, *assets: str, first: str = "2015-03", last: str = "2015-04") -> bool:
        job = SMALL.resolve_job_def("everything")
        return job.execute_in_process(
            instance=self.instance,
            tags=range_tags("king-wa", first, last),
            asset_selection=[dg.AssetKey(name) for name in assets] or None,
            raise_on_error=False,
        ).success

    def tick(self) -> set[str]:
        result = dg.evaluate_automation_conditions(defs=SMALL, instance=self.instance, cursor=self.cursor)
        self.cursor = result.cursor
        return result.get_requested_partitions(dg.AssetKey("paper"))


@pytest.fixture
def real_runs(monkeypatch) -> Iterator[RealRuns]:
    monkeypatch.setitem(SOUND, "passed", True)
    with dg.DagsterInstance.ephemeral() as instance:
        made = RealRuns(instance)
        made.tick()
        yield made


def test_a_run_of_the_scores_over_some_months_is_followed_in_each_of_them(real_runs):
    assert real_runs.run("scores")
    assert real_runs.tick() == {OLD, NEW}
    assert real_runs.run("paper")
    assert real_runs.tick() == set()


@pytest.mark.parametrize("assets", [(), ("scores", "paper")])
def test_a_run_that_makes_both_is_not_followed_by_another(real_runs, assets):
    assert real_runs.run(*assets)
    assert real_runs.tick() == set()
    assert real_runs.tick() == set()


def test_scores_whose_blocking_check_failed_are_not_followed(real_runs, monkeypatch):
    monkeypatch.setitem(SOUND, "passed", False)
    assert not real_runs.run("scores")
    assert real_runs.tick() == set()
    monkeypatch.setitem(SOUND, "passed", True)
    # Those of another month that hold say nothing of these.
    assert real_runs.run("scores", first="2016-01", last="2016-01")
    assert real_runs.tick() == {"king-wa|2016-01"}
    assert real_runs.run("scores")
    assert real_runs.tick() == {OLD, NEW}
