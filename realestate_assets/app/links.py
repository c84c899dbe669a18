"""Links that mail carries to who is invited, registers or has forgotten a password: each holds once."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from realestate_assets.app.base import APP_SCHEMA, Base, Made, Moment, OfTenant, new_id, of_user

KINDS = ("invitation", "registration", "password")


class AccountLink(OfTenant, Base):
    """A link to an account; what is kept of its secret is a hash."""

    __tablename__ = "account_links"
    __table_args__ = (
        of_user(),
        sa.Index("account_links_user_id", "user_id"),
        sa.CheckConstraint("kind in (" + ", ".join(f"'{kind}'" for kind in KINDS) + ")", name="kind"),
        {"schema": APP_SCHEMA, "comment": "Links by mail that open an account or set its password."},
    )

    link_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    secret_hash: Mapped[bytes]
    created_at: Mapped[Made]
    expires_at: Mapped[Moment]
    # By who opened it, or by the next link of its kind.
    used_at: Mapped[Moment | None]
