"""A backfill of counties: what begins when, what a failure holds up, and how a command goes on."""

import dagster as dg
import pytest
from dagster._core.storage.tags import WILL_RETRY_TAG

from realestate_assets.definitions import defs
from realestate_assets.operations.backfill import (
    PIECE_TAG,
    WAVES,
    Backfill,
    State,
    assets_of_waves,
    failures,
    identity,
    plan,
)

MONTHS = ["2024-01", "2024-02", "2024-03"]


@dg.asset
def features() -> int:
    """Of the first wave."""
    return 1


@dg.asset
def valuation_models(features: int) -> int:
    """Of the second."""
    return features


@dg.asset
def offer_models(valuation_models: int) -> int:
    """Of the third."""
    return valuation_models


# Like the graph, with an asset for each wave: what a run holds does not matter here.
SMALL = dg.Definitions(
    assets=[features, valuation_models, offer_models], jobs=[dg.define_asset_job("pipeline")]
)
QUEUED = {"run_coordinator": {"module": "dagster._core.run_coordinator", "class": "QueuedRunCoordinator"}}


@pytest.fixture
def instance():
    with dg.instance_for_test(overrides=QUEUED) as instance:
        yield instance


def queued(instance: dg.DagsterInstance) -> dict[str, str]:
    """Runs that wait or go on, by piece."""
    runs = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED]))
    return {run.tags[PIECE_TAG]: run.run_id for run in runs}


def end(instance: dg.DagsterInstance, run_id: str, is_good: bool = True, **tags: str) -> None:
    instance.add_run_tags(run_id, tags)
    kind = dg.DagsterEventType.RUN_SUCCESS if is_good else dg.DagsterEventType.RUN_FAILURE
    event = dg.DagsterEvent(event_type_value=kind.value, job_name="pipeline")
    instance.report_dagster_event(event, run_id=run_id)


def test_the_pieces_are_each_month_of_each_county_once_in_each_wave():
    pieces = plan(["cook-il", "king-wa"], MONTHS, 2)
    assert [piece.key for piece in pieces[:4]] == [
        "intake:cook-il|2024-01:2024-02",
        "intake:cook-il|2024-03:2024-03",
        "intake:king-wa|2024-01:2024-02",
        "intake:king-wa|2024-03:2024-03",
    ]
    months = [piece.key.partition(":")[2] for piece in pieces]
    assert months == months[:4] * len(WAVES)
    assert len({piece.key for piece in pieces}) == len(pieces) == 4 * len(WAVES)


def test_the_waves_are_the_whole_job_and_none_needs_anything_of_a_later_one():
    waves = assets_of_waves(defs)
    graph = defs.resolve_asset_graph()
    job = set(defs.resolve_job_def("pipeline").asset_layer.executable_asset_keys)
    assert sum(map(len, waves.values())) == len(job) and frozenset().union(*waves.values()) == job
    later = set(job)
    for wave in WAVES:
        later -= waves[wave]
        assert not {parent for key in waves[wave] for parent in graph.get(key).parent_keys} & later
    placed = {key.path[-1]: wave for wave, keys in waves.items() for key in keys}
    assert (placed["features"], placed["scores"]) == ("intake", "scores")


def test_what_learns_from_all_counties_begins_a_wave_after_all_that_it_is_made_from():
    waves = assets_of_waves(defs)
    graph = defs.resolve_asset_graph()
    placed = {key: at for at, wave in enumerate(WAVES) for key in waves[wave]}
    for name in ("valuation_models", "offer_models"):
        key = dg.AssetKey(name)
        assert all(placed[parent] < placed[key] for parent in graph.get(key).parent_keys if parent in placed)


def test_counties_go_side_by_side_their_months_in_order_and_values_wait_for_all(instance):
    pieces = plan(["cook-il", "king-wa"], MONTHS, 2)
    following = Backfill(instance, SMALL, pieces)
    seen_order: list[set[str]] = []
    for _ in range(8):
        seen = following.advance()
        now = queued(instance)
        seen_order.append(set(now))
        if not now:
            break
        for run_id in now.values():
            end(instance, run_id)
    assert seen_order == [
        {f"{wave}:{slug}|{months}" for slug in ("cook-il", "king-wa")}
        for wave in WAVES
        for months in ("2024-01:2024-02", "2024-03:2024-03")
    ] + [set()]
    assert seen.count(State.DONE) == len(pieces)


def test_a_county_that_fails_stops_there_and_the_same_command_tries_it_once_more(instance):
    pieces = plan(["cook-il", "king-wa"], MONTHS, 3)
    following = Backfill(instance, SMALL, pieces)
    following.advance()
    first = queued(instance)
    end(instance, first["intake:cook-il|2024-01:2024-03"], is_good=False)
    end(instance, first["intake:king-wa|2024-01:2024-03"])
    seen = following.advance()
    assert queued(instance) == {} and seen.count(State.RUNNING) == 0
    assert set(failures(seen)) == {"intake:cook-il|2024-01:2024-03"}
    # Another process, later.
    again = Backfill(instance, SMALL, pieces)
    again.advance()
    assert set(queued(instance)) == {"intake:cook-il|2024-01:2024-03"}
    for run_id in queued(instance).values():
        end(instance, run_id)
    again.advance()
    assert set(queued(instance)) == {"values:cook-il|2024-01:2024-03", "values:king-wa|2024-01:2024-03"}


def test_a_run_that_dagster_begins_anew_by_itself_is_waited_for(instance):
    pieces = plan(["king-wa"], MONTHS, 3)
    following = Backfill(instance, SMALL, pieces)
    following.advance()
    (run_id,) = queued(instance).values()
    end(instance, run_id, is_good=False, **{WILL_RETRY_TAG: "true"})
    seen = following.advance()
    assert queued(instance) == {} and seen.count(State.RUNNING) == 1


def test_two_commands_at_once_do_not_begin_a_piece_twice(instance):
    pieces = plan(["king-wa"], MONTHS, 3)
    first, second = Backfill(instance, SMALL, pieces), Backfill(instance, SMALL, pieces)
    first.advance()
    second.advance()
    assert len(instance.get_runs()) == 1
    # Both had looked before either began anything.
    (piece,) = pieces[:1]
    assert first._submit(piece, 0) == second._submit(piece, 0) == instance.get_runs()[0].run_id
    assert len(instance.get_runs()) == 1


def test_what_is_done_is_made_once_more_only_when_asked(instance):
    pieces = plan(["king-wa"], MONTHS, 3)
    following = Backfill(instance, SMALL, pieces)
    for _ in WAVES:
        following.advance()
        for run_id in queued(instance).values():
            end(instance, run_id)
    assert Backfill(instance, SMALL, pieces).advance().count(State.DONE) == len(WAVES)
    Backfill(instance, SMALL, pieces, again=True).advance()
    assert set(queued(instance)) == {"intake:king-wa|2024-01:2024-03"}


def test_other_pieces_are_another_backfill():
    assert identity(plan(["king-wa"], MONTHS, 3)) == identity(plan(["king-wa"], MONTHS, 3))
    assert (
        len({identity(plan([slug], MONTHS, width)) for slug in ("king-wa", "cook-il") for width in (1, 3)})
        == 4
    )
