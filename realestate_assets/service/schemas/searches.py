"""What the API says of kept searches."""

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from realestate_assets.operations.market.filters import PRINTABLE, CountySlug, PropertyFilter

Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=PRINTABLE)]
SearchSentence = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=PRINTABLE)]
FactKey = Annotated[str, StringConstraints(max_length=60, pattern=PRINTABLE)]
Frequency = Literal["instant", "daily"]


class KeptFilter(PropertyFilter):
    """Filters of a list; a name that is none is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NewSearch(BaseModel):
    """A sentence or filters to keep."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "name": "Small homes",
                "county": "king-wa",
                "sentence": "2 beds under 500k",
                "is_alerted": True,
            }
        },
    )

    name: Name
    county: CountySlug
    sentence: SearchSentence | None = Field(None, description="In words; either this or `filters`.")
    without: list[FactKey] = Field([], max_length=30, description="Facts of the sentence to leave out.")
    filters: KeptFilter | None = Field(None, description="As of the list of properties.")
    is_shared: bool = Field(False, description="Whether all of the tenant see it.")
    is_alerted: bool = Field(False, description="Whether new homes and price cuts are told.")
    frequency: Frequency = "daily"
    email: bool = Field(True, description="Whether an alert writes a mail to you.")
    webhook_id: uuid.UUID | None = Field(None, description="A webhook of yours that is told as well.")


class SearchChange(BaseModel):
    """What is to be different."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"is_alerted": False}})

    name: Name = ""
    county: CountySlug = ""
    sentence: SearchSentence | None = None
    without: list[FactKey] = Field([], max_length=30)
    filters: KeptFilter | None = None
    is_shared: bool = False
    is_alerted: bool = False
    frequency: Frequency = "daily"
    email: bool = True
    webhook_id: uuid.UUID | None = None


class Search(BaseModel):
    """A kept search."""

    model_config = ConfigDict(from_attributes=True)

    search_id: uuid.UUID
    user_id: uuid.UUID = Field(description="Who keeps it, and alone may change it.")
    name: str
    county: str
    sentence: str | None
    without: list[str]
    filters: dict[str, Any] | None
    is_shared: bool
    is_alerted: bool
    frequency: Frequency
    email: bool = Field(description="Whether an alert writes a mail to whoever keeps it.")
    webhook_id: uuid.UUID | None
    created_at: datetime
    updated_at: datetime


class Match(BaseModel):
    """A home that an alert told of."""

    model_config = ConfigDict(from_attributes=True)

    property_id: str
    kind: Literal["new", "price_cut"]
    price_usd: float = Field(description="Asking price; 0 where none is asked or it is assumed.")
    before_usd: float | None = Field(description="Of a price cut: the least price before.")
    month: str
    found_at: datetime


SEARCH_EXAMPLE: dict[str, Any] = {
    "search_id": "0b0e7b52-3c8c-4f6e-9a39-5c1f6f6f0a11",
    "user_id": "7a1d2a50-58a0-4a3b-8f5b-3c8f2d1f7c22",
    "name": "Small homes",
    "county": "king-wa",
    "sentence": "2 beds under 500k",
    "without": [],
    "filters": None,
    "is_shared": False,
    "is_alerted": True,
    "frequency": "daily",
    "email": True,
    "webhook_id": None,
    "created_at": "2026-11-28T10:00:00Z",
    "updated_at": "2026-11-28T10:00:00Z",
}
