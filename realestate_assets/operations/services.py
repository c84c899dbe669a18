"""Every resource but dbt from the settings: what a command needs that asks no graph.

They stand apart from `definitions`, whose assets take seconds to import.
"""

from collections.abc import Callable
from typing import Any

import dagster as dg

from realestate_assets.domain.tables import TABLES
from realestate_assets.domain.tables.events import EVENT_ROWS, EVENT_SQL
from realestate_assets.domain.tables.ops import OPS_TABLES
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


def build_services(settings: Settings, secret: Callable[[str], str] = dg.EnvVar) -> dict[str, Any]:
    """Each service as a resource; the embedded ones where no address is given.

    Args:
        settings: the settings.
        secret: how a secret is taken from its environment variable. Dagster shows resource values in the
            UI, so there it is EnvVar, which shows the name only; outside Dagster, os.environ.
    """
    lake = store_at(settings.lake_root, settings)
    warehouse = WarehouseResource(
        url=secret("DATABASE_URL") if settings.database_url else "",
        embedded_root=str(settings.postgres_root),
        migrations="realestate_assets:migrations",
    )
    return {
        "lake": lake,
        "landing": store_at(settings.landing_root, settings),
        "reference": store_at(settings.reference_root, settings),
        "lake_io": LakeIOManager(store=lake),
        "warehouse": warehouse,
        "http": HttpClientResource(warehouse=warehouse),
        "warehouse_io": WarehouseIOManager(
            warehouse=warehouse,
            tables=TABLES,
            journal=Journal(tuple(OPS_TABLES.values()), EVENT_SQL, EVENT_ROWS),
        ),
        "vector_index": VectorIndexResource(
            url=settings.qdrant_url or "",
            api_key=secret("QDRANT_API_KEY") if settings.qdrant_api_key else "",
            root=str(settings.vectors_root),
            quantization=settings.qdrant_quantization,
        ),
        "alerts": AlertsResource(
            warehouse=warehouse,
            urls=secret("ALERT_URLS") if settings.alert_urls else "",
            routes=str(settings.alert_routes.expanduser()) if settings.alert_routes else "",
            remind_hours=settings.alert_remind_hours,
            webserver_url=settings.dagster_webserver_url,
        ),
        "embedder": EmbedderResource(model=settings.embedding_model or ""),
    }


def store_at(address: str, settings: Settings) -> StoreResource:
    """A store of files at an address; a bucket is reached as the settings say."""
    return StoreResource(
        root_url=address,
        s3_endpoint_url=settings.s3_endpoint_url or "",
        s3_addressing=settings.s3_addressing or "",
    )
