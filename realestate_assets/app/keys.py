"""Keys of programs: a person's, with fewer permissions than theirs, until a day."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from realestate_assets.app.base import APP_SCHEMA, Base, Made, Moment, OfTenant, new_id, of_user


class ApiKey(OfTenant, Base):
    """A key; what is kept of it is a hash."""

    __tablename__ = "api_keys"
    __table_args__ = (
        of_user(),
        sa.Index("api_keys_user_id", "user_id"),
        {"schema": APP_SCHEMA, "comment": "Keys of programs, one row each."},
    )

    key_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID]
    name: Mapped[str]
    secret_hash: Mapped[bytes]
    scopes: Mapped[list[str]]
    created_at: Mapped[Made]
    expires_at: Mapped[Moment]
    revoked_at: Mapped[Moment | None]
