"""What signing in takes and answers."""

import uuid
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from realestate_assets.operations.accounts.passwords import MAX_CHARACTERS


class Login(BaseModel):
    """An address and a password; the tenant where the address has accounts in several."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"email": "ann@example.com", "password": "s3cret of four words"}]},  # nosec B105 - an example
    )

    email: str = Field(min_length=3, max_length=254)
    password: str = Field(min_length=1, max_length=MAX_CHARACTERS)
    tenant: str | None = Field(default=None, max_length=40, description="Short name of the tenant.")


class Tokens(BaseModel):
    """An access token, for the header `Authorization: Bearer`."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - of RFC 6750
    expires_in_seconds: int


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
