"""Starts and ends what a process tells of itself, as its settings say."""

import logging
import os
from importlib.metadata import PackageNotFoundError, version

from resources.errors import RealEstateError
from resources.home import data_home
from resources.telemetry import faults, logs, spans
from resources.telemetry.config import TelemetrySettings, read_settings

_log = logging.getLogger(__name__)
_settings: TelemetrySettings | None = None
_pid = 0
# The process that has been told that its settings cannot be used.
_told = 0


def start() -> TelemetrySettings:
    """Start once a process; its forks are processes of their own.

    Raises:
        PermanentError: a setting is none that can be.
    """
    global _settings, _pid
    if _settings is not None and _pid == os.getpid():
        return _settings
    settings = read_settings()
    logs.start(settings.log_format, settings.log_level, data_home())
    if settings.sentry_dsn:
        faults.start(settings.sentry_dsn.get_secret_value(), settings.sentry_environment, installed())
    if settings.traces_endpoint:
        spans.start(settings.traces_endpoint, installed())
    _settings, _pid = settings, os.getpid()
    return settings


def start_quietly() -> TelemetrySettings | None:
    """Start where work must go on whatever the settings are; None where they cannot be used."""
    global _told
    if _told == os.getpid():
        return None
    try:
        return start()
    except RealEstateError as error:
        _told = os.getpid()
        _log.warning("Logs, unexpected errors, traces and lineage are not as they were set: %s", error)
        return None


def stop() -> None:
    """End; what waits is sent before. The next `start` reads the settings anew."""
    global _settings, _told
    spans.stop()
    faults.stop()
    logs.stop()
    _settings, _told = None, 0


def installed() -> str:
    """Version of this installation."""
    try:
        return version("realestate-os")
    except PackageNotFoundError:
        return "unknown"
