"""Every service as a resource of Dagster's, and the IO managers: what assets and sensors are handed."""

from collections.abc import Callable
from typing import Any

import dagster as dg

from realestate_assets.domain.tables import TABLES
from realestate_assets.domain.tables.events import EVENT_ROWS, EVENT_SQL
from realestate_assets.domain.tables.ops import OPS_TABLES
from realestate_assets.operations.services import Kinds, build_services
from realestate_assets.settings import Settings
from resources.alerts.resource import AlertsResource
from resources.http.client import HttpClientResource
from resources.lake.io_manager import LakeIOManager
from resources.lake.store import StoreResource
from resources.vectors.embedder import EmbedderResource
from resources.vectors.index import VectorIndexResource
from resources.warehouse.io_manager import WarehouseIOManager
from resources.warehouse.journal import Journal
from resources.warehouse.resource import WarehouseResource

RESOURCES = Kinds(
    store=StoreResource,
    warehouse=WarehouseResource,
    vectors=VectorIndexResource,
    alerts=AlertsResource,
    embedder=EmbedderResource,
)


def build_dagster_services(settings: Settings, secret: Callable[[str], str] = dg.EnvVar) -> dict[str, Any]:
    """Each service as a resource; arguments as those of `build_services`."""
    services = build_services(settings, secret, RESOURCES)
    warehouse = services["warehouse"]
    return {
        **services,
        "lake_io": LakeIOManager(store=services["lake"]),
        "http": HttpClientResource(warehouse=warehouse),
        "warehouse_io": WarehouseIOManager(
            warehouse=warehouse,
            tables=TABLES,
            journal=Journal(tuple(OPS_TABLES.values()), EVENT_SQL, EVENT_ROWS),
        ),
    }
