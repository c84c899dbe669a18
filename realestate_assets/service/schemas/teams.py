"""Teams of a tenant."""

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

TeamName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
TEAM = {
    "team_id": "7b9c5a52-2f51-4c43-8e43-7a1f6c1d2e90", "name": "Buyers", "created_at": "2026-11-01T09:00:00Z",
    "updated_at": "2026-11-01T09:00:00Z", "members": ["0d9e5a52-2f51-4c43-8e43-7a1f6c1d2e91"],
}  # fmt: skip


class TeamItem(BaseModel):
    """A team and who is in it."""

    team_id: uuid.UUID
    name: str
    created_at: datetime
    updated_at: datetime
    members: list[uuid.UUID] = Field(description="user_id of each, deleted accounts left out.")


class NewTeam(BaseModel):
    """A team to be made, or its name to be changed."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "Buyers"}]})

    name: TeamName
