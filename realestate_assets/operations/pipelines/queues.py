"""What waits and what runs, queue by queue, and whether Dagster's daemons beat."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from realestate_assets.operations.pipelines import queries
from realestate_assets.operations.pipelines.graphql import Dagster
from realestate_assets.operations.pipelines.moments import of_seconds

# As in resources/workers/queues.py, which asks for Celery.
QUEUE_TAG, DEFAULT_QUEUE = "dagster-celery/queue", "default"
WAITING, RUNNING = ("QUEUED", "NOT_STARTED"), ("STARTING", "STARTED", "CANCELING")
# What one look counts at most; beyond that it says that it counted no further.
MAX_RUNS = 1000


@dataclass(frozen=True)
class Queue:
    """Runs of one queue; `default` is that of runs on this machine too."""

    name: str
    waiting_count: int
    running_count: int
    oldest_waiting_at: datetime | None


@dataclass(frozen=True)
class Daemon:
    """One of Dagster's daemons."""

    name: str
    is_healthy: bool
    beat_at: datetime | None


def list_queues(dagster: Dagster) -> tuple[list[Queue], bool]:
    """Queues by name, and whether there are more runs than were counted.

    Raises:
        TransientError: Dagster does not answer.
    """
    asked = {"filter": {"statuses": [*WAITING, *RUNNING]}, "limit": MAX_RUNS}
    found = dagster.ask(queries.QUEUES, asked, field="runsOrError")["results"]
    queues: dict[str, list[Mapping[str, Any]]] = {DEFAULT_QUEUE: []}
    for run in found:
        tags = {tag["key"]: tag["value"] for tag in run["tags"]}
        queues.setdefault(tags.get(QUEUE_TAG, DEFAULT_QUEUE), []).append(run)
    return [_queue(name, runs) for name, runs in sorted(queues.items())], len(found) == MAX_RUNS


def list_daemons(dagster: Dagster) -> list[Daemon]:
    """The daemons that there should be, by name.

    Raises:
        TransientError: Dagster does not answer.
    """
    told = dagster.ask_plain(queries.DAEMONS, {}, field="instance")["daemonHealth"]["allDaemonStatuses"]
    return sorted(
        (
            Daemon(each["daemonType"], bool(each["healthy"]), of_seconds(each["lastHeartbeatTime"]))
            for each in told
            if each["required"]
        ),
        key=lambda each: each.name,
    )


def _queue(name: str, runs: list[Mapping[str, Any]]) -> Queue:
    waiting = [run["creationTime"] for run in runs if run["status"] in WAITING]
    return Queue(name, len(waiting), len(runs) - len(waiting), of_seconds(min(waiting, default=None)))
