"""Who a provider of sign-in vouches for: which of its people an account belongs to.

Kept by what the provider calls a person for good, as a keyed hash, and never by the address, which may be
given to somebody else one day. Looked up before a tenant is known, as addresses are (`sign_in.py`).
"""

import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from realestate_assets.app.base import APP_SCHEMA, Base, Made, Moment, OfTenant, new_id, of_user
from realestate_assets.app.sign_in import MAX_ACCOUNTS, Account

FUNCTIONS = {
    "app.accounts_of_identity(bytea)": f"""
create or replace function app.accounts_of_identity(wanted bytea)
returns table (tenant_id uuid, user_id uuid, slug text, is_active boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select u.tenant_id, u.user_id, t.slug, u.state = 'active' and t.state = 'active'
    from app.identities i
    join app.users u on u.tenant_id = i.tenant_id and u.user_id = i.user_id
    join app.tenants t on t.tenant_id = i.tenant_id
    where i.subject_hash = wanted
    order by i.created_at limit {MAX_ACCOUNTS}
$$
""",  # noqa: S608 - a number of this package
    "app.invited_of(bytea)": f"""
create or replace function app.invited_of(wanted bytea)
returns table (tenant_id uuid, user_id uuid, slug text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select u.tenant_id, u.user_id, t.slug from app.users u join app.tenants t using (tenant_id)
    where u.email_hash = wanted and u.state = 'invited' and t.state = 'active' and exists (
        select from app.account_links l
        where l.tenant_id = u.tenant_id and l.user_id = u.user_id and l.kind in ('invitation', 'registration')
          and l.used_at is null and l.expires_at > now()
    )
    order by u.created_at limit {MAX_ACCOUNTS}
$$
""",  # noqa: S608 - a number of this package
}


class Identity(OfTenant, Base):
    """An account's person at a provider; an account has one at each, and they may have one in each tenant."""

    __tablename__ = "identities"
    __table_args__ = (
        of_user(),
        sa.UniqueConstraint("tenant_id", "subject_hash"),
        sa.UniqueConstraint("tenant_id", "user_id", "issuer"),
        sa.Index("identities_subject_hash", "subject_hash"),
        {"schema": APP_SCHEMA, "comment": "Whom a provider of sign-in calls an account's person."},
    )

    identity_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID]
    issuer: Mapped[str]
    # Of issuer and subject.
    subject_hash: Mapped[bytes]
    created_at: Mapped[Made]
    last_used_at: Mapped[Moment | None]


@dataclass(frozen=True)
class Known:
    """An account that belongs to an identity, and whether it may sign in."""

    account: Account
    is_active: bool


def accounts_of_identity(session: Session, subject_hash: bytes) -> list[Known]:
    """Accounts of an identity, of any tenant and in any state."""
    rows = session.execute(sa.text("select * from app.accounts_of_identity(:hash)"), {"hash": subject_hash})
    return [Known(Account(row.tenant_id, row.user_id, row.slug), row.is_active) for row in rows]


def invited_of(session: Session, email_hash: bytes) -> list[Account]:
    """Accounts with an address that wait for their person, whose link is open, of any tenant."""
    rows = session.execute(sa.text("select * from app.invited_of(:hash)"), {"hash": email_hash})
    return [Account(row.tenant_id, row.user_id, row.slug) for row in rows]
