"""Telemetry that is started anew for each test, with its file in a folder of the test."""

import os
from pathlib import Path

import pytest

from resources.telemetry import start


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    start.stop()
    monkeypatch.setenv("REALESTATE_HOME", str(tmp_path))
    for name in [name for name in os.environ if name.startswith(("OTEL_", "OPENLINEAGE_", "SENTRY_"))]:
        monkeypatch.delenv(name)
    yield tmp_path
    start.stop()
