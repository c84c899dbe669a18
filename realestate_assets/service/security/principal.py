"""Who asks: a person with a cookie or a token, or a program with a key."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.people import Membership, User
from realestate_assets.app.sign_ins import SignIn
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
    key_id: uuid.UUID | None = None,
    scopes: Iterable[str] | None = None,
) -> Principal | None:
    """The principal of an active account of the transaction's tenant; None where there is none.

    Roles are read anew for each request: what is taken from somebody is gone with their next one.

    Args:
        session: of the tenant.
        user_id: whose account.
        how: they came.
        sign_in_id: of the sign-in, which must not have ended.
        key_id: of the key.
        scopes: permissions that a key was given; it may do what its person may too.
    """
    asked = (
        sa.select(Tenant.tenant_id, Tenant.slug, Tenant.plan, Tenant.is_operator, Membership.roles)
        .join(User, User.tenant_id == Tenant.tenant_id)
        .join(Membership, Membership.user_id == User.user_id)
        .where(User.user_id == user_id, User.state == "active", Tenant.state == "active")
    )
    if sign_in_id is not None:
        asked = asked.join(SignIn, SignIn.user_id == User.user_id).where(
            SignIn.sign_in_id == sign_in_id, SignIn.ended_at.is_(None), SignIn.expires_at > sa.func.now()
        )
    row = session.execute(asked).one_or_none()
    if row is None:
        return None
    roles = frozenset(row.roles)
    held = permissions_of(roles, row.is_operator)
    return Principal(
        user_id=user_id,
        tenant_id=row.tenant_id,
        tenant_slug=row.slug,
        plan=row.plan,
        roles=roles,
        permissions=held if scopes is None else held & frozenset(scopes),
        how=how,
        sign_in_id=sign_in_id,
        key_id=key_id,
    )
