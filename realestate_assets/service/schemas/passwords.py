"""What setting a password takes."""

from pydantic import BaseModel, ConfigDict, Field

from realestate_assets.operations.accounts.passwords import MAX_CHARACTERS, MIN_CHARACTERS
from realestate_assets.service.schemas.auth import EMAIL, PASSWORD

LINK = "rol_…"


class Forgotten(BaseModel):
    """An address whose password is to be set anew."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"email": EMAIL}]})

    email: str = Field(min_length=3, max_length=254)
    tenant: str | None = Field(
        default=None, max_length=40, description="Short name of the tenant; without it all are meant."
    )


class Reset(BaseModel):
    """A link's token and a new password."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"token": LINK, "password": PASSWORD}]}
    )

    token: str = Field(min_length=1, max_length=200, description="Of the link in the mail.")
    password: str = Field(min_length=MIN_CHARACTERS, max_length=MAX_CHARACTERS)


class PasswordChange(BaseModel):
    """The password that holds, and the one that is to."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"current_password": PASSWORD, "password": PASSWORD + " too"}]},
    )

    current_password: str = Field(min_length=1, max_length=MAX_CHARACTERS)
    password: str = Field(min_length=MIN_CHARACTERS, max_length=MAX_CHARACTERS)


class Accepted(BaseModel):
    """What was asked for is under way; whether there is such an account is not told."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "accepted"}]})

    status: str = "accepted"
