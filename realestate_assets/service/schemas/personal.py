"""What the API says of what is known of a person."""

import uuid
from typing import Any

from pydantic import BaseModel, Field

USER_ID = "7a1d2a50-58a0-4a3b-8f5b-3c8f2d1f7c22"


class AccountInClear(BaseModel):
    """Who the account is of."""

    user_id: uuid.UUID
    email: str | None
    name: str | None


class PersonExport(BaseModel):
    """All that stands of an account."""

    account: AccountInClear
    rows: dict[str, list[dict[str, Any]]] = Field(
        description="By table; of tables that keep an id alone, by table and column."
    )


class Place(BaseModel):
    """What stood in one place, and what became of it."""

    place: str
    deed: str = Field(description="removed, emptied or kept.")
    count: int
    why: str = Field(description="By which rule something stays.")


class Erasure(BaseModel):
    """What an erasure did, or would do."""

    is_done: bool
    places: list[Place]


EXPORTED: dict[str, Any] = {
    "account": {"user_id": USER_ID, "email": "ann@example.com", "name": "Ann Example"},
    "rows": {"app.memberships": [{"user_id": USER_ID, "roles": ["analyst"]}]},
}
ERASURE: dict[str, Any] = {
    "is_done": True,
    "places": [{"place": "app.sign_ins", "deed": "removed", "count": 2, "why": ""}],
}
