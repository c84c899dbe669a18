"""What people say is wrong with a home's record: their value beside the source's, never over it."""

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column

from realestate_assets.app.base import APP_SCHEMA, Base, Made, Moment, OfTenant, new_id

STATES = ("proposed", "accepted", "withdrawn")
# Columns that dbt does not get to see: who it was, and words that may name somebody.
PERSONAL = {"is_personal": True}


class PropertyCorrection(OfTenant, Base):
    """A field of a home in a month as a person knows it."""

    __tablename__ = "property_corrections"
    __table_args__ = (
        sa.Index("property_corrections_tenant_id_property_id", "tenant_id", "property_id"),
        # Of several that are accepted nobody could say which one holds.
        sa.Index(
            "property_corrections_accepted",
            "tenant_id",
            "property_id",
            "field",
            unique=True,
            postgresql_where=sa.text("state = 'accepted'"),
        ),
        sa.CheckConstraint("state in (" + ", ".join(f"'{state}'" for state in STATES) + ")", name="state"),
        sa.CheckConstraint("(state = 'proposed') = (decided_at is null)", name="decided"),
        {
            "schema": APP_SCHEMA,
            "comment": "What people say is wrong with a home's record, one row a field, home and proposal.",
        },
    )

    tenant_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey(f"{APP_SCHEMA}.tenants.tenant_id"), sort_order=-1, comment="Whose people said so."
    )
    correction_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id, comment="Random id.")
    county: Mapped[str] = mapped_column(comment="County slug of the record.")
    month: Mapped[str] = mapped_column(comment="Month of the record, as YYYY-MM.")
    # No reference: the market is made anew at any time.
    property_id: Mapped[str] = mapped_column(comment="Id of the property, as in raw.properties.")
    field: Mapped[str] = mapped_column(comment="Column of the canonical record.")
    value: Mapped[Any] = mapped_column(postgresql.JSONB(), comment="The person's value, as JSON.")
    source_value: Mapped[Any | None] = mapped_column(
        postgresql.JSONB(none_as_null=True), comment="The record's value at that time, as JSON; null unknown."
    )
    reason: Mapped[str] = mapped_column(info=PERSONAL, comment="How the person knows.")
    state: Mapped[str] = mapped_column(server_default="proposed", comment="proposed, accepted or withdrawn.")
    # No reference: who said so stays known by its id when the account is gone.
    proposed_by: Mapped[uuid.UUID] = mapped_column(info=PERSONAL, comment="Account that proposed it.")
    proposed_at: Mapped[Made] = mapped_column(comment="When it was proposed.")
    decided_by: Mapped[uuid.UUID | None] = mapped_column(info=PERSONAL, comment="Account that decided.")
    decided_at: Mapped[Moment | None] = mapped_column(comment="When it was accepted or withdrawn; else null.")
