"""What the API says of corrections."""

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, StringConstraints

from realestate_assets.operations.market.filters import PRINTABLE
from realestate_assets.service.schemas.notes import NOTE_FORM

# As `operations.kept.corrections.CORRECTED`, spelled out: the API's document shows them.
CorrectedField = Literal[
    "city", "zip", "latitude", "longitude", "property_type", "listing_status", "list_price_usd",
    "sale_price_usd", "sale_date", "list_date", "bedrooms", "bathrooms", "living_area_sqft", "lot_area_sqft",
    "basement_sqft", "year_built", "year_renovated", "stories", "garage_spaces", "condition_code",
    "quality_code", "view_code", "is_waterfront", "hoa_monthly_usd", "days_on_market", "last_sale_price_usd",
    "assessed_value_usd", "tax_annual_usd",
]  # fmt: skip
GivenText = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=PRINTABLE)]
Value = bool | int | FiniteFloat | GivenText


class NewCorrection(BaseModel):
    """Another value for a field."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"field": "bedrooms", "value": 4, "reason": "Seen on the visit of 28 November."}
        },
    )

    field: CorrectedField
    value: Value = Field(description="In the unit that the field's name tells; dates as YYYY-MM-DD.")
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=NOTE_FORM)] = Field(
        description="How you know."
    )


class Decision(BaseModel):
    """What becomes of a correction."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"state": "accepted"}})

    state: Literal["accepted", "withdrawn"]


class Correction(BaseModel):
    """A person's value of a field beside the source's."""

    model_config = ConfigDict(from_attributes=True)

    correction_id: uuid.UUID
    property_id: str
    county: str
    month: str = Field(description="Month of the record that it was held against.")
    field: str
    value: Value = Field(description="The person's.")
    source_value: Value | None = Field(description="The record's at that time.")
    reason: str
    state: Literal["proposed", "accepted", "withdrawn"]
    proposed_by: uuid.UUID
    proposed_by_name: str | None = Field(None, description="Null once the account is gone.")
    proposed_at: datetime
    decided_by: uuid.UUID | None
    decided_by_name: str | None = Field(None, description="Null once the account is gone.")
    decided_at: datetime | None


CORRECTION: dict[str, Any] = {
    "correction_id": "f3f0a2f4-4a3f-4c9b-9df0-8a2c3a8e1d10",
    "property_id": "8d3b4e0a-5e0c-5c57-9e2e-2a1f5be6c1b0",
    "county": "king-wa",
    "month": "2015-05",
    "field": "bedrooms",
    "value": 4.0,
    "source_value": 3.0,
    "reason": "Seen on the visit of 28 November.",
    "state": "accepted",
    "proposed_by": "7a1d2a50-58a0-4a3b-8f5b-3c8f2d1f7c22",
    "proposed_by_name": "Ann Example",
    "proposed_at": "2026-11-28T10:00:00Z",
    "decided_by": "7a1d2a50-58a0-4a3b-8f5b-3c8f2d1f7c22",
    "decided_by_name": "Ann Example",
    "decided_at": "2026-11-28T11:00:00Z",
}
