"""A narrow function of the owner: which tenants have a search that is due, told before a tenant is known."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Session

FUNCTIONS = {
    "work.tenants_to_look()": """
create or replace function work.tenants_to_look()
returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select distinct l.tenant_id
    from work.search_looks l join app.tenants t using (tenant_id)
    where t.state = 'active' and l.next_at <= now()
$$
"""
}


def tenants_to_look(session: Session) -> list[uuid.UUID]:
    """Active tenants with a search whose time has come."""
    return list(session.scalars(sa.text("select * from work.tenants_to_look()")))
