"""The code location: assets, checks, jobs, schedules, sensors and resources put together.

Importable with no credential, network or database: resources open their connections when first used.
"""

from collections.abc import Callable, Mapping
from typing import Any

import dagster as dg

from realestate_assets.checks.registry import all_checks
from realestate_assets.dbt_run import dbt_resource
from realestate_assets.domain.events import EVENT_SQL
from realestate_assets.domain.ops_tables import OPS_TABLES
from realestate_assets.domain.tables import TABLES
from realestate_assets.groups import grouped_assets
from realestate_assets.jobs import JOBS
from realestate_assets.settings import Settings, get_settings
from realestate_assets.timetable import SCHEDULES
from realestate_assets.triggers import SENSORS
from resources.alerts import AlertsResource
from resources.embedder import EmbedderResource
from resources.http_client import HttpClientResource
from resources.lake_io import LakeIOManager
from resources.store import StoreResource
from resources.vector_index import VectorIndexResource
from resources.warehouse import WarehouseResource
from resources.warehouse_io import Journal, WarehouseIOManager


def build_resources(settings: Settings, secret: Callable[[str], str] = dg.EnvVar) -> dict[str, Any]:
    """Every resource from the settings; the embedded services where no address is given.

    Args:
        settings: the settings.
        secret: how a secret is taken from its environment variable. Dagster shows resource values in the
            UI, so there it is EnvVar, which shows the name only; outside Dagster, os.environ.
    """
    s3 = settings.s3_endpoint_url or ""
    lake = StoreResource(root_url=settings.lake_root, s3_endpoint_url=s3)
    warehouse = WarehouseResource(
        url=secret("DATABASE_URL") if settings.database_url else "",
        embedded_root=str(settings.postgres_root),
    )
    return {
        "lake": lake,
        "landing": StoreResource(root_url=settings.landing_root, s3_endpoint_url=s3),
        "reference": StoreResource(root_url=settings.reference_root, s3_endpoint_url=s3),
        "lake_io": LakeIOManager(lake),
        "warehouse": warehouse,
        "http": HttpClientResource(warehouse=warehouse),
        "warehouse_io": WarehouseIOManager(warehouse, TABLES, Journal(tuple(OPS_TABLES.values()), EVENT_SQL)),
        "vector_index": VectorIndexResource(
            url=settings.qdrant_url or "",
            api_key=secret("QDRANT_API_KEY") if settings.qdrant_api_key else "",
            root=str(settings.vectors_root),
        ),
        "dbt": dbt_resource(),
        "alerts": AlertsResource(
            warehouse=warehouse,
            urls=secret("ALERT_URLS") if settings.alert_urls else "",
            webserver_url=settings.dagster_webserver_url,
        ),
        "embedder": EmbedderResource(model=settings.embedding_model or ""),
    }


def build_defs(*, resource_overrides: Mapping[str, Any] | None = None) -> dg.Definitions:
    """The whole code location, with single resources replaced where a test needs it."""
    return dg.Definitions(
        assets=list(grouped_assets()),
        asset_checks=all_checks(),
        jobs=JOBS,
        schedules=SCHEDULES,
        sensors=SENSORS,
        resources={**build_resources(get_settings()), **(resource_overrides or {})},
        # One process a run: a spawned process a step costs 3 s each, more than most steps take.
        executor=dg.in_process_executor,
    )


defs = build_defs()
