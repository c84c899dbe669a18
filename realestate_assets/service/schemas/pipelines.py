"""Assets, runs, backfills, schedules and sensors as the API shows them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from resources.partition import COUNTY_SLUG, MONTH

CountySlug = Annotated[str, Field(pattern=rf"^{COUNTY_SLUG}$", max_length=60)]
Month = Annotated[str, Field(pattern=rf"^{MONTH}$")]
AssetName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=100)]
RunStatus = Literal[
    "QUEUED", "NOT_STARTED", "MANAGED", "STARTING", "STARTED", "SUSPENDED", "SUCCESS", "FAILURE", "CANCELING",
    "CANCELED",
]  # fmt: skip
Job = Literal["pipeline", "discover", "intake", "nightly", "train", "rescore"]
MAX_COUNTIES, MAX_ASSETS = 50, 50


class _Told(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Asset(_Told):
    """An asset of the graph; counts are of county-months."""

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


class Check(_Told):
    """The last result of a check; nothing where it never ran."""

    name: str
    description: str
    is_blocking: bool
    status: str | None
    severity: str | None
    passed: bool | None
    run_id: str | None
    at: datetime | None


class CountyMonths(_Told):
    """Months of a county by what became of them."""

    county: str
    materialized: list[str]
    failed: list[str]
    materializing: list[str]
    missing_count: int


class AssetDetail(_Told):
    """An asset with what it is made from, its months and its checks."""

    asset: Asset
    needs: list[str]
    needed_by: list[str]
    jobs: list[str]
    counties: list[CountyMonths]
    checks: list[Check]


class Run(_Told):
    """A run; `first` and `last` are the ends of its county-months."""

    run_id: str
    job: str
    status: str
    first: str | None
    last: str | None
    assets: list[str]
    created_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    parent_run_id: str | None
    backfill_id: str | None
    tags: dict[str, str] = Field(description="Those of the platform.")


class Step(_Told):
    """A step of a run."""

    name: str
    status: str | None
    started_at: datetime | None
    ended_at: datetime | None


class Failure(_Told):
    """Why a run, or a step of it, failed."""

    step: str | None
    message: str
    causes: list[str]


class RunDetail(BaseModel):
    """A run with its steps, and why it failed where it did."""

    run: Run
    steps: list[Step]
    failures: list[Failure]


class Backfill(_Told):
    """A backfill of Dagster's daemon."""

    backfill_id: str
    status: str
    title: str | None
    assets: list[str]
    partition_count: int | None
    created_at: datetime | None
    ended_at: datetime | None
    error: str | None


class Switch(_Told):
    """A schedule or a sensor."""

    kind: Literal["schedule", "sensor"]
    name: str
    description: str
    is_running: bool
    every: str = Field(description="A cron line, or seconds between two looks.")
    time_zone: str | None
    last_status: str | None
    last_at: datetime | None
    last_error: str | None


class Span(BaseModel):
    """County-months: every month from one to another, of some counties."""

    counties: list[CountySlug] = Field(min_length=1, max_length=MAX_COUNTIES)
    first_month: Month
    last_month: Month


class Launch(Span):
    """Runs to begin."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "job": "nightly", "counties": ["clark-nv"], "first_month": "2024-01", "last_month": "2024-06",
            }
        }
    )  # fmt: skip

    job: Job = "pipeline"
    assets: list[AssetName] = Field(
        default_factory=list, max_length=MAX_ASSETS, description="Of the job; none means all."
    )


class LaunchBackfill(Span):
    """A backfill to begin."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "assets": ["scores"], "counties": ["clark-nv"], "first_month": "2024-01",
                "last_month": "2024-06", "title": "Scores after the new roll",
            }
        }
    )  # fmt: skip

    assets: list[AssetName] = Field(min_length=1, max_length=MAX_ASSETS)
    title: str = Field(default="", max_length=120)


class Retry(BaseModel):
    """How a run is run again."""

    model_config = ConfigDict(json_schema_extra={"example": {"from_failure": True}})

    from_failure: bool = Field(default=True, description="What failed and what follows it; else all.")


class Turn(BaseModel):
    """On or off."""

    model_config = ConfigDict(json_schema_extra={"example": {"is_running": True}})

    is_running: bool


class LaunchedBackfill(BaseModel):
    """A backfill that has begun."""

    backfill_id: str
