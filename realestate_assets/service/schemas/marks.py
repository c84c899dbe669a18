"""What the API says of marks and recommendations."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model

from realestate_assets.operations.market.columns import LIST_FIELDS, properties
from realestate_assets.service.schemas.notes import NOTE_FORM
from realestate_assets.service.schemas.of_view import model_of
from realestate_assets.service.schemas.properties import HOME


class Marking(BaseModel):
    """What one thinks of a home."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"mark": "saved"}})

    mark: Literal["saved", "dismissed"]


class PutAway(BaseModel):
    """Why a home is put away."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": "Sold to a friend"}})

    reason: (
        Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=NOTE_FORM)] | None
    ) = None


class Marked(BaseModel):
    """A home that one has marked."""

    model_config = ConfigDict(from_attributes=True)

    property_id: str
    mark: Literal["saved", "dismissed"]
    marked_at: datetime


RecommendedHome: type[BaseModel] = model_of(
    "RecommendedHome",
    "A home that is recommended, and why.",
    [properties.c[name] for name in LIST_FIELDS],
    likeness=(
        float | None,
        Field(
            None,
            description="To the saved home it is most like, less half that to the dismissed one.",
        ),
    ),
    reason=(str, Field(description="In words.")),
)
# The items' schema is made at run time, which a class body cannot name.
_FIELDS: dict[str, Any] = {
    "basis": (
        Literal["saved_homes", "best_scores"],
        Field(description="What they follow from: the best scores until a home is saved."),
    ),
    "items": (list.__class_getitem__(RecommendedHome), ...),
}
Recommendations: type[BaseModel] = create_model(
    "Recommendations", __doc__="Homes for a person, the best first.", **_FIELDS
)
RECOMMENDED: dict[str, Any] = {
    "basis": "saved_homes",
    "items": [
        HOME | {"likeness": 0.81, "reason": "like 12 ELM ST that you saved: townhouse, 3 beds, near it"}
    ],
}
