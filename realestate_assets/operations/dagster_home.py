"""DAGSTER_HOME with a dagster.yaml made from the settings: runs on this machine, or handed to workers.

The shipped `dagster.yaml` is what holds everywhere; with DAGSTER_CELERY_BROKER set, launcher, limits and the
place of the logs of steps follow from the settings. No secret enters the file.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from realestate_assets.operations.many_machines import refuse_what_is_missing
from realestate_assets.settings import Settings
from resources.home import PROJECT_ROOT, make_folder
from resources.whole_file import replace_file

BACKFILL_COUNTY_TAG = "realestate/backfill_county"
# A run that no worker took: one is missing for its queue.
START_SECONDS = 900
# A lost worker: 45 s of silence (resources/workers), this, and the daemon's 30 s to begin the run anew.
POLL_SECONDS = 10
# A machine may be lost again while it is made up for.
LOST_RUN_RETRIES = 5


def prepare_dagster_home(settings: Settings) -> Path:
    """DAGSTER_HOME with a dagster.yaml of these settings in it; one set from outside is left as it is.

    Raises:
        PermanentError: runs shall go to workers, and what they need to share is not set.
    """
    refuse_what_is_missing(settings)
    if os.environ.get("DAGSTER_HOME"):
        return Path(os.environ["DAGSTER_HOME"])
    home = settings.home / "dagster"
    make_folder(home)
    wanted, present = dagster_yaml(settings), home / "dagster.yaml"
    if not present.exists() or present.read_bytes() != wanted:
        # Whole or not at all: another process may be reading it.
        replace_file(present, wanted)
    os.environ["DAGSTER_HOME"] = str(home)
    return home


def dagster_yaml(settings: Settings) -> bytes:
    """The instance's configuration as text: the shipped one, changed where runs go to workers."""
    shipped = (PROJECT_ROOT / "dagster.yaml").read_bytes()
    if settings.dagster_celery_broker is None and settings.max_concurrent_runs is None:
        return shipped
    config = yaml.safe_load(shipped)
    runs = config["concurrency"]["runs"]
    if settings.max_concurrent_runs is not None:
        runs["max_concurrent_runs"] = settings.max_concurrent_runs
    if settings.dagster_celery_broker is not None:
        _hand_to_workers(config, settings)
    heading = "# Made from the settings at each start: changes here are lost.\n"
    return (heading + yaml.safe_dump(config, sort_keys=False)).encode()


def _hand_to_workers(config: dict[str, Any], settings: Settings) -> None:
    config["run_launcher"] = {"module": "resources.workers.launcher", "class": "WorkerRunLauncher"}
    runs = config["concurrency"]["runs"]
    # What goes by itself leaves one place to people.
    for limit in runs["tag_concurrency_limits"]:
        if limit["key"] == "realestate/automatic":
            limit["limit"] = max(1, runs["max_concurrent_runs"] - 1)
    # Months of a county in order, counties side by side.
    by_county = {"key": BACKFILL_COUNTY_TAG, "value": {"applyLimitPerUniqueValue": True}, "limit": 1}
    runs["tag_concurrency_limits"].append(by_county)
    config["run_monitoring"] |= {
        "start_timeout_seconds": START_SECONDS,
        "poll_interval_seconds": POLL_SECONDS,
        # Places in pools that a lost run held: its successor waits for them.
        "free_slots_after_run_end_seconds": POLL_SECONDS,
    }
    config["run_retries"]["max_retries"] = LOST_RUN_RETRIES
    if settings.lake_root.startswith("s3://"):
        config["compute_logs"] = _logs_in_the_bucket(settings)


def _logs_in_the_bucket(settings: Settings) -> dict[str, Any]:
    """What a step wrote, where every machine's UI finds it."""
    parts = urlsplit(settings.lake_root)
    options: dict[str, Any] = {
        "bucket": parts.netloc,
        "prefix": f"{parts.path.strip('/')}/_logs".strip("/"),
        "skip_empty_files": True,
        "upload_interval": 30,
    }
    if settings.s3_endpoint_url:
        options |= {
            "endpoint_url": settings.s3_endpoint_url,
            "use_ssl": settings.s3_endpoint_url.startswith("https://"),
        }
    return {"module": "dagster_aws.s3.compute_log_manager", "class": "S3ComputeLogManager", "config": options}
