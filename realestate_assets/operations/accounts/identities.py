"""Signing in by a provider's word: whose account it is, and who may come in by it.

Once an account is tied to a person at the provider, nobody else opens it by the provider, whatever their
address is. The address, shown to be theirs, ties it the first time: it opens what a mail to it would open.
"""

import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from realestate_assets.app.identities import Identity, accounts_of_identity, invited_of
from realestate_assets.app.people import PersonKey, User
from realestate_assets.app.sealing import Sealer
from realestate_assets.app.sign_in import Account, accounts_of, tenant_named
from realestate_assets.operations.accounts import links, people
from realestate_assets.operations.accounts.joining import REGISTERED_ROLE
from realestate_assets.operations.accounts.sign_in import Transaction
from realestate_assets.operations.accounts.sign_ins import end_all
from resources.errors import PermanentError
from resources.http.openid import Vouched

MAX_NAME = 200

Why = Literal["unknown", "unverified", "closed", "other", "waits"]


class NoAccountError(PermanentError):
    """Nobody signs in by it.

    Args:
        why: there is no account; the address was not shown to be theirs; the account is disabled, or its
            tenant; it belongs to somebody else at the provider; it waits after wrong passwords.
    """

    def __init__(self, why: Why) -> None:
        super().__init__(f"No account signs in by this: {why}.")
        self.why = why


class SeveralAccountsError(PermanentError):
    """The person has accounts in several tenants and named none.

    Args:
        slugs: the tenants.
    """

    def __init__(self, slugs: list[str]) -> None:
        super().__init__("There are accounts in several tenants.")
        self.slugs = slugs


class _AddressTakenError(Exception):
    """The tenant has an account with the address of somebody who was to get one."""


def account_of(
    transaction: Transaction,
    sealer: Sealer,
    vouched: Vouched,
    tenant: str | None,
    now: datetime | None = None,
) -> Account:
    """The account that a person at the provider signs in to.

    Args:
        transaction: opens a transaction of a tenant.
        sealer: finds and encrypts what is personal.
        vouched: whom the provider vouches for.
        tenant: short name of the one that is meant, where it was named; a new account is made in no other.
        now: the time, by default the present.

    Raises:
        NoAccountError: none.
        SeveralAccountsError: one of several.
    """
    at, hashed = now or datetime.now(UTC), sealer.identity_hash(vouched.issuer, vouched.subject)
    try:
        return _account_of(transaction, sealer, vouched, tenant, hashed, at)
    except (IntegrityError, _AddressTakenError):
        # The same person at once, twice: by now the first has come in.
        with suppress(_AddressTakenError):
            return _account_of(transaction, sealer, vouched, tenant, hashed, at)
    # The tenant has an account with that address, which is closed.
    raise NoAccountError("unknown")


def identities_of(session: Session, user_id: uuid.UUID) -> list[Identity]:
    """Whom providers call an account's person, of the transaction's tenant."""
    asked = sa.select(Identity).where(Identity.user_id == user_id).order_by(Identity.created_at)
    return list(session.scalars(asked))


def tied(session: Session) -> frozenset[uuid.UUID]:
    """Accounts of the transaction's tenant that belong to somebody at a provider."""
    return frozenset(session.scalars(sa.select(Identity.user_id)))


def untie(session: Session, user_id: uuid.UUID) -> None:
    """Let an account belong to nobody at a provider; who was signed in to it is so no more."""
    session.execute(sa.delete(Identity).where(Identity.user_id == user_id))
    end_all(session, user_id, "identity")


def _account_of(
    transaction: Transaction,
    sealer: Sealer,
    vouched: Vouched,
    tenant: str | None,
    hashed: bytes,
    at: datetime,
) -> Account:
    with transaction(None) as session:
        known = [
            each for each in accounts_of_identity(session, hashed) if tenant in (None, each.account.slug)
        ]
    if known:
        # Not by its address again: an account that is closed to somebody stays closed.
        account = _one([each.account for each in known if each.is_active], "closed")
        _enter(transaction, account, vouched, hashed, at)
        return account
    if not vouched.is_email_verified or not vouched.email:
        raise NoAccountError("unverified")
    by_address = sealer.email_hash(vouched.email)
    for find, enter in ((accounts_of, _enter), (invited_of, _take_up(sealer))):
        if found := _found(transaction, find, by_address, tenant):
            account = _one(found, "unknown")
            enter(transaction, account, vouched, hashed, at)
            return account
    return _registered(transaction, sealer, vouched, tenant, hashed, at)


def _found(
    transaction: Transaction,
    find: Callable[[Session, bytes], list[Account]],
    by_address: bytes,
    tenant: str | None,
) -> list[Account]:
    with transaction(None) as session:
        return [each for each in find(session, by_address) if tenant in (None, each.slug)]


def _one(found: list[Account], otherwise: Why) -> Account:
    if not found:
        raise NoAccountError(otherwise)
    if len(found) > 1:
        raise SeveralAccountsError([each.slug for each in found])
    return found[0]


def _enter(transaction: Transaction, account: Account, vouched: Vouched, hashed: bytes, at: datetime) -> None:
    """Sign in to an active account, which is tied to the person now if it was not."""
    with transaction(account.tenant_id) as session:
        user = _held(session, account)
        if user.state != "active":
            raise NoAccountError("closed")
        # Whoever guesses at a password keeps its owner out by this way too: the lock is the account's.
        if user.locked_until and user.locked_until > at:
            raise NoAccountError("waits")
        _tie(session, user, vouched, hashed, at)


def _take_up(sealer: Sealer) -> Callable[[Transaction, Account, Vouched, bytes, datetime], None]:
    def enter(
        transaction: Transaction, account: Account, vouched: Vouched, hashed: bytes, at: datetime
    ) -> None:
        """Take an invitation or registration up, as its link does; no password is set."""
        with transaction(account.tenant_id) as session:
            user = _held(session, account)
            if user.state != "invited":
                raise NoAccountError("unknown")
            if name := _name(vouched):
                key = session.get_one(PersonKey, user.user_id)
                user.name_sealed = sealer.seal(key.key_sealed, user.user_id, people.NAME, name)
            user.state, user.updated_at = "active", at
            links.end(session, user.user_id)
            _tie(session, user, vouched, hashed, at)

    return enter


def _registered(
    transaction: Transaction,
    sealer: Sealer,
    vouched: Vouched,
    tenant: str | None,
    hashed: bytes,
    at: datetime,
) -> Account:
    """A new account of a tenant that was named and lets people register.

    Raises:
        NoAccountError: none was named, or it lets nobody register.
        _AddressTakenError: it has an account with that address.
    """
    with transaction(None) as session:
        named = tenant_named(session, tenant) if tenant else None
    if tenant is None or named is None or not named[1]:
        raise NoAccountError("unknown")
    try:
        with transaction(named[0]) as session:
            name = _name(vouched) or vouched.email.partition("@")[0]
            user_id = people.add_user(
                session, sealer, named[0], email=vouched.email, name=name, roles=[REGISTERED_ROLE],
                password_hash=None,
            )  # fmt: skip
            _tie(session, session.get_one(User, user_id), vouched, hashed, at)
    except PermanentError as error:
        raise _AddressTakenError from error
    return Account(named[0], user_id, tenant)


def _held(session: Session, account: Account) -> User:
    # Two who come at once are one after the other.
    return session.scalars(sa.select(User).where(User.user_id == account.user_id).with_for_update()).one()


def _tie(session: Session, user: User, vouched: Vouched, hashed: bytes, at: datetime) -> None:
    asked = sa.select(Identity).where(Identity.user_id == user.user_id, Identity.issuer == vouched.issuer)
    tied = session.scalars(asked).one_or_none()
    if tied is None:
        tied = Identity(
            tenant_id=user.tenant_id, user_id=user.user_id, issuer=vouched.issuer, subject_hash=hashed
        )
        session.add(tied)
    elif bytes(tied.subject_hash) != hashed:
        # The address was given to somebody else at the provider, or is that of two there.
        raise NoAccountError("other")
    tied.last_used_at = user.last_login_at = at


def _name(vouched: Vouched) -> str:
    return "".join(each for each in vouched.name if each.isprintable()).strip()[:MAX_NAME]
