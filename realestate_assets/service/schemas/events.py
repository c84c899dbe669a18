"""Events as the API tells them."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

# Those of `EVENT_TYPES`, which a test holds it to.
EventType = Literal[
    "property.discovered",
    "property.enriched",
    "property.scored",
    "memo.generated",
    "row.rejected",
    "row.replayed",
]


class Event(BaseModel):
    """Something that happened to a property or a received row."""

    model_config = ConfigDict(from_attributes=True)

    position: int = Field(description="Its place in the feed: `Last-Event-ID` of a stream, cursor of a list.")
    event_id: str
    event_type: str
    event_time: datetime
    county: str
    month: str
    property_id: str | None
    correlation_id: str = Field(description="Dagster run that did it.")
    payload: dict[str, Any]
