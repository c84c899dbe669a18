"""Backfills: what there were, and new ones.

As a run, one belongs to the counties of its partitions, and is told to whoever sees all of them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from realestate_assets.operations.pipelines import queries
from realestate_assets.operations.pipelines.catalog import keys_of_steps
from realestate_assets.operations.pipelines.graphql import Dagster, NotFoundError
from realestate_assets.operations.pipelines.moments import of_seconds
from realestate_assets.operations.pipelines.runs import TENANT_TAG
from resources.partition import Partition


@dataclass(frozen=True)
class Backfill:
    """One backfill that Dagster's daemon works through."""

    backfill_id: str
    status: str
    title: str | None
    assets: list[str]
    partition_count: int | None
    created_at: datetime | None
    ended_at: datetime | None
    error: str | None
    tenant_id: str | None


def launch_backfill(
    dagster: Dagster,
    assets: Sequence[str],
    partitions: Collection[Partition],
    *,
    title: str,
    tags: Mapping[str, str],
) -> str:
    """Let Dagster's daemon make partitions of assets, in as many runs as it needs; the backfill's id.

    Raises:
        PermanentError: Dagster refuses.
        TransientError: Dagster does not answer.
    """
    params = {
        "assetSelection": keys_of_steps(dagster, assets),
        "partitionNames": sorted(partition.key for partition in partitions),
        "title": title,
        "tags": [{"key": key, "value": value} for key, value in tags.items()],
    }
    done = dagster.ask(queries.BACKFILL, {"params": params}, field="launchPartitionBackfill")
    return str(done["backfillId"])


def list_backfills(
    dagster: Dagster, counties: Collection[str], *, cursor: str | None, limit: int
) -> tuple[list[Backfill], str | None]:
    """Backfills, newest first, that touch none but these counties; and the cursor of the next page.

    Raises:
        TransientError: Dagster does not answer.
    """
    asked = {"cursor": cursor, "limit": limit}
    found = dagster.ask(queries.BACKFILLS, asked, field="partitionBackfillsOrError")["results"]
    following = found[-1]["id"] if len(found) == limit else None
    return [_backfill(each) for each in found if _touched(each) <= set(counties)], following


def has_backfill(dagster: Dagster, backfill_id: str, counties: Collection[str]) -> bool:
    """Whether there is a backfill of that id that touches none but these counties.

    Raises:
        TransientError: Dagster does not answer.
    """
    try:
        found = dagster.ask(queries.ONE_BACKFILL, {"id": backfill_id}, field="partitionBackfillOrError")
    except NotFoundError:
        return False
    return _touched(found) <= set(counties)


def _touched(backfill: Mapping[str, Any]) -> set[str]:
    keys = backfill["partitionNames"] or []
    return {Partition.parse(key).county_slug for key in keys if "|" in key}


def cancel_backfill(dagster: Dagster, backfill_id: str) -> None:
    """Ask a backfill and its runs to stop.

    Raises:
        PermanentError: Dagster refuses.
        TransientError: Dagster does not answer.
    """
    dagster.ask(queries.CANCEL_BACKFILL, {"id": backfill_id}, field="cancelPartitionBackfill")


def _backfill(told: Mapping[str, Any]) -> Backfill:
    return Backfill(
        backfill_id=told["id"],
        status=told["status"],
        title=told["title"],
        assets=sorted(key["path"][-1] for key in told["assetSelection"] or []),
        partition_count=told["numPartitions"],
        created_at=of_seconds(told["timestamp"]),
        ended_at=of_seconds(told["endTimestamp"]),
        error=(told["error"] or {}).get("message"),
        tenant_id={tag["key"]: tag["value"] for tag in told["tags"]}.get(TENANT_TAG),
    )
