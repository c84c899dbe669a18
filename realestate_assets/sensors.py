"""The sensors of this platform: the factories of `sensors`, given its jobs, counties and services."""

from functools import lru_cache

import dagster as dg

from realestate_assets.assets.declare import OWNERS
from realestate_assets.automation import automation_sensor
from realestate_assets.checks.freshness import ASSET, check_name
from realestate_assets.checks.registry import all_checks
from realestate_assets.domain.counties.provider_policies import load_policies
from realestate_assets.extent import counties
from realestate_assets.freshness import POLICIES
from realestate_assets.groups import grouped_assets
from realestate_assets.jobs import discover, inspect_landed_files, intake, nightly, pipeline, rescore, train
from realestate_assets.landing.area import watch
from realestate_assets.landing.watch import Cursor, Scan
from realestate_assets.operations.in_process import readable_error
from realestate_assets.operations.probes import probe_postgres, probe_store, probe_vector_index
from realestate_assets.operations.unfit_files import no_longer_unfit
from realestate_assets.providers.registry import asking_counties
from realestate_assets.schedules import grid
from realestate_assets.settings import get_settings
from resources.heartbeats import Beat
from resources.http.provider_status import provider_status
from resources.lake.store import StoreResource
from resources.partition import IN_PARTITIONS, Partition, partitions_json
from resources.warehouse.resource import WarehouseResource
from sensors.failures import build_failure_sensor
from sensors.heartbeat import OWNERS as OPERATORS
from sensors.heartbeat import Services, build_heartbeat_sensor
from sensors.landing import build_landing_sensor
from sensors.promotions import build_promotion_sensor
from sensors.runs import Scope
from sensors.staleness import build_staleness_sensor

SCORES = dg.AssetKey("scores")
# Scores of another model than the one in use; a partition without scores is the night's to make.
OUTDATED_SQL = f"""
select distinct county, month
from raw.model_promotions
join raw.scores using (county, month)
where {IN_PARTITIONS} and model_id is distinct from used_id and model_id is not null
"""  # noqa: S608


def scan_landing(landing: StoreResource, warehouse: WarehouseResource, cursor: str | None) -> Scan:
    """One look at the landing area."""
    return watch(landing, warehouse).scan(Cursor.parse(cursor))


def outdated_scores(warehouse: WarehouseResource, partitions: set[Partition]) -> set[Partition]:
    """Which of these partitions have scores of another model than the one in use."""
    rows = warehouse.read(OUTDATED_SQL, (partitions_json(partitions),)).to_pylist()
    return {Partition.of(row) for row in rows}


def makes_scores(run: dg.DagsterRun) -> bool:
    """True where a run that decided about models makes scores too: of whole jobs `train` alone does not."""
    return SCORES in run.asset_selection if run.asset_selection else run.job_name != train.name


def asked_apis(warehouse: WarehouseResource) -> list[Beat]:
    """A beat of each API that some county's runs ask."""
    settings = get_settings()
    asked = asking_counties(counties(), settings)
    policies = {n: p for n, p in load_policies(settings.county_config_dir).items() if n in asked}
    return [
        Beat(
            f"api:{status.api}",
            status.reachable,
            status.latency_ms,
            f"{status.reached} {status.remedy}".strip(),
        )
        for status in provider_status(warehouse, policies)
    ]


@lru_cache(maxsize=1)
def _owners() -> dict[str, tuple[str, ...]]:
    """Owners by asset, by step of several assets, and by `asset: check`, as they are declared."""
    found: dict[str, set[str]] = {}
    for definition in grouped_assets():
        # What people enter is made by no step.
        step = (definition.op.name,) if definition.is_executable else ()
        for spec in definition.specs:
            for name in (spec.key.path[-1], *step):
                found.setdefault(name, set()).update(spec.owners)
    for checks in all_checks():
        for check in checks.check_specs:
            asset = check.asset_key.path[-1]
            declared = (check.metadata or {}).get("owner")
            found[f"{asset}: {check.name}"] = {declared} if declared else found.get(asset, set())
    return {name: tuple(sorted(owners)) for name, owners in found.items()}


def owners_of(name: str) -> tuple[str, ...]:
    """Owners of an asset, of the assets of a step, or of a check; those of its asset where it has none."""
    return _owners().get(name) or _owners().get(name.partition(": ")[0], ())


def known_owners() -> set[str]:
    """Everyone whom some alert may concern."""
    return {*OPERATORS, *(owner for owners in _owners().values() for owner in owners)}


# What the main job makes over the same partitions, each of these has made too.
SCOPE = Scope(
    lambda: tuple(counties()),
    {job.name: (pipeline.name,) for job in (discover, intake, nightly, train, rescore)},
)
SENSORS = (
    build_landing_sensor(intake, inspect_landed_files, grid, scan_landing, no_longer_unfit, tuple(OWNERS)),
    build_promotion_sensor(rescore, makes_scores, grid, outdated_scores),
    build_failure_sensor(readable_error, SCOPE, owners_of),
    build_staleness_sensor(
        {slug: dg.AssetCheckKey(dg.AssetKey(ASSET), check_name(slug)) for slug in counties()},
        [dg.AssetKey(name) for name in POLICIES],
        owners_of,
    ),
    build_heartbeat_sensor(
        Services(probe_postgres, probe_store, probe_vector_index, asked_apis, next(iter(counties())))
    ),
    automation_sensor,
)
