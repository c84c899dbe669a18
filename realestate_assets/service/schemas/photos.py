"""Photos of a home as the API tells of them."""

from pydantic import BaseModel, Field


class Photo(BaseModel):
    """One photo; its address is the service's own."""

    number: int = Field(ge=1, description="In the order of the source.")
    url: str


class Photos(BaseModel):
    """The photos of a home."""

    is_shown: bool = Field(description="Whether they are fetched here: the setting PROPERTY_PHOTOS.")
    count: int = Field(ge=0, description="Addresses that the source gave.")
    photos: list[Photo] = Field(description="Empty where they are not shown.")


PHOTOS = {
    "is_shown": True,
    "count": 1,
    "photos": [{"number": 1, "url": "/api/v1/properties/0f8fad5b-d9cb-469f-a165-70867728950e/photos/1"}],
}
