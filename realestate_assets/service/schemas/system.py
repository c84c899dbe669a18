"""What is told of the platform itself to those who run it."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from realestate_assets.operations.pipelines.queues import Daemon, Queue
from realestate_assets.operations.pipelines.runs import Failure, Run
from realestate_assets.operations.storage import Stored
from realestate_assets.service.schemas.health import Check


class Health(BaseModel):
    """Whether all of the platform is well; the service answers also where something beside it is not."""

    status: Literal["well", "ill"]
    checks: list[Check]


class Deliveries(BaseModel):
    """Messages to the tenant's webhooks that have not arrived."""

    waiting_count: int
    dead_count: int = Field(description="Given up; `replay` sends them again.")
    oldest_waiting_at: datetime | None


class Queues(BaseModel):
    """What waits and what runs."""

    runs: list[Queue]
    is_cut: bool = Field(description="There are more runs than were counted.")
    daemons: list[Daemon]
    webhooks: Deliveries


class StorageSummary(BaseModel):
    """How much lies where, and how much room is left."""

    measured_at: datetime = Field(description="Measured once a minute at most.")
    free_bytes: int = Field(description="On the disk of the local data.")
    kept_free_bytes: int = Field(description="No run begins that would leave less (MIN_FREE_GB).")
    areas: list[Stored]


class FailedRun(BaseModel):
    """A run that failed, and why."""

    run: Run
    failures: list[Failure]
