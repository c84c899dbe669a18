"""Schedules and sensors: what they are, what they did last, on and off."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from realestate_assets.operations.pipelines import queries
from realestate_assets.operations.pipelines.graphql import Dagster, NotFoundError
from realestate_assets.operations.pipelines.moments import of_seconds
from realestate_assets.operations.run_origin import REPOSITORY, location_name

Kind = Literal["schedule", "sensor"]


@dataclass(frozen=True)
class Switch:
    """A schedule or a sensor.

    Args:
        every: a cron line, or seconds between two looks.
        last_status: of its last tick: STARTED, SKIPPED, SUCCESS or FAILURE.
    """

    kind: Kind
    name: str
    description: str
    is_running: bool
    every: str
    time_zone: str | None
    last_status: str | None
    last_at: datetime | None
    last_error: str | None


def selector() -> dict[str, str]:
    """Dagster's words for this code location."""
    return {"repositoryName": REPOSITORY, "repositoryLocationName": location_name()}


def list_switches(dagster: Dagster) -> list[Switch]:
    """All schedules, then all sensors, by name.

    Raises:
        TransientError: Dagster does not answer.
    """
    return [switch for switch, _ in _found(dagster)]


def turn(dagster: Dagster, kind: Kind, name: str, on: bool) -> Switch:
    """Turn one on or off, and give it back as it is then; repeatable.

    Raises:
        NotFoundError: there is none of that name.
        PermanentError: Dagster refuses.
        TransientError: Dagster does not answer.
    """
    state_id = _one(dagster, kind, name)[1]
    if on:
        start = queries.START_SCHEDULE if kind == "schedule" else queries.START_SENSOR
        wanted = selector() | {f"{kind}Name": name}
        dagster.ask(
            start, {"selector": wanted}, field="startSchedule" if kind == "schedule" else "startSensor"
        )
    else:
        stop = queries.STOP_SCHEDULE if kind == "schedule" else queries.STOP_SENSOR
        field = "stopRunningSchedule" if kind == "schedule" else "stopSensor"
        dagster.ask(stop, {"id": state_id}, field=field)
    return _one(dagster, kind, name)[0]


def _one(dagster: Dagster, kind: Kind, name: str) -> tuple[Switch, str]:
    for switch, state_id in _found(dagster):
        if (switch.kind, switch.name) == (kind, name):
            return switch, state_id
    raise NotFoundError(f"There is no {kind} {name}.")


def _found(dagster: Dagster) -> list[tuple[Switch, str]]:
    asked = {"selector": selector()}
    schedules = dagster.ask(queries.SWITCHES, asked, field="schedulesOrError")["results"]
    sensors = dagster.ask(queries.SWITCHES, asked, field="sensorsOrError")["results"]
    found = [_switch("schedule", each, each["scheduleState"]) for each in schedules]
    found += [_switch("sensor", each, each["sensorState"]) for each in sensors]
    return sorted(found, key=lambda pair: (pair[0].kind, pair[0].name))


def _switch(kind: Kind, told: dict[str, Any], state: dict[str, Any]) -> tuple[Switch, str]:
    tick = (state["ticks"] or [{}])[0]
    switch = Switch(
        kind=kind,
        name=told["name"],
        description=told["description"] or "",
        is_running=state["status"] == "RUNNING",
        every=told["cronSchedule"] if kind == "schedule" else f"{told['minIntervalSeconds']} s",
        time_zone=told.get("executionTimezone"),
        last_status=tick.get("status"),
        last_at=of_seconds(tick.get("timestamp")),
        last_error=(tick.get("error") or {}).get("message"),
    )
    return switch, state["id"]
