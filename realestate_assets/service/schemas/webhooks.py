"""Webhooks and what was sent to them."""

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from realestate_assets.app.events import DELIVERY_STATES
from realestate_assets.service.schemas.events import EventType
from realestate_assets.service.schemas.pipelines import MAX_COUNTIES, CountySlug

MAX_URL = 2000
Url = Annotated[str, Field(min_length=8, max_length=MAX_URL, description="https://host/path")]
Types = Annotated[list[EventType], Field(min_length=1)]
Counties = Annotated[
    list[CountySlug] | None, Field(max_length=MAX_COUNTIES, description="None: all that you see.")
]


class NewWebhook(BaseModel):
    """An address to tell."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"url": "https://crm.example.com/homes", "event_types": ["property.scored"]}
        },
    )

    url: Url
    event_types: Types
    counties: Counties = None


class WebhookChanges(BaseModel):
    """What of a webhook changes; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"is_active": False}})

    url: Url | None = None
    event_types: Types | None = None
    counties: Counties = None
    is_active: bool | None = None


class Webhook(BaseModel):
    """An address that is told of events."""

    model_config = ConfigDict(from_attributes=True)

    webhook_id: uuid.UUID
    url: str
    event_types: list[str]
    counties: list[str] | None
    is_active: bool
    created_at: datetime
    updated_at: datetime


class WebhookWithSecret(Webhook):
    """With the secret that signs its messages, told this once."""

    secret: str


class Delivery(BaseModel):
    """A message to a webhook, with the outcome of its last try."""

    model_config = ConfigDict(from_attributes=True)

    delivery_id: uuid.UUID
    state: str = Field(json_schema_extra={"enum": list(DELIVERY_STATES)})
    attempts: int
    event_count: int
    next_at: datetime | None
    created_at: datetime
    ended_at: datetime | None
    status_code: int | None
    failure: str | None
    seconds: float | None


class Replay(BaseModel):
    """Which dead messages are sent again."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"delivery_ids": None}})

    delivery_ids: list[uuid.UUID] | None = Field(default=None, max_length=1000, description="None: all.")


class Replayed(BaseModel):
    """How many are on their way again."""

    replayed_count: int
