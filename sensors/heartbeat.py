"""A look at every service each five minutes: kept in `ops.heartbeats`, told to people when one stays down."""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

import dagster as dg

from resources.alerts.alert import CRITICAL, Alert
from resources.alerts.resource import AlertsResource
from resources.errors import RealEstateError, TransientError
from resources.heartbeats import MAX_DETAIL, OWNERS, Beat, record_beats, take_beats
from resources.lake.store import StoreResource
from resources.scrub import scrub
from resources.telemetry.ticks import observed
from resources.vectors.index import VectorIndexResource
from resources.warehouse.resource import WarehouseResource

# Well below the 60 s a tick is given.
PATIENCE_SECONDS = 20.0
EVERY_SECONDS = 300
PREFIX = "heartbeat:"


@dataclass(frozen=True)
class Services:
    """How each kind of service is tried; a probe says what it saw, or raises.

    Args:
        postgres: tries the warehouse.
        store: tries a file store.
        vector_index: tries the vector index on a county.
        apis: beats of the APIs that are asked.
        county_slug: the county whose vectors are counted.
    """

    postgres: Callable[[WarehouseResource], str]
    store: Callable[[StoreResource], str]
    vector_index: Callable[[VectorIndexResource, str], str]
    apis: Callable[[WarehouseResource], Sequence[Beat]]
    county_slug: str


def build_heartbeat_sensor(services: Services) -> dg.SensorDefinition:
    """A sensor that starts no run: it only looks."""

    @dg.sensor(
        name="heartbeat",
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Looks at Postgres, lake, landing area, vector index and the APIs that are asked, every "
        "five minutes, into ops.heartbeats. Running: a service that is down should be known before a run "
        "needs it.",
    )
    @observed("heartbeat")
    def heartbeat(
        context: dg.SensorEvaluationContext,
        warehouse: WarehouseResource,
        lake: StoreResource,
        landing: StoreResource,
        vector_index: VectorIndexResource,
        alerts: AlertsResource,
    ) -> dg.SkipReason:
        beats = take_beats(
            {
                "postgres": lambda: services.postgres(warehouse),
                "lake": lambda: services.store(lake),
                "landing": lambda: services.store(landing),
                "vector_index": lambda: services.vector_index(vector_index, services.county_slug),
            },
            PATIENCE_SECONDS,
        )
        beats += _apis(services, warehouse)
        down = record_beats(warehouse, beats)
        due = [
            Alert(f"{PREFIX}{name}", f"{name} is down", detail, alerts.link("automation"), CRITICAL, OWNERS)
            for name, detail in down.items()
        ]
        alerts.begin(due)
        alerts.end(ended({kept.alert.key for kept in alerts.lasting(PREFIX)}, beats, set(down)))
        try:
            alerts.deliver()
        except TransientError as error:
            # Nothing is lost: the next look tells it.
            context.log.error(str(error))
        silent = ", ".join(beat.component for beat in beats if not beat.is_up)
        return dg.SkipReason(
            f"{len(beats)} services: {f'no answer from {silent}' if silent else 'all answer'}."
        )

    return heartbeat


def ended(lasting: Set[str], beats: Sequence[Beat], down: Set[str]) -> dict[str, str]:
    """Which alerts of services are over, by key with how; one that missed a beat only is not down yet.

    Args:
        lasting: keys of the alerts that last.
        beats: of this look.
        down: components that did not answer twice.
    """
    up = {beat.component: beat.is_up for beat in beats}
    names = {key: key.removeprefix(PREFIX) for key in lasting}
    return {
        key: "It answers again." if name in up else "It is looked at no longer."
        for key, name in names.items()
        if name not in down and up.get(name, True)
    }


def _apis(services: Services, warehouse: WarehouseResource) -> Sequence[Beat]:
    try:
        return services.apis(warehouse)
    except RealEstateError as error:
        return [Beat("apis", False, None, scrub(str(error))[:MAX_DETAIL])]
