"""What people write down about a home."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from realestate_assets.app.base import APP_SCHEMA, Base, Made, Moment, OfTenant, new_id, of_user

MAX_CHARACTERS = 4000


class PropertyNote(OfTenant, Base):
    """A note of a person on a home; what is removed keeps its row, and no text."""

    __tablename__ = "property_notes"
    __table_args__ = (
        of_user(),
        sa.Index("property_notes_tenant_id_property_id", "tenant_id", "property_id"),
        sa.Index("property_notes_user_id", "user_id"),
        sa.CheckConstraint(f"char_length(text) <= {MAX_CHARACTERS}", name="text"),
        sa.CheckConstraint("(text = '') = (removed_at is not null)", name="removed"),
        {"schema": APP_SCHEMA, "comment": "Notes of people on homes, one row each."},
    )

    note_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID]
    # No reference: the market is made anew at any time.
    property_id: Mapped[str]
    text: Mapped[str]
    # Seen by its writer alone, else by the tenant.
    is_private: Mapped[bool] = mapped_column(server_default=sa.false())
    created_at: Mapped[Made]
    edited_at: Mapped[Moment | None]
    removed_at: Mapped[Moment | None]
