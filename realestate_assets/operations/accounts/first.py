"""The first people of an installation, added from its own command line."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from realestate_assets.app.engine import set_tenant
from realestate_assets.app.sealing import Sealer
from realestate_assets.app.sign_in import any_tenant, tenant_named
from realestate_assets.operations.accounts.passwords import hash_of
from realestate_assets.operations.accounts.people import add_user
from realestate_assets.operations.accounts.sign_in import Transaction
from realestate_assets.operations.accounts.tenants import add_tenant


@dataclass(frozen=True)
class Added:
    """Who was added, and whether their tenant was."""

    user_id: uuid.UUID
    tenant_id: uuid.UUID
    is_new_tenant: bool
    is_operator: bool


def add_person(
    transaction: Transaction,
    sealer: Sealer,
    *,
    email: str,
    name: str,
    slug: str,
    roles: Iterable[str],
    password: str,
    counties: Iterable[str],
) -> Added:
    """Add a person to a tenant, which is made where it is new; the first tenant of all is the operator.

    Raises:
        EmailTakenError: the tenant has an account with that address.
        PermanentError: address, password or slug can be none.
    """
    hashed = hash_of(password)
    with transaction(None) as session:
        known = tenant_named(session, slug)
        is_first = known is None and not any_tenant(session)
        if known is None:
            plan = "enterprise" if is_first else "free"
            tenant_id = add_tenant(
                session, slug=slug, name=slug, counties=counties, plan=plan, is_operator=is_first
            )
        else:
            tenant_id = known[0]
            set_tenant(session, tenant_id)
        user_id = add_user(
            session, sealer, tenant_id, email=email, name=name, roles=roles, password_hash=hashed
        )
    return Added(user_id, tenant_id, known is None, is_first)
