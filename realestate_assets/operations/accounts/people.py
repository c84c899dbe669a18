"""Accounts: made, found and read, within a transaction of their tenant."""

import os
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from sqlalchemy.orm import Session

from realestate_assets.app.base import new_id
from realestate_assets.app.people import Membership, PersonKey, User
from realestate_assets.app.sealing import Sealer
from realestate_assets.operations.accounts.sign_ins import end_all
from resources.errors import PermanentError

EMAIL, NAME = "users.email", "users.name"


class EmailTakenError(PermanentError):
    """The tenant has an account with that address already."""


class LastAdminError(PermanentError):
    """Nobody would be left who looks after the tenant."""


@dataclass(frozen=True)
class Person:
    """An account in clear."""

    user_id: uuid.UUID
    email: str
    name: str
    state: str
    roles: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    last_login_at: datetime | None


def checked_address(address: str) -> str:
    """An address of mail as it is written to.

    Raises:
        PermanentError: it can be none.
    """
    try:
        return validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError:
        pass
    raise PermanentError("This is no address of mail.", field="email")


def add_user(
    session: Session,
    sealer: Sealer,
    tenant_id: uuid.UUID,
    *,
    email: str,
    name: str,
    roles: Iterable[str],
    password_hash: str | None,
    state: str = "active",
) -> uuid.UUID:
    """Make an account with its key and roles; its id.

    Raises:
        EmailTakenError: the tenant has an account with that address.
        PermanentError: the address can be none.
    """
    address = checked_address(email)
    taken = sa.select(User.user_id).where(User.email_hash == sealer.email_hash(address))
    if session.execute(taken).first():
        raise EmailTakenError("An account with this address is there already.", field="email")
    user_id = new_id()
    key = sealer.new_key(user_id)
    session.add(
        User(
            user_id=user_id,
            tenant_id=tenant_id,
            email_hash=sealer.email_hash(address),
            email_sealed=sealer.seal(key, user_id, EMAIL, address),
            name_sealed=sealer.seal(key, user_id, NAME, name.strip()),
            password_hash=password_hash,
            state=state,
        )
    )
    session.flush()
    session.add(PersonKey(person_id=user_id, tenant_id=tenant_id, key_sealed=key))
    session.add(Membership(tenant_id=tenant_id, user_id=user_id, roles=sorted(set(roles))))
    session.flush()
    return user_id


def people(session: Session, sealer: Sealer, statement: sa.Select | None = None) -> list[Person]:
    """Accounts of the transaction's tenant in clear, those of a statement over `person_rows`."""
    rows = session.execute(person_rows() if statement is None else statement)
    return [in_clear(sealer, row) for row in rows]


def person(session: Session, sealer: Sealer, user_id: uuid.UUID) -> Person | None:
    """One account of the transaction's tenant, None where it has none such."""
    found = people(session, sealer, person_rows().where(User.user_id == user_id))
    return found[0] if found else None


def person_rows() -> sa.Select:
    """What a person is read from; deleted accounts are left out."""
    return (
        sa.select(User, Membership.roles, PersonKey.key_sealed)
        .join(Membership, Membership.user_id == User.user_id)
        .join(PersonKey, PersonKey.person_id == User.user_id)
        .where(User.state != "deleted")
    )


def change_user(
    session: Session, user_id: uuid.UUID, *, roles: Iterable[str] | None = None, state: str | None = None
) -> None:
    """Change roles or state of an account of the transaction's tenant; None leaves them.

    Raises:
        LastAdminError: the tenant would have no active admin left.
    """
    # All of them held: two admins who take each other's role at once leave one.
    admins = sa.select(Membership).where(Membership.roles.contains(["admin"])).with_for_update()
    held = {each.user_id for each in session.scalars(admins)}
    active = session.scalars(sa.select(User.user_id).where(User.user_id.in_(held), User.state == "active"))
    is_admin_still = (roles is None or "admin" in roles) and state in (None, "active")
    if set(active) == {user_id} and not is_admin_still:
        raise LastAdminError("The tenant would have no admin left.")
    if roles is not None:
        membership = session.scalars(sa.select(Membership).where(Membership.user_id == user_id)).one()
        membership.roles, membership.updated_at = sorted(set(roles)), datetime.now(UTC)
    if state is not None:
        user = session.get_one(User, user_id)
        user.state, user.updated_at = state, datetime.now(UTC)
        if state != "active":
            end_all(session, user_id, state)
        if state == "deleted":
            # The address is free again, and finds nobody.
            user.email_hash = os.urandom(len(user.email_hash))
    session.flush()


def in_clear(sealer: Sealer, row: sa.Row) -> Person:
    """A row of `person_rows` in clear."""
    user, roles, key = row[:3]
    return Person(
        user_id=user.user_id,
        email=sealer.unseal(key, user.user_id, EMAIL, user.email_sealed),
        name=sealer.unseal(key, user.user_id, NAME, user.name_sealed),
        state=user.state,
        roles=tuple(roles),
        created_at=user.created_at,
        updated_at=user.updated_at,
        last_login_at=user.last_login_at,
    )
