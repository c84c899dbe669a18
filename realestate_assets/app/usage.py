"""What a tenant has used of its plan, in `work`: counted as it is used, never added up afterwards."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from realestate_assets.app.base import WORK_SCHEMA, Base, Made, OfTenant

COUNTED = ("select", "insert", "update")


class UsageCount(OfTenant, Base):
    """How much of one thing a tenant used in a month."""

    __tablename__ = "usage_counts"
    __table_args__ = (
        sa.PrimaryKeyConstraint("tenant_id", "month", "metric"),
        sa.CheckConstraint("used >= 0", name="used"),
        {
            "schema": WORK_SCHEMA,
            "comment": "What each tenant used of its plan, one row a month and metric.",
            "info": {"grants": COUNTED},
        },
    )

    # YYYY-MM in UTC.
    month: Mapped[str]
    metric: Mapped[str]
    used: Mapped[int]


class OpenedProperty(OfTenant, Base):
    """A property that a tenant opened in a month: opened again, it is not counted again."""

    __tablename__ = "opened_properties"
    __table_args__ = (
        sa.PrimaryKeyConstraint("tenant_id", "month", "property_id"),
        {
            "schema": WORK_SCHEMA,
            "comment": "Properties that each tenant opened, one row a month and property.",
            "info": {"grants": COUNTED},
        },
    )

    month: Mapped[str]
    property_id: Mapped[str]
    opened_at: Mapped[Made]
