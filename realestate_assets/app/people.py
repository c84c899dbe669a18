"""People who sign in, and what they are in their tenant.

An account belongs to one tenant. Who works for two has two, with the same address of mail: whether an address
is known elsewhere is never told. Address and name are encrypted with a key of the person's own
(`sealing.py`); the hash finds the account.
"""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from realestate_assets.app.base import APP_SCHEMA, Base, Made, Moment, OfTenant, new_id, of_user

USER_STATES = ("active", "invited", "disabled", "deleted")


class User(OfTenant, Base):
    """An account."""

    __tablename__ = "users"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "user_id"),
        sa.UniqueConstraint("tenant_id", "email_hash"),
        sa.Index("users_email_hash", "email_hash"),
        sa.CheckConstraint(
            "state in (" + ", ".join(f"'{state}'" for state in USER_STATES) + ")", name="state"
        ),
        {"schema": APP_SCHEMA, "comment": "Accounts of people, one row an account and tenant."},
    )

    user_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    email_hash: Mapped[bytes]
    email_sealed: Mapped[bytes]
    name_sealed: Mapped[bytes]
    # Null until an invitation is taken up, and where somebody else vouches for the person.
    password_hash: Mapped[str | None]
    state: Mapped[str] = mapped_column(server_default="active")
    failed_logins: Mapped[int] = mapped_column(sa.Integer(), server_default=sa.text("0"))
    locked_until: Mapped[Moment | None]
    # Tokens and cookies that were given out before it count no more.
    valid_from: Mapped[Made]
    last_login_at: Mapped[Moment | None]
    created_at: Mapped[Made]
    updated_at: Mapped[Made]


class PersonKey(OfTenant, Base):
    """The key that a person's columns are encrypted with, itself encrypted; without it they are noise."""

    __tablename__ = "person_keys"
    __table_args__ = (
        of_user("person_id"),
        {"schema": APP_SCHEMA, "comment": "A key for each person; destroyed, their columns are unreadable."},
    )

    person_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    key_sealed: Mapped[bytes]
    created_at: Mapped[Made]


class Membership(OfTenant, Base):
    """What an account may do in its tenant."""

    __tablename__ = "memberships"
    __table_args__ = (
        sa.PrimaryKeyConstraint("tenant_id", "user_id"),
        of_user(),
        {"schema": APP_SCHEMA, "comment": "Roles of an account in its tenant."},
    )

    user_id: Mapped[uuid.UUID]
    roles: Mapped[list[str]]
    created_at: Mapped[Made]
    updated_at: Mapped[Made]
