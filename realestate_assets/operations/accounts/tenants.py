"""Tenants: made with their counties; the first one looks after the installation."""

import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from realestate_assets.app.base import new_id
from realestate_assets.app.engine import set_tenant
from realestate_assets.app.sign_in import tenant_named
from realestate_assets.app.tenants import CountyEntitlement, Tenant
from realestate_assets.operations.accounts.unique import flush_or
from resources.errors import PermanentError

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


class SlugTakenError(PermanentError):
    """Another tenant has that name."""


def add_tenant(
    session: Session,
    *,
    slug: str,
    name: str,
    counties: Iterable[str],
    plan: str = "free",
    is_operator: bool = False,
    made_by: uuid.UUID | None = None,
    request_id: str = "",
) -> uuid.UUID:
    """Make a tenant that sees some counties; the transaction is the new tenant's from then on.

    Who makes it, by which request, is for the new tenant's log.

    Raises:
        SlugTakenError: the slug is another tenant's.
        PermanentError: it can be none.
    """
    if not SLUG.fullmatch(slug):
        raise PermanentError(
            "A tenant's short name has up to 40 small letters, digits and hyphens.", field="slug"
        )
    if tenant_named(session, slug):
        raise SlugTakenError(f"There is a tenant {slug} already.", field="slug")
    tenant_id = new_id()
    set_tenant(session, tenant_id, made_by, request_id)
    session.add(Tenant(tenant_id=tenant_id, slug=slug, name=name.strip(), plan=plan, is_operator=is_operator))
    # Of one that is suspended, or made at the same moment.
    flush_or(session, SlugTakenError(f"There is a tenant {slug} already.", field="slug"))
    entitle(session, tenant_id, counties)
    return tenant_id


def entitle(session: Session, tenant_id: uuid.UUID, counties: Iterable[str]) -> None:
    """Let the transaction's tenant see counties, beside those it sees already."""
    rows = [{"tenant_id": tenant_id, "county": county} for county in sorted(set(counties))]
    if rows:
        session.execute(insert(CountyEntitlement).values(rows).on_conflict_do_nothing())


def change_tenant(session: Session, tenant_id: uuid.UUID, changes: Mapping[str, Any]) -> None:
    """Change a tenant within its own transaction.

    Args:
        session: of that tenant.
        tenant_id: whose it is.
        changes: columns of `tenants`; `counties` are all that it is to see.
    """
    tenant = session.get_one(Tenant, tenant_id)
    columns = {name: value for name, value in changes.items() if name != "counties"}
    for name, value in columns.items():
        setattr(tenant, name, value)
    if columns:
        tenant.updated_at = datetime.now(UTC)
    session.flush()
    if "counties" in changes:
        wanted = set(changes["counties"])
        session.execute(sa.delete(CountyEntitlement).where(CountyEntitlement.county.not_in(wanted)))
        entitle(session, tenant_id, wanted)


def own_tenant(session: Session) -> Tenant:
    """The transaction's tenant."""
    return session.scalars(sa.select(Tenant)).one()


def counties_of(session: Session) -> list[str]:
    """Counties that the transaction's tenant sees."""
    now = sa.func.now()
    running = sa.or_(CountyEntitlement.until.is_(None), CountyEntitlement.until > now)
    return list(
        session.scalars(sa.select(CountyEntitlement.county).where(running).order_by(CountyEntitlement.county))
    )
