"""Running the command line as a user would: its own process, its own folder of data."""

import json
import os
import subprocess
import sys
from pathlib import Path

REALESTATE = str(Path(sys.executable).parent / "realestate")
SERVICES = ("DATABASE_URL", "DAGSTER_PG_URL", "LAKE_URL", "LANDING_URL", "REFERENCE_URL", "S3_ENDPOINT_URL",
            "QDRANT_URL", "COUNTY_CONFIG_DIR", "DAGSTER_HOME", "ALERT_URLS",
            "DAGSTER_CELERY_BROKER")  # fmt: skip


def environment(home: Path, **variables: str) -> dict[str, str]:
    """This process's environment with all data under `home` and none of the machine's own services."""
    env = {name: value for name, value in os.environ.items() if name not in SERVICES}
    return env | {"REALESTATE_HOME": str(home), "HF_HUB_OFFLINE": "1"} | variables


def start(args: list[str], env: dict[str, str]) -> subprocess.Popen:
    """Start the command in a process group of its own."""
    return subprocess.Popen(
        [REALESTATE, *args],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(process: subprocess.Popen, timeout: float = 600) -> dict:
    """Wait for a `--json` command and return its object; its own error text where it failed."""
    out, errors = process.communicate(timeout=timeout)
    assert process.returncode == 0, f"exit {process.returncode}\n{out[-3000:]}\n{errors[-6000:]}"
    return json.loads(out.splitlines()[-1])


def run(args: list[str], env: dict[str, str]) -> dict:
    """Run a `--json` command to its end."""
    return finish(start(args, env))
