"""What people come by: invitations and registrations."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from realestate_assets.operations.accounts.passwords import MAX_CHARACTERS, MIN_CHARACTERS
from realestate_assets.operations.market.filters import PRINTABLE
from realestate_assets.service.schemas.auth import EMAIL, PASSWORD
from realestate_assets.service.schemas.passwords import LINK
from realestate_assets.service.schemas.users import RoleName

PersonName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=PRINTABLE)
]


class Invitation(BaseModel):
    """Who is invited, and as what."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"email": "bob@example.com", "name": "Bob", "roles": ["analyst"]}]},
    )

    email: str = Field(min_length=3, max_length=254)
    name: PersonName | None = Field(
        default=None, description="Which the person may change; else the address."
    )
    roles: list[RoleName] = Field(min_length=1, max_length=5)


class Registration(BaseModel):
    """Who registers, and where."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"tenant": "main", "email": EMAIL, "name": "Ann"}]}
    )

    tenant: str = Field(min_length=1, max_length=40, description="Short name of a tenant that allows it.")
    email: str = Field(min_length=3, max_length=254)
    name: PersonName


class Acceptance(BaseModel):
    """A link's token, and what its person chose."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"token": LINK, "name": "Ann", "password": PASSWORD}]},
    )

    token: str = Field(min_length=1, max_length=200, description="Of the link in the mail.")
    name: PersonName
    password: str = Field(min_length=MIN_CHARACTERS, max_length=MAX_CHARACTERS)
