"""Tenants, their quotas and what they used."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from realestate_assets.operations.market.filters import CountySlug
from realestate_assets.service.schemas.users import NewUser

PlanName = Literal["free", "professional", "enterprise"]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Counties = Annotated[list[CountySlug], Field(max_length=5000)]
TENANT = {
    "tenant_id": "1f0c9a3e-7a55-4b8e-9f0e-0a4de0f3c111", "slug": "north", "name": "North Homes",
    "plan": "professional", "state": "active", "is_operator": False, "allows_registration": False,
    "created_at": "2026-11-01T09:00:00Z", "updated_at": "2026-11-01T09:00:00Z", "people_count": 4,
    "counties": ["king-wa"],
}  # fmt: skip
OWN_TENANT = {name: value for name, value in TENANT.items() if name not in ("is_operator", "people_count")}
QUOTA = {
    "metric": "properties", "used": 12, "quota": 100, "left": 88, "resets_at": "2026-12-01T00:00:00Z"
}  # fmt: skip
USED = {
    "tenant_id": "1f0c9a3e-7a55-4b8e-9f0e-0a4de0f3c111", "slug": "north", "plan": "professional",
    "month": "2026-11", "metric": "properties", "used": 412, "quota": 1000, "left": 588,
    "resets_at": "2026-12-01T00:00:00Z",
}  # fmt: skip


class OwnTenant(BaseModel):
    """One's own tenant."""

    model_config = ConfigDict(from_attributes=True)

    tenant_id: uuid.UUID
    slug: str
    name: str
    plan: str
    state: str
    allows_registration: bool = Field(description="Whether people may make accounts by themselves.")
    created_at: datetime
    updated_at: datetime
    counties: list[str] = Field(description="Counties whose market data it sees.")


class TenantItem(OwnTenant):
    """A tenant, as whoever looks after the installation sees it."""

    is_operator: bool
    people_count: int = Field(description="Accounts that are active.")


class OwnTenantChange(BaseModel):
    """What an admin changes of the own tenant; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "North Homes and Sons"}]}
    )

    name: Name | None = None
    allows_registration: bool | None = None


class TenantChange(OwnTenantChange):
    """What the operator changes of a tenant; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"plan": "professional"}, {"state": "suspended"}]}
    )

    plan: PlanName | None = None
    state: Literal["active", "suspended"] | None = None
    counties: Counties | None = Field(None, description="All that it is to see; others it sees no more.")


class NewTenant(BaseModel):
    """A tenant to be made, with its first admin."""

    model_config = ConfigDict(extra="forbid")

    slug: str = Field(min_length=1, max_length=40, description="Short name: small letters, digits, hyphens.")
    name: Name
    plan: PlanName = "free"
    counties: Counties = Field(default_factory=list)
    admin: NewUser


class Quota(BaseModel):
    """A quota of the plan and where the tenant stands."""

    model_config = ConfigDict(from_attributes=True)

    metric: str = Field(description="properties, requests or messages.")
    used: int
    quota: int | None = Field(description="None: as much as one likes.")
    left: int | None
    resets_at: datetime = Field(description="UTC.")


class Usage(BaseModel):
    """What a tenant used of its plan in a month."""

    plan: str
    month: str
    items: list[Quota]


class Used(Quota):
    """One metric of one tenant, as it is billed elsewhere."""

    tenant_id: uuid.UUID
    slug: str
    plan: str
    month: str
