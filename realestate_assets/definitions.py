"""The code location: assets, checks, jobs, schedules, sensors and resources put together.

Importable with no credential, network or database: resources open their connections when first used.
"""

from collections.abc import Callable, Mapping
from typing import Any

from resources.imports import collection_paused

with collection_paused():
    import dagster as dg

    from realestate_assets.checks.registry import all_checks
    from realestate_assets.dbt.build import dbt_resource
    from realestate_assets.groups import grouped_assets
    from realestate_assets.jobs import JOBS
    from realestate_assets.observability.executor import observed_executor
    from realestate_assets.operations.dagster_services import build_dagster_services
    from realestate_assets.schedules import SCHEDULES
    from realestate_assets.sensors import SENSORS
    from realestate_assets.settings import Settings, get_settings


def build_resources(settings: Settings, secret: Callable[[str], str] = dg.EnvVar) -> dict[str, Any]:
    """Every resource from the settings; the embedded services where no address is given.

    Args:
        settings: the settings.
        secret: how a secret is taken from its environment variable. Dagster shows resource values in the
            UI, so there it is EnvVar, which shows the name only; outside Dagster, os.environ.
    """
    return {**build_dagster_services(settings, secret), "dbt": dbt_resource()}


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
        executor=observed_executor,
    )


defs = build_defs()
