"""Assets as Dagster sees them: when they were made, how much of them there is, and what their checks said."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from realestate_assets.operations.pipelines import queries
from realestate_assets.operations.pipelines.graphql import Dagster
from realestate_assets.operations.pipelines.moments import of_milliseconds, of_seconds

STATES = ("materialized", "failed", "materializing")


@dataclass(frozen=True)
class Asset:
    """One asset; counts are of partitions over all counties, nothing for an asset without."""

    name: str
    group: str
    description: str
    kinds: list[str]
    is_partitioned: bool
    is_materializable: bool
    partition_count: int | None
    materialized_count: int | None
    failed_count: int | None
    materializing_count: int | None
    last_materialized_at: datetime | None
    last_run_id: str | None
    freshness: str | None


@dataclass(frozen=True)
class Check:
    """The last result of a check; status is Dagster's, nothing where it never ran."""

    name: str
    description: str
    is_blocking: bool
    status: str | None
    severity: str | None
    passed: bool | None
    run_id: str | None
    at: datetime | None


@dataclass(frozen=True)
class CountyMonths:
    """Months of a county by what became of them."""

    county: str
    materialized: list[str]
    failed: list[str]
    materializing: list[str]
    missing_count: int


@dataclass(frozen=True)
class AssetDetail:
    """One asset with its neighbours, months and checks."""

    asset: Asset
    needs: list[str]
    needed_by: list[str]
    jobs: list[str]
    counties: list[CountyMonths]
    checks: list[Check]


def list_assets(dagster: Dagster) -> list[Asset]:
    """All assets, by group and name.

    Raises:
        TransientError: Dagster does not answer.
    """
    nodes = dagster.ask_plain(queries.ASSETS, {}, field="assetNodes")
    return sorted((_asset(node) for node in nodes), key=lambda asset: (asset.group, asset.name))


def find_asset(dagster: Dagster, name: str, counties: Collection[str]) -> AssetDetail:
    """One asset, its months for some counties alone.

    Raises:
        NotFoundError: there is none of that name.
        TransientError: Dagster does not answer.
    """
    node = dagster.ask(queries.ASSET, {"key": {"path": [name]}}, field="assetNodeOrError")
    return AssetDetail(
        asset=_asset(node),
        needs=sorted(_name(key) for key in node["dependencyKeys"]),
        needed_by=sorted(_name(key) for key in node["dependedByKeys"]),
        jobs=sorted(job for job in node["jobNames"] if not job.startswith("__")),
        counties=_by_county(node, counties),
        checks=[_check(check) for check in (node["assetChecksOrError"] or {}).get("checks", [])],
    )


def keys_of_steps(dagster: Dagster, assets: Sequence[str]) -> list[dict[str, list[str]]]:
    """Dagster's words for assets, and for those that the same steps make: it refuses a part of a step."""
    asked = [{"path": [name]} for name in sorted(set(assets))]
    if not asked:
        return []
    more = dagster.ask_plain(queries.TOGETHER, {"keys": asked}, field="assetNodeAdditionalRequiredKeys")
    return asked + [{"path": key["path"]} for key in more if {"path": key["path"]} not in asked]


def _name(key: dict[str, Any]) -> str:
    return str(key["path"][-1])


def _asset(node: dict[str, Any]) -> Asset:
    stats, made = node["partitionStats"] or {}, (node["assetMaterializations"] or [{}])[0]
    return Asset(
        name=_name(node["assetKey"]),
        group=node["groupName"],
        description=node["description"] or "",
        kinds=sorted(node["kinds"]),
        is_partitioned=node["isPartitioned"],
        is_materializable=node["isMaterializable"],
        partition_count=stats.get("numPartitions"),
        materialized_count=stats.get("numMaterialized"),
        failed_count=stats.get("numFailed"),
        materializing_count=stats.get("numMaterializing"),
        last_materialized_at=of_milliseconds(made.get("timestamp")),
        last_run_id=made.get("runId"),
        freshness=(node["freshnessStatusInfo"] or {}).get("freshnessStatus"),
    )


def _by_county(node: dict[str, Any], counties: Collection[str]) -> list[CountyMonths]:
    keys = {dimension["name"]: dimension["partitionKeys"] for dimension in node["partitionKeysByDimension"]}
    months = keys.get("month", [])
    became: dict[str, dict[str, list[str]]] = {name: defaultdict(list) for name in STATES}
    # Stretches of months, each with the counties that are alike in all of it.
    for stretch in node["assetPartitionStatuses"].get("ranges", []):
        first, last = months.index(stretch["primaryDimStartKey"]), months.index(stretch["primaryDimEndKey"])
        for name in STATES:
            for county in stretch["secondaryDim"].get(f"{name}Partitions", []):
                became[name][county] += months[first : last + 1]
    return [
        CountyMonths(
            county,
            sorted(became["materialized"][county]),
            sorted(became["failed"][county]),
            sorted(became["materializing"][county]),
            len(months) - len(became["materialized"][county]),
        )
        for county in sorted(set(keys.get("county", [])) & set(counties))
    ]


def _check(check: dict[str, Any]) -> Check:
    last = check["executionForLatestMaterialization"] or {}
    said = last.get("evaluation") or {}
    return Check(
        name=check["name"],
        description=check["description"] or "",
        is_blocking=check["blocking"],
        status=last.get("status"),
        severity=said.get("severity"),
        passed=said.get("success"),
        run_id=last.get("runId"),
        at=of_seconds(last.get("timestamp")),
    )
