"""Signing in by address and password, wherever the account is."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.people import User
from realestate_assets.app.sealing import Sealer
from realestate_assets.app.sign_in import Account, accounts_of
from realestate_assets.operations.accounts import passwords

Transaction = Callable[[uuid.UUID | None], AbstractContextManager[Session]]


def check_password(
    transaction: Transaction, sealer: Sealer, email: str, password: str, tenant: str | None = None
) -> Account | None:
    """The account that an address and a password belong to; None where they are not right.

    Args:
        transaction: opens a transaction of a tenant.
        sealer: finds addresses.
        email: the address.
        password: what was typed.
        tenant: short name of the tenant; needed where the same password holds in several.
    """
    with transaction(None) as session:
        found = accounts_of(session, sealer.email_hash(email))
    candidates = [account for account in found if tenant is None or account.slug == tenant]
    if not candidates:
        passwords.is_password(None, password)
        return None
    right = [account for account in candidates if _is_right(transaction, account, password)]
    return right[0] if len(right) == 1 else None


def _is_right(transaction: Transaction, account: Account, password: str) -> bool:
    with transaction(account.tenant_id) as session:
        kept = session.scalar(sa.select(User.password_hash).where(User.user_id == account.user_id))
    return passwords.is_password(kept, password)
