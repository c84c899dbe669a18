"""Keys of programs."""

import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from realestate_assets.operations.accounts.keys import MAX_DAYS


class NewKey(BaseModel):
    """A key to be made: what for, what it may do, and for how long."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "nightly report", "scopes": ["properties:read"], "days": 90}]
        },
    )

    name: str = Field(min_length=1, max_length=100)
    scopes: list[str] = Field(min_length=1, max_length=100, description="Permissions, of one's own.")
    days: int = Field(default=90, ge=1, le=MAX_DAYS, description="Until it ends.")


class Key(BaseModel):
    """A key, without what proves it."""

    model_config = ConfigDict(from_attributes=True)

    key_id: uuid.UUID
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class MadeKey(Key):
    """A key that was made; its text is shown here alone."""

    key: str = Field(description="For the header `Authorization: Bearer`.")
