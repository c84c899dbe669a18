"""What the API says of notes."""

import uuid
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from realestate_assets.app.notes import MAX_CHARACTERS

# Lines and tabs, no other control character, and something that is seen.
NOTE_FORM = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
NoteText = Annotated[str, StringConstraints(min_length=1, max_length=MAX_CHARACTERS, pattern=NOTE_FORM)]


class NewNote(BaseModel):
    """A note to write down."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"text": "The roof is from 2021.", "is_private": False}}
    )

    text: NoteText
    is_private: bool = Field(False, description="Seen by yourself alone; else by all of the tenant.")


class NoteChange(BaseModel):
    """What is to be different."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"text": "The roof is from 2022."}}
    )

    text: NoteText | None = None
    is_private: bool | None = None


class Note(BaseModel):
    """A note on a home."""

    model_config = ConfigDict(from_attributes=True)

    note_id: uuid.UUID
    property_id: str
    user_id: uuid.UUID = Field(description="Who wrote it, and alone may change it.")
    author: str | None = Field(None, description="Their name; null once the account is gone.")
    text: str
    is_private: bool
    created_at: datetime
    edited_at: datetime | None


NOTE: dict[str, Any] = {
    "note_id": "5d0c1c9e-50e7-4a35-8d2f-0e6a6c4f2b31",
    "property_id": "8d3b4e0a-5e0c-5c57-9e2e-2a1f5be6c1b0",
    "user_id": "7a1d2a50-58a0-4a3b-8f5b-3c8f2d1f7c22",
    "author": "Ann Example",
    "text": "The roof is from 2021.",
    "is_private": False,
    "created_at": "2026-11-28T10:00:00Z",
    "edited_at": None,
}
