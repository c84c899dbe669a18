"""People of a tenant."""

import uuid
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from realestate_assets.operations.accounts.passwords import MAX_CHARACTERS, MIN_CHARACTERS
from realestate_assets.service.schemas.auth import PASSWORD

RoleName = Literal["admin", "analyst", "underwriter", "ops", "viewer"]


class UserItem(BaseModel):
    """An account of the tenant."""

    model_config = ConfigDict(from_attributes=True)

    user_id: uuid.UUID
    email: str
    name: str
    state: str
    roles: list[str]
    created_at: datetime
    updated_at: datetime
    last_login_at: datetime | None


class IdentityItem(BaseModel):
    """An account's person at a provider of sign-in."""

    model_config = ConfigDict(from_attributes=True)

    identity_id: uuid.UUID
    issuer: str
    created_at: datetime
    last_used_at: datetime | None


class IdentityList(BaseModel):
    """All of an account; there are few."""

    items: list[IdentityItem]


class NewUser(BaseModel):
    """An account to be made."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"email": "bob@example.com", "name": "Bob", "roles": ["analyst"], "password": PASSWORD}
            ]
        },
    )

    email: str = Field(min_length=3, max_length=254)
    name: str = Field(min_length=1, max_length=200)
    roles: list[RoleName] = Field(min_length=1, max_length=5)
    password: str = Field(min_length=MIN_CHARACTERS, max_length=MAX_CHARACTERS)


class UserChange(BaseModel):
    """What changes of an account; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"roles": ["viewer"]}, {"state": "disabled"}]}
    )

    roles: list[RoleName] | None = Field(default=None, min_length=1, max_length=5)
    state: Literal["active", "disabled"] | None = None
