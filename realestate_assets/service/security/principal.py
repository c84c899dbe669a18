"""Who asks: a person with a cookie or a token, or a program with a key."""

import uuid
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.people import Membership, User
from realestate_assets.app.tenants import Tenant
from realestate_assets.service.security.permissions import permissions_of

How = Literal["session", "token", "key"]


@dataclass(frozen=True)
class Principal:
    """A person or program, in its tenant, with what it may do."""

    user_id: uuid.UUID
    tenant_id: uuid.UUID
    tenant_slug: str
    plan: str
    roles: frozenset[str]
    permissions: frozenset[str]
    how: How
    # Of the sign-in behind a cookie or token; of the key.
    sign_in_id: uuid.UUID | None = None
    key_id: uuid.UUID | None = None

    def may(self, permission: str) -> bool:
        """Whether the permission is among its own."""
        return permission in self.permissions


def principal_of_user(
    session: Session,
    user_id: uuid.UUID,
    how: How,
    *,
    sign_in_id: uuid.UUID | None = None,
) -> Principal | None:
    """The principal of an active account of the transaction's tenant; None where there is none.

    Roles are read anew for each request: what is taken from somebody is gone with their next one.
    """
    row = session.execute(
        sa.select(Tenant.tenant_id, Tenant.slug, Tenant.plan, Tenant.is_operator, Membership.roles)
        .join(User, User.tenant_id == Tenant.tenant_id)
        .join(Membership, Membership.user_id == User.user_id)
        .where(User.user_id == user_id, User.state == "active", Tenant.state == "active")
    ).one_or_none()
    if row is None:
        return None
    roles = frozenset(row.roles)
    return Principal(
        user_id=user_id,
        tenant_id=row.tenant_id,
        tenant_slug=row.slug,
        plan=row.plan,
        roles=roles,
        permissions=permissions_of(roles, row.is_operator),
        how=how,
        sign_in_id=sign_in_id,
    )
