"""Sign-ins: by cookie or by tokens; what is kept of their secrets is a hash."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from realestate_assets.app.base import APP_SCHEMA, Base, Made, Moment, OfTenant, new_id, of_user

KINDS = ("session", "token")


class SignIn(OfTenant, Base):
    """One sign-in, from its password to its end; all tokens that follow from it end with it."""

    __tablename__ = "sign_ins"
    __table_args__ = (
        of_user(),
        sa.UniqueConstraint("tenant_id", "sign_in_id"),
        sa.Index("sign_ins_user_id", "user_id"),
        sa.CheckConstraint("kind in ('session', 'token')", name="kind"),
        {"schema": APP_SCHEMA, "comment": "Sign-ins of people, one row each."},
    )

    sign_in_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    # Of the cookie; null where tokens are used.
    secret_hash: Mapped[bytes | None]
    created_at: Mapped[Made]
    expires_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    # logout, reuse, password, disabled, identity.
    ended_why: Mapped[str | None]


class RefreshToken(OfTenant, Base):
    """A refresh token: used once; used again, somebody else has it, and its sign-in ends."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["tenant_id", "sign_in_id"],
            [f"{APP_SCHEMA}.sign_ins.tenant_id", f"{APP_SCHEMA}.sign_ins.sign_in_id"],
            ondelete="CASCADE",
        ),
        sa.Index("refresh_tokens_sign_in_id", "sign_in_id"),
        {"schema": APP_SCHEMA, "comment": "Refresh tokens of sign-ins.", "info": {"is_audited": False}},
    )

    token_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    sign_in_id: Mapped[uuid.UUID]
    secret_hash: Mapped[bytes]
    issued_at: Mapped[Made]
    expires_at: Mapped[Moment]
    used_at: Mapped[Moment | None]
