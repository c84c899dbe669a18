"""A look at every service each five minutes: kept in `ops.heartbeats`, and told to people when one stays down."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import dagster as dg

from realestate_assets.errors import RealEstateError
from resources.alerts import Alert, AlertsResource, scrub
from resources.heartbeats import Beat, record_beats
from resources.warehouse import WarehouseResource

# A probe says what it saw, or raises.
Probe = Callable[[], str]
# Services that are looked at together give their beats themselves.
Group = Callable[[], Sequence[Beat]]
EVERY_SECONDS = 300
PREFIX = "heartbeat:"
MAX_DETAIL = 500


def build_heartbeat_sensor(
    probes: Callable[[], Mapping[str, Probe]], group: Group
) -> dg.SensorDefinition:
    """A sensor that starts no run: it only looks.

    Args:
        probes: the services by name.
        group: services that are looked at together.
    """

    @dg.sensor(
        name="heartbeat",
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Looks at Postgres, lake, landing area, vector index and the APIs that are asked, every five "
        "minutes, into ops.heartbeats. Running: a service that is down should be known before a run needs it.",
    )
    def heartbeat(
        context: dg.SensorEvaluationContext, warehouse: WarehouseResource, alerts: AlertsResource
    ) -> dg.SkipReason:
        beats = [*take_beats(probes()), *_grouped(group)]
        down = record_beats(warehouse, beats)
        told = [
            Alert(f"{PREFIX}{name}", f"{name} is down", detail, alerts.link("automation"))
            for name, detail in down.items()
        ]
        alerts.close(PREFIX, {alert.key for alert in told})
        alerts.tell(told)
        silent = [beat.component for beat in beats if not beat.is_up]
        return dg.SkipReason(f"{len(beats) - len(silent)} of {len(beats)} services answer. {' '.join(silent)}".strip())

    return heartbeat


def take_beats(probes: Mapping[str, Probe]) -> list[Beat]:
    """Try services at once, each in its own thread."""
    with ThreadPoolExecutor(max_workers=max(len(probes), 1)) as pool:
        return list(pool.map(lambda item: _beat(*item), probes.items()))


def _beat(name: str, probe: Probe) -> Beat:
    started = time.monotonic()
    try:
        seen, is_up = probe(), True
    except RealEstateError as error:
        seen, is_up = str(error), False
    except Exception as error:
        seen, is_up = f"{type(error).__name__}: {error}", False
    return Beat(name, is_up, (time.monotonic() - started) * 1000, scrub(seen)[:MAX_DETAIL])


def _grouped(group: Group) -> Sequence[Beat]:
    try:
        return group()
    except RealEstateError as error:
        return [Beat("apis", False, 0.0, scrub(str(error))[:MAX_DETAIL])]
