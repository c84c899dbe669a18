"""Links to an account: made, looked at, used up. Who has one is let in as its account, once, for a while."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.base import new_id
from realestate_assets.app.links import AccountLink
from realestate_assets.operations.accounts import opaque
from realestate_assets.operations.accounts.opaque import Opaque
from realestate_assets.operations.accounts.sign_in import Transaction
from resources.errors import PermanentError

PREFIX = "rol_"
Kind = Literal["invitation", "registration", "password"]
State = Literal["open", "used", "expired", "unknown"]
LASTS: dict[Kind, timedelta] = {
    "invitation": timedelta(days=7),
    "registration": timedelta(days=1),
    "password": timedelta(hours=1),
}
# Whoever asks for more fills somebody's mail box.
MOST_AN_HOUR = 3


@dataclass(frozen=True)
class Seen:
    """A link that was looked at: how it is, and whose where it is open."""

    state: State
    tenant_id: uuid.UUID | None = None
    user_id: uuid.UUID | None = None


class LinkOverError(PermanentError):
    """The link is none, was used, or its time is over.

    Args:
        state: which of it.
    """

    def __init__(self, state: State) -> None:
        super().__init__(f"This link is {state}.")
        self.state = state


def add(session: Session, tenant_id: uuid.UUID, user_id: uuid.UUID, kind: Kind) -> str:
    """Make a link; earlier ones of its kind count no more. Its text is given back once and kept nowhere."""
    end(session, user_id, kind)
    secret = opaque.new(tenant_id, new_id())
    session.add(
        AccountLink(
            link_id=secret.row_id,
            tenant_id=tenant_id,
            user_id=user_id,
            kind=kind,
            secret_hash=secret.hashed,
            expires_at=datetime.now(UTC) + LASTS[kind],
        )
    )
    session.flush()
    return secret.text(PREFIX)


def is_enough(session: Session, user_id: uuid.UUID, kind: Kind) -> bool:
    """Whether so many links of a kind were made within the hour that the next one waits."""
    recent = AccountLink.created_at > sa.func.now() - sa.text("interval '1 hour'")
    count = sa.select(sa.func.count()).where(AccountLink.user_id == user_id, AccountLink.kind == kind, recent)
    return session.execute(count).scalar_one() >= MOST_AN_HOUR


def end(session: Session, user_id: uuid.UUID, kind: Kind | None = None) -> None:
    """Let the open links of an account count no more, of one kind or all."""
    mine = [AccountLink.user_id == user_id, AccountLink.used_at.is_(None)]
    if kind is not None:
        mine.append(AccountLink.kind == kind)
    session.execute(sa.update(AccountLink).where(*mine).values(used_at=sa.func.now()))


def look(transaction: Transaction, text: str, kinds: tuple[Kind, ...]) -> Seen:
    """How a link is, without using it."""
    secret = opaque.parse(text, PREFIX)
    if secret is None:
        return Seen("unknown")
    with transaction(secret.tenant_id) as session:
        link = session.get(AccountLink, secret.row_id)
        state = _state(link, secret, kinds)
        if link is None or state != "open":
            return Seen(state)
        return Seen(state, link.tenant_id, link.user_id)


def taken(session: Session, secret: Opaque, kinds: tuple[Kind, ...]) -> AccountLink:
    """Use a link up; of two who come with it at once, one is told that it was used.

    Args:
        session: of the link's tenant.
        secret: of the link.
        kinds: which are meant.

    Raises:
        LinkOverError: it is not open.
    """
    asked = sa.select(AccountLink).where(AccountLink.link_id == secret.row_id).with_for_update()
    link = session.scalars(asked).one_or_none()
    state = _state(link, secret, kinds)
    if link is None or state != "open":
        raise LinkOverError(state)
    link.used_at = datetime.now(UTC)
    return link


def secret_of(text: str) -> Opaque:
    """The secret in a link's text.

    Raises:
        LinkOverError: it can be none.
    """
    secret = opaque.parse(text, PREFIX)
    if secret is None:
        raise LinkOverError("unknown")
    return secret


def _state(link: AccountLink | None, secret: Opaque, kinds: tuple[Kind, ...]) -> State:
    if link is None or not secret.is_of(link.secret_hash) or link.kind not in kinds:
        return "unknown"
    if link.used_at is not None:
        return "used"
    return "open" if link.expires_at > datetime.now(UTC) else "expired"
