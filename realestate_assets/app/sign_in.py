"""What has to be known before a tenant is: three narrow functions of the owner, and no hole in a policy.

Each takes one value at most and gives back ids. They pin their search_path, so that nobody's table is taken
for ours.
"""

import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

# An address that more tenants know is asked for the tenant's name.
MAX_ACCOUNTS = 5

FUNCTIONS = {
    "app.accounts_of(bytea)": f"""
create or replace function app.accounts_of(wanted bytea)
returns table (tenant_id uuid, user_id uuid, slug text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select u.tenant_id, u.user_id, t.slug from app.users u join app.tenants t using (tenant_id)
    where u.email_hash = wanted and u.state = 'active' and t.state = 'active'
    order by u.created_at limit {MAX_ACCOUNTS}
$$
""",  # noqa: S608 - a number of this module
    "app.tenant_named(text)": """
create or replace function app.tenant_named(wanted text)
returns table (tenant_id uuid, allows_registration boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select t.tenant_id, t.allows_registration from app.tenants t where t.slug = wanted and t.state = 'active'
$$
""",
    "app.any_tenant()": """
create or replace function app.any_tenant()
returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select exists (select from app.tenants) $$
""",
}


@dataclass(frozen=True)
class Account:
    """Where an account is found."""

    tenant_id: uuid.UUID
    user_id: uuid.UUID
    slug: str


def accounts_of(session: Session, email_hash: bytes) -> list[Account]:
    """Active accounts with an address, of any tenant."""
    rows = session.execute(sa.text("select * from app.accounts_of(:hash)"), {"hash": email_hash})
    return [Account(row.tenant_id, row.user_id, row.slug) for row in rows]


def tenant_named(session: Session, slug: str) -> tuple[uuid.UUID, bool] | None:
    """An active tenant by its slug, and whether people may register there by themselves."""
    row = session.execute(sa.text("select * from app.tenant_named(:slug)"), {"slug": slug}).one_or_none()
    return (row.tenant_id, row.allows_registration) if row else None


def any_tenant(session: Session) -> bool:
    """Whether there is a tenant at all."""
    return bool(session.execute(sa.text("select app.any_tenant()")).scalar_one())
