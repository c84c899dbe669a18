"""Homes that a tenant has put away: they stay in the platform, and out of its lists."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from realestate_assets.app.base import APP_SCHEMA, Base, Made, OfTenant


class ArchivedProperty(OfTenant, Base):
    """A home that the tenant does not want to see in lists."""

    __tablename__ = "archived_properties"
    __table_args__ = (
        sa.PrimaryKeyConstraint("tenant_id", "property_id"),
        {"schema": APP_SCHEMA, "comment": "Homes that tenants put away, one row each."},
    )

    property_id: Mapped[str]
    reason: Mapped[str | None]
    # No reference: it stays put away when the account is gone.
    archived_by: Mapped[uuid.UUID]
    archived_at: Mapped[Made]
