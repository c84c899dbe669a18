"""Tenants: whose data are kept apart, on which plan, and which counties they see."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from realestate_assets.app.base import APP_SCHEMA, Base, Made, Moment, OfTenant, new_id

PLANS = ("free", "professional", "enterprise")
TENANT_STATES = ("active", "suspended")


def _one_of(column: str, values: tuple[str, ...]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} in ({listed})", name=column)


class Tenant(Base):
    """An organisation that uses the platform."""

    __tablename__ = "tenants"
    __table_args__ = (
        _one_of("plan", PLANS),
        _one_of("state", TENANT_STATES),
        {"schema": APP_SCHEMA, "comment": "Organisations that use the platform, one row each."},
    )

    tenant_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    plan: Mapped[str] = mapped_column(server_default="free")
    state: Mapped[str] = mapped_column(server_default="active")
    # Whose admins look after the installation: make tenants, change plans and counties.
    is_operator: Mapped[bool] = mapped_column(server_default=sa.false())
    allows_registration: Mapped[bool] = mapped_column(server_default=sa.false())
    created_at: Mapped[Made]
    updated_at: Mapped[Made]


class CountyEntitlement(OfTenant, Base):
    """A county whose market data a tenant sees."""

    __tablename__ = "county_entitlements"
    __table_args__ = (
        sa.PrimaryKeyConstraint("tenant_id", "county"),
        {"schema": APP_SCHEMA, "comment": "Counties whose market data a tenant sees."},
    )

    county: Mapped[str]
    granted_at: Mapped[Made]
    until: Mapped[Moment | None]
