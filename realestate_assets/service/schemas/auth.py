"""What signing in takes and answers."""

import uuid
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from realestate_assets.operations.accounts.passwords import MAX_CHARACTERS

EMAIL, PASSWORD = "ann@example.com", "s3cret of four words"  # pragma: allowlist secret
EXAMPLE = "ror_…"


class Login(BaseModel):
    """An address and a password; the tenant where the address has accounts in several."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"email": EMAIL, "password": PASSWORD}]}
    )

    email: str = Field(min_length=3, max_length=254)
    password: str = Field(min_length=1, max_length=MAX_CHARACTERS)
    tenant: str | None = Field(default=None, max_length=40, description="Short name of the tenant.")


class Refresh(BaseModel):
    """A refresh token, which is used by this."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"refresh_token": EXAMPLE}]})

    refresh_token: str = Field(min_length=1, max_length=200)


class Tokens(BaseModel):
    """An access token, for the header `Authorization: Bearer`, and what gets the next one, once."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - of RFC 6750
    expires_in_seconds: int
    refresh_expires_in_seconds: int


class SessionBegun(BaseModel):
    """A cookie was set; writes by it carry the token in the header X-CSRF-Token."""

    csrf_token: str


class ProviderWay(BaseModel):
    """A provider of sign-in."""

    name: str = Field(description="What people call it.")
    path: str = Field(
        description="Where a browser begins; `next` is our path to go on to, `tenant` names one."
    )


class Ways(BaseModel):
    """By what people sign in."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"provider": {"name": "Example", "path": "/sign-in/provider"}}]}
    )

    provider: ProviderWay | None


class Me(BaseModel):
    """Who asks."""

    user_id: uuid.UUID
    email: str
    name: str
    tenant_id: uuid.UUID
    tenant: str
    plan: str
    roles: list[str]
    permissions: list[str]
