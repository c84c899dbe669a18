"""A narrow function of the owner: which tenants have a search that is due, told before a tenant is known."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.service_role import ROLE

SIGNATURE = "work.tenants_to_look()"
FUNCTION = """
create or replace function work.tenants_to_look()
returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select distinct l.tenant_id
    from work.search_looks l join app.tenants t using (tenant_id)
    where t.state = 'active' and l.next_at <= now()
$$
"""


def ensure_search_functions(connection: sa.Connection) -> None:
    """Make the function and let the service's role alone call it."""
    connection.exec_driver_sql(FUNCTION)
    connection.exec_driver_sql(f"revoke all on function {SIGNATURE} from public")
    connection.exec_driver_sql(f"grant execute on function {SIGNATURE} to {ROLE}")


def tenants_to_look(session: Session) -> list[uuid.UUID]:
    """Active tenants with a search whose time has come."""
    return list(session.scalars(sa.text("select * from work.tenants_to_look()")))
