"""What is asked of pipelines; what is answered are the dataclasses of `operations/pipelines` themselves."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from realestate_assets.operations.pipelines import runs
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


class RunDetail(BaseModel):
    """A run with its steps, and why it failed where it did."""

    run: runs.Run
    steps: list[runs.Step]
    failures: list[runs.Failure]


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
