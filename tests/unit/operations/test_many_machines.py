"""Runs for workers: what they must share is asked for by name, and dagster.yaml follows from the settings."""

import pytest
import yaml

from realestate_assets.operations.dagster_home import dagster_yaml, prepare_dagster_home
from realestate_assets.operations.many_machines import SHARED, missing
from realestate_assets.operations.worker import check_queues
from realestate_assets.settings import Settings
from resources.errors import PermanentError
from resources.home import PROJECT_ROOT

BROKER = "redis://:s3cret@broker:6379/0"
SHARED_ALL = {
    "dagster_celery_broker": BROKER,
    "database_url": "postgresql://a:b@db/realestate",
    "lake_url": "s3://lake/here",
    "reference_url": "s3://lake/reference",
    "qdrant_url": "http://qdrant:6333",
    "county_config_dir": "/etc/realestate/counties",
}


def settings(**given: object) -> Settings:
    return Settings(_env_file=None, **given)


def test_without_a_broker_nothing_is_asked_for_and_the_shipped_file_is_taken_to_the_byte():
    assert missing(settings()) == []
    assert dagster_yaml(settings()) == (PROJECT_ROOT / "dagster.yaml").read_bytes()


def test_workers_that_share_all_want_nothing():
    assert missing(settings(**SHARED_ALL)) == []


@pytest.mark.parametrize(
    ("name", "local"),
    [
        ("DATABASE_URL", {"database_url": None}),
        ("LAKE_URL", {"lake_url": "/data/lake", "landing_url": "s3://lake/landing"}),
        ("LANDING_URL", {"landing_url": "/data/landing"}),
        ("REFERENCE_URL", {"reference_url": None}),
        ("QDRANT_URL", {"qdrant_url": None}),
        ("COUNTY_CONFIG_DIR", {"county_config_dir": None}),
    ],
)
def test_what_is_of_one_machine_is_refused_by_its_name(name, local, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", "/nowhere")
    chosen = settings(**{**SHARED_ALL, **local})
    assert [line.partition(":")[0] for line in missing(chosen)] == [name]
    with pytest.raises(PermanentError, match=name) as refused:
        prepare_dagster_home(chosen)
    assert "s3cret" not in str(refused.value)


def test_every_setting_that_is_asked_for_is_tried_above():
    assert {name for name, _, _ in SHARED} == {
        "DATABASE_URL", "LAKE_URL", "LANDING_URL", "REFERENCE_URL", "QDRANT_URL", "COUNTY_CONFIG_DIR"
    }  # fmt: skip


def test_workers_of_one_machine_may_use_its_folders():
    assert missing(settings(dagster_celery_broker=BROKER, workers_share_machine=True)) == []


def test_the_file_for_workers_holds_their_launcher_limits_and_logs_and_no_secret():
    text = dagster_yaml(settings(**SHARED_ALL, max_concurrent_runs=5, s3_endpoint_url="http://store:8333"))
    assert b"s3cret" not in text and b"broker:6379" not in text
    config = yaml.safe_load(text)
    assert config["run_launcher"] == {"module": "resources.workers.launcher", "class": "WorkerRunLauncher"}
    runs = config["concurrency"]["runs"]
    limits = {limit["key"]: limit["limit"] for limit in runs["tag_concurrency_limits"]}
    assert runs["max_concurrent_runs"] == 5
    assert limits == {"dagster/backfill": 1, "realestate/automatic": 4, "realestate/backfill_county": 1}
    logs = config["compute_logs"]["config"]
    assert (logs["bucket"], logs["prefix"]) == ("lake", "here/_logs")
    assert (logs["endpoint_url"], logs["use_ssl"]) == ("http://store:8333", False)
    # All else is as it is without workers.
    shipped = yaml.safe_load((PROJECT_ROOT / "dagster.yaml").read_text())
    assert config["storage"] == shipped["storage"] and config["retention"] == shipped["retention"]


def test_a_folder_is_written_once_and_again_when_the_settings_change(tmp_path, monkeypatch):
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    home = prepare_dagster_home(settings(realestate_home=tmp_path))
    first = (home / "dagster.yaml").stat().st_ino
    monkeypatch.delenv("DAGSTER_HOME")
    assert prepare_dagster_home(settings(realestate_home=tmp_path)) == home
    assert (home / "dagster.yaml").stat().st_ino == first
    monkeypatch.delenv("DAGSTER_HOME")
    prepare_dagster_home(settings(realestate_home=tmp_path, max_concurrent_runs=7))
    assert (
        yaml.safe_load((home / "dagster.yaml").read_text())["concurrency"]["runs"]["max_concurrent_runs"] == 7
    )
    assert [path.name for path in home.iterdir()] == ["dagster.yaml"]


def test_queues_are_known_by_name():
    assert check_queues(" heavy, default ") == ["heavy", "default"]
    for wrong in ("", "heavy,slow", ","):
        with pytest.raises(ValueError, match="there are default, heavy, providers"):
            check_queues(wrong)
