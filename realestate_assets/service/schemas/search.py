"""What the API says of a search."""

from typing import Any

from pydantic import BaseModel, Field, create_model

from realestate_assets.operations.market.columns import LIST_FIELDS, properties
from realestate_assets.service.schemas.of_view import model_of
from realestate_assets.service.schemas.properties import HOME


class Chip(BaseModel):
    """A fact that filters."""

    key: str = Field(description="Takes the fact away, given as `without`.")
    label: str
    words: str = Field(description="Words of the sentence that it came from; empty where none did.")
    field: str


class NotApplied(BaseModel):
    """Something that was asked and does not filter."""

    label: str
    reason: str


Hit: type[BaseModel] = model_of(
    "Hit",
    "A home that was found.",
    [properties.c[name] for name in LIST_FIELDS],
    status=(str | None, Field(None, description="on_offer, under_contract, sold or off_market.")),
    similarity=(
        float | None,
        Field(
            None, description="Of its description to the words that rank, up to 1; null for filters alone."
        ),
    ),
)


# The items' schema is made at run time, which a class body cannot name.
_FIELDS: dict[str, Any] = {
    "county": (str, ...),
    "understood": (list[Chip], ...),
    "ranked_by": (str, Field(description="The words that rank by meaning.")),
    "not_applied": (list[NotApplied], ...),
    "items": (list.__class_getitem__(Hit), ...),
}
SearchAnswer: type[BaseModel] = create_model(
    "SearchAnswer", __doc__="What was understood of a sentence, and the homes found, best first.", **_FIELDS
)
CHIP = {
    "key": "year_built",
    "label": "built at least 2010",
    "words": "built after 2009",
    "field": "year_built",
}
SEARCHED: dict[str, Any] = {
    "county": "king-wa",
    "understood": [CHIP],
    "ranked_by": "pool",
    "not_applied": [{"label": "pool", "reason": "the data have no such column; it ranks by meaning"}],
    "items": [HOME | {"status": "on_offer", "similarity": 0.61}],
}
