"""What whoever looks after the installation sees of other tenants: two narrow functions of the owner.

Each asks whether the transaction's tenant is the operator; to any other it shows nothing.
"""

import sqlalchemy as sa

from realestate_assets.app.engine import TENANT

IS_OPERATOR = f"""exists (
        select from app.tenants o
        where o.is_operator and o.tenant_id = nullif(current_setting('{TENANT}', true), '')::uuid
    )"""
FUNCTIONS = {
    "app.all_tenants()": f"""
create or replace function app.all_tenants()
returns table (
    tenant_id uuid, slug text, name text, plan text, state text, is_operator boolean,
    allows_registration boolean, created_at timestamptz, updated_at timestamptz, people_count bigint,
    counties text[]
)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select t.tenant_id, t.slug, t.name, t.plan, t.state, t.is_operator, t.allows_registration, t.created_at,
           t.updated_at,
           (select count(*) from app.users u where u.tenant_id = t.tenant_id and u.state = 'active'),
           coalesce((select array_agg(c.county order by c.county) from app.county_entitlements c
                     where c.tenant_id = t.tenant_id and (c.until is null or c.until > now())), '{{}}')
    from app.tenants t
    where {IS_OPERATOR}
$$
""",  # noqa: S608 - names of this package
    "app.all_usage(text)": f"""
create or replace function app.all_usage(wanted text)
returns table (tenant_id uuid, slug text, plan text, metric text, used bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select t.tenant_id, t.slug, t.plan, u.metric, u.used
    from app.tenants t join work.usage_counts u on u.tenant_id = t.tenant_id
    where u.month = wanted and {IS_OPERATOR}
$$
""",  # noqa: S608 - names of this package
}
TENANTS = sa.func.app.all_tenants().table_valued(
    sa.column("tenant_id", sa.UUID()),
    sa.column("slug", sa.Text),
    sa.column("name", sa.Text),
    sa.column("plan", sa.Text),
    sa.column("state", sa.Text),
    sa.column("is_operator", sa.Boolean),
    sa.column("allows_registration", sa.Boolean),
    sa.column("created_at", sa.DateTime(timezone=True)),
    sa.column("updated_at", sa.DateTime(timezone=True)),
    sa.column("people_count", sa.BigInteger),
    sa.column("counties", sa.ARRAY(sa.Text)),
    name="t",
)
