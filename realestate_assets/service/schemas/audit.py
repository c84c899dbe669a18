"""Entries of the audit log, and roles."""

import uuid
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

ENTRY = {
    "entry_id": 4711, "at": "2026-11-01T09:00:00Z", "user_id": "0d9e5a52-2f51-4c43-8e43-7a1f6c1d2e91",
    "action": "update", "object_kind": "memberships", "object_id": "0d9e5a52-2f51-4c43-8e43-7a1f6c1d2e92",
    "before": {"roles": ["viewer"]}, "after": {"roles": ["analyst"]}, "request_id": "a1b2c3",
}  # fmt: skip


class Entry(BaseModel):
    """One write of a row, or one read of personal data."""

    model_config = ConfigDict(from_attributes=True)

    entry_id: int
    at: datetime
    user_id: uuid.UUID | None = Field(description="Who acted; None: the platform.")
    action: str = Field(description="insert, update, delete or read.")
    object_kind: str = Field(description="The table, or the kind of personal data.")
    object_id: str
    before: dict[str, Any] | None = Field(description="What changed, as it was; encrypted columns encrypted.")
    after: dict[str, Any] | None = Field(description="What changed, as it became.")
    request_id: str | None


class Role(BaseModel):
    """A role and what it may do."""

    role: str
    permissions: list[str]
