"""The schedules of the platform: what each asks for over the real graph, and what stands in their jobs."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg
import pytest

from realestate_assets import schedules
from realestate_assets.definitions import defs
from realestate_assets.domain.core.months import add_months
from realestate_assets.extent import all_months, counties
from realestate_assets.freshness import POLICIES
from realestate_assets.jobs import TRAINING
from realestate_assets.settings import get_settings
from resources.partition import Partition
from sensors.requests import Grid
from sensors.schedules import requests_of

GRAPH = defs.resolve_asset_graph()
LATEST = all_months()[-1]
# The middle of the running month, so that only one month is due.
NOW = datetime.fromisoformat(f"{LATEST}-15T12:00").replace(tzinfo=UTC)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def made(instance: dg.DagsterInstance, asset: str, *slugs: str, month: str = LATEST) -> None:
    for slug in slugs:
        event = dg.AssetMaterialization(asset, partition=Partition(slug, month).key)
        instance.report_runless_asset_event(event)


def test_a_new_installation_asks_for_nothing_by_itself(instance):
    for due in (schedules.fetched_due, schedules.discovered_due, schedules.features_due):
        assert all(not found.partitions for found in due(instance, NOW, None))


def test_each_hour_the_counties_that_are_asked_of_an_api_are_discovered(instance, monkeypatch):
    monkeypatch.setenv("ENABLED_APIS", "socrata_cook")
    get_settings.cache_clear()
    try:
        (due,) = schedules.fetched_due(instance, NOW, None)
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()
    assert due.partitions == {Partition("cook-il", LATEST)}


def test_the_night_takes_what_was_discovered_and_trains_only_where_there_is_no_model(instance):
    made(instance, "properties", "cook-il", "harris-tx", "king-wa")
    made(instance, "properties", "king-wa", month="2015-03")
    made(instance, "promoted_models", "cook-il", "king-wa")
    trained, untrained = schedules.discovered_due(instance, NOW, None)
    assert trained.partitions == {Partition("cook-il", LATEST), Partition("king-wa", LATEST)}
    assert untrained.partitions == {Partition("harris-tx", LATEST)}
    assert untrained.assets is None
    names = {key.path[-1] for key in trained.assets}
    assert names >= {"features", "scores", "embeddings", "memos", "deal_board", "boards"}
    assert not names & {key.path[-1] for key in TRAINING.resolve(GRAPH)}
    assert not names & {"raw_listings", "properties", "enrichments", "dbt_docs"}


def test_the_assets_of_a_night_without_training_are_a_part_of_its_job_with_their_checks(instance):
    made(instance, "properties", "king-wa")
    made(instance, "promoted_models", "king-wa")
    found = schedules.discovered_due(instance, NOW, None)
    grid = Grid(tuple(counties()), all_months(), 36)
    (request,) = requests_of("nightly_scores", NOW, grid, found)
    job = defs.resolve_job_def("nightly").get_subset(asset_selection=set(request.asset_selection))
    assert set(job.asset_layer.selected_asset_keys) == set(request.asset_selection)
    checked = {key.asset_key.path[-1] for key in job.asset_layer.asset_graph.asset_check_keys}
    assert {"features", "scores"} <= checked


def test_models_are_trained_where_there_are_features(instance):
    made(instance, "features", "king-wa")
    (due,) = schedules.features_due(instance, NOW, None)
    assert due.partitions == {Partition("king-wa", LATEST)}


def test_tuning_is_off_and_asks_for_a_study_of_counties_with_three_months_of_features(instance):
    (schedule,) = (each for each in defs.schedules if each.name == "monthly_tuning")
    assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED
    assert isinstance(schedules.studies_wanted(instance, NOW), str)
    months = [add_months(LATEST, -back) for back in (3, 2, 1)]
    for month in months:
        made(instance, "features", "king-wa", month=month)
    made(instance, "features", "cook-il", month=months[0])
    (name, config), *others = schedules.studies_wanted(instance, NOW).items()
    assert (name, others) == ("king-wa", [])
    # Dagster takes it as the job's configuration.
    dg.validate_run_config(defs.resolve_job_def("tuning"), config)
    assert config["ops"]["tuning_study"]["config"]["months"] == f"{months[0]}:{months[-1]}"


def test_the_docs_wait_for_a_mart(instance):
    assert isinstance(schedules.docs_wanted(instance, NOW), str)
    made(instance, "deal_board", "king-wa")
    assert schedules.docs_wanted(instance, NOW) == {"docs": {}}


def test_every_schedule_and_sensor_says_why_it_is_running_or_stopped():
    for each in [*defs.schedules, *defs.sensors]:
        assert "Running:" in each.description or "Stopped:" in each.description, each.name


def test_no_schedule_ticks_in_the_hours_that_a_change_of_the_clocks_skips_or_repeats():
    for schedule in defs.schedules:
        hour = schedule.cron_schedule.split()[1]
        assert hour == "*" or int(hour) >= 3, schedule.name


def test_what_people_read_has_a_freshness_policy():
    keys = GRAPH.materializable_asset_keys
    assert {key.path[-1] for key in keys if GRAPH.get(key).freshness_policy} == set(POLICIES)


def test_everything_automatic_carries_the_tag_of_the_line(instance):
    made(instance, "properties", "king-wa")
    found = schedules.discovered_due(instance, NOW, None)
    for request in requests_of("nightly_scores", NOW, schedules.grid(), found):
        assert request.tags["realestate/automatic"] == "true"
