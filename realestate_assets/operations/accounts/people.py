"""Accounts: made, found and read, within a transaction of their tenant."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from sqlalchemy.orm import Session

from realestate_assets.app.base import new_id
from realestate_assets.app.people import Membership, PersonKey, User
from realestate_assets.app.sealing import Sealer
from resources.errors import PermanentError

EMAIL, NAME = "users.email", "users.name"


class EmailTakenError(PermanentError):
    """The tenant has an account with that address already."""


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
    return [_person(sealer, row) for row in rows]


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


def _person(sealer: Sealer, row: sa.Row) -> Person:
    user, roles, key = row
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
