"""Signing in by address and password, wherever the account is; after five failures in a row it waits."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.people import User
from realestate_assets.app.sealing import Sealer
from realestate_assets.app.sign_in import Account, accounts_of
from realestate_assets.operations.accounts import passwords

Transaction = Callable[[uuid.UUID | None], AbstractContextManager[Session]]

FAILURES = 5
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(days=1)


def wait_after(failures: int) -> timedelta:
    """How long an account waits after so many failures: not at all, then a minute, doubled each time."""
    if failures < FAILURES:
        return timedelta(0)
    doublings = min(failures - FAILURES, 20)
    return min(FIRST_WAIT * 2**doublings, LONGEST_WAIT)


def check_password(
    transaction: Transaction,
    sealer: Sealer,
    email: str,
    password: str,
    tenant: str | None = None,
    now: datetime | None = None,
) -> Account | None:
    """The account that an address and a password belong to; None where they are not right, or it waits.

    Args:
        transaction: opens a transaction of a tenant.
        sealer: finds addresses.
        email: the address.
        password: what was typed.
        tenant: short name of the tenant; needed where the same password holds in several.
        now: the time, by default the present.
    """
    at = now or datetime.now(UTC)
    with transaction(None) as session:
        found = accounts_of(session, sealer.email_hash(email))
    candidates = [account for account in found if tenant is None or account.slug == tenant]
    if not candidates:
        passwords.is_password(None, password)
        return None
    right = [account for account in candidates if _is_right(transaction, account, password, at)]
    return right[0] if len(right) == 1 else None


def _is_right(transaction: Transaction, account: Account, password: str, at: datetime) -> bool:
    with transaction(account.tenant_id) as session:
        # Held until it is judged: guesses sent at once are counted one by one.
        asked = sa.select(User).where(User.user_id == account.user_id).with_for_update()
        user = session.scalars(asked).one()
        if not is_right(user, password, at):
            return False
        user.last_login_at = at
        if user.password_hash and passwords.is_outdated(user.password_hash):
            user.password_hash = passwords.hash_of(password)
        return True


def is_right(user: User, password: str, at: datetime) -> bool:
    """Whether a password is the account's, which the caller's transaction holds; a wrong one is counted."""
    if user.locked_until and user.locked_until > at:
        passwords.is_password(None, password)
        return False
    if not passwords.is_password(user.password_hash, password):
        user.failed_logins += 1
        wait = wait_after(user.failed_logins)
        user.locked_until = at + wait if wait else None
        return False
    user.failed_logins, user.locked_until = 0, None
    return True
