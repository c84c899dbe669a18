"""Every service from the settings: what a command needs that asks no graph, and the graph's resources.

They stand apart from `definitions`, whose assets take seconds to import, and need no Dagster.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from realestate_assets.settings import Settings
from resources.alerts.alerts import Alerts
from resources.lake.files import Store
from resources.vectors.sentences import Embedder
from resources.vectors.vectors import Vectors
from resources.warehouse.warehouse import Warehouse


@dataclass(frozen=True)
class Kinds:
    """The class of each service: as it is, or as a resource of Dagster's."""

    store: type[Store] = Store
    warehouse: type[Warehouse] = Warehouse
    vectors: type[Vectors] = Vectors
    alerts: type[Alerts] = Alerts
    embedder: type[Embedder] = Embedder


PLAIN = Kinds()


def build_services(
    settings: Settings, secret: Callable[[str], str] = os.environ.__getitem__, kinds: Kinds = PLAIN
) -> dict[str, Any]:
    """Each service; the embedded ones where no address is given.

    Args:
        settings: the settings.
        secret: how a secret is taken from its environment variable. Dagster shows resource values in the
            UI, so there it is EnvVar, which shows the name only; outside Dagster, os.environ.
        kinds: the classes.
    """
    warehouse = kinds.warehouse(
        url=secret("DATABASE_URL") if settings.database_url else "",
        embedded_root=str(settings.postgres_root),
        migrations="realestate_assets:migrations",
    )
    return {
        "lake": store_at(settings.lake_root, settings, kinds.store),
        "landing": store_at(settings.landing_root, settings, kinds.store),
        "reference": store_at(settings.reference_root, settings, kinds.store),
        "warehouse": warehouse,
        "vector_index": kinds.vectors(
            url=settings.qdrant_url or "",
            api_key=secret("QDRANT_API_KEY") if settings.qdrant_api_key else "",
            root=str(settings.vectors_root),
            quantization=settings.qdrant_quantization,
        ),
        "alerts": kinds.alerts(
            warehouse=warehouse,
            urls=secret("ALERT_URLS") if settings.alert_urls else "",
            routes=str(settings.alert_routes.expanduser()) if settings.alert_routes else "",
            remind_hours=settings.alert_remind_hours,
            webserver_url=settings.dagster_webserver_url,
        ),
        "embedder": kinds.embedder(model=settings.embedding_model or ""),
    }


def store_at(address: str, settings: Settings, kind: type[Store] = Store) -> Store:
    """A store of files at an address; a bucket is reached as the settings say."""
    return kind(
        root_url=address,
        s3_endpoint_url=settings.s3_endpoint_url or "",
        s3_addressing=settings.s3_addressing or "",
    )
