"""People and tenants as whoever looks after the machine adds and mends them, from its command line."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from realestate_assets.app.engine import set_tenant
from realestate_assets.app.people import User
from realestate_assets.app.sealing import Sealer
from realestate_assets.app.sign_in import accounts_of, any_tenant, tenant_named
from realestate_assets.app.tenants import CountyEntitlement
from realestate_assets.operations.accounts import sign_ins
from realestate_assets.operations.accounts.passwords import hash_of
from realestate_assets.operations.accounts.people import add_user
from realestate_assets.operations.accounts.sign_in import Transaction
from realestate_assets.operations.accounts.tenants import add_tenant, counties_of, entitle
from resources.errors import PermanentError


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


def set_password(
    transaction: Transaction, sealer: Sealer, *, email: str, tenant: str | None, password: str
) -> str:
    """Give an account another password and end its sign-ins; the short name of its tenant.

    Raises:
        PermanentError: no account has that address, several have it, or the password can be none.
    """
    hashed = hash_of(password)
    with transaction(None) as session:
        found = accounts_of(session, sealer.email_hash(email))
        chosen = [account for account in found if tenant in (None, account.slug)]
        if len(chosen) != 1:
            known = ", ".join(account.slug for account in found)
            raise PermanentError(
                f"{email} has accounts in {known}: say which by --tenant." if chosen else
                "No account that may sign in has this address.", field="email",
            )  # fmt: skip
        (account,) = chosen
        set_tenant(session, account.tenant_id)
        changed = {"password_hash": hashed, "failed_logins": 0, "locked_until": None}
        session.execute(sa.update(User).where(User.user_id == account.user_id).values(changed))
        sign_ins.end_all(session, account.user_id, "password")
    return account.slug


def change_counties(
    transaction: Transaction, *, tenant: str, add: Iterable[str] = (), remove: Iterable[str] = ()
) -> list[str]:
    """Let a tenant see more counties, or fewer; those that it sees then.

    Raises:
        PermanentError: there is no such tenant.
    """
    with transaction(None) as session:
        known = tenant_named(session, tenant)
        if known is None:
            raise PermanentError(f"There is no tenant {tenant}.", field="tenant")
        set_tenant(session, known[0])
        entitle(session, known[0], add)
        gone = CountyEntitlement.county.in_(list(remove))
        session.execute(sa.delete(CountyEntitlement).where(gone))
        return counties_of(session)
