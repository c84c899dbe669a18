"""What follows a password: a cookie's secret, or a refresh token that is used once and replaced.

A refresh token that comes a second time is in two hands: the whole sign-in ends, for both.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.base import new_id
from realestate_assets.app.sign_ins import RefreshToken, SignIn
from realestate_assets.operations.accounts import opaque
from realestate_assets.operations.accounts.opaque import Opaque

SESSION_LASTS = timedelta(hours=12)
REFRESH_LASTS = timedelta(days=7)

Kind = Literal["session", "token"]


@dataclass(frozen=True)
class Begun:
    """A sign-in with the secret that goes on with it: of the cookie, or the refresh token."""

    sign_in_id: uuid.UUID
    user_id: uuid.UUID
    secret: Opaque


def begin(session: Session, tenant_id: uuid.UUID, user_id: uuid.UUID, kind: Kind) -> Begun:
    """Begin a sign-in of a user whose password was right."""
    now, sign_in_id = datetime.now(UTC), new_id()
    lasts = SESSION_LASTS if kind == "session" else REFRESH_LASTS
    made = SignIn(
        sign_in_id=sign_in_id, tenant_id=tenant_id, user_id=user_id, kind=kind, expires_at=now + lasts
    )
    if kind == "session":
        secret = opaque.new(tenant_id, sign_in_id)
        made.secret_hash = secret.hashed
        session.add(made)
        session.flush()
        return Begun(sign_in_id, user_id, secret)
    session.add(made)
    session.flush()
    return Begun(sign_in_id, user_id, _new_token(session, made, now))


def refresh(session: Session, token: Opaque) -> Begun | None:
    """A new refresh token for one that was not used yet; None where it is none, or its sign-in has ended.

    The caller commits in any case: a token that comes again ends its sign-in here.
    """
    now = datetime.now(UTC)
    asked = sa.select(RefreshToken).where(RefreshToken.token_id == token.row_id).with_for_update()
    kept = session.scalars(asked).one_or_none()
    if kept is None or not token.is_of(kept.secret_hash):
        return None
    sign_in = session.get_one(SignIn, kept.sign_in_id)
    if kept.used_at is not None:
        end(session, sign_in.sign_in_id, "reuse")
        return None
    if sign_in.ended_at is not None or kept.expires_at <= now:
        return None
    kept.used_at = now
    # Who comes every week stays signed in.
    sign_in.expires_at = now + REFRESH_LASTS
    return Begun(sign_in.sign_in_id, sign_in.user_id, _new_token(session, sign_in, now))


def of_cookie(session: Session, cookie: Opaque) -> SignIn | None:
    """The running sign-in of a cookie's secret."""
    found = session.get(SignIn, cookie.row_id)
    if found is None or found.kind != "session" or not cookie.is_of(found.secret_hash):
        return None
    return found


def end(session: Session, sign_in_id: uuid.UUID, why: str) -> None:
    """End a sign-in; what follows from it counts no more."""
    session.execute(
        sa.update(SignIn)
        .where(SignIn.sign_in_id == sign_in_id, SignIn.ended_at.is_(None))
        .values(ended_at=sa.func.now(), ended_why=why)
    )


def end_all(session: Session, user_id: uuid.UUID, why: str, except_for: uuid.UUID | None = None) -> None:
    """End every sign-in of a user, but for one where it is named."""
    mine = [SignIn.user_id == user_id, SignIn.ended_at.is_(None)]
    if except_for is not None:
        mine.append(SignIn.sign_in_id != except_for)
    session.execute(sa.update(SignIn).where(*mine).values(ended_at=sa.func.now(), ended_why=why))


def _new_token(session: Session, sign_in: SignIn, now: datetime) -> Opaque:
    token = opaque.new(sign_in.tenant_id, new_id())
    session.add(
        RefreshToken(
            token_id=token.row_id,
            tenant_id=sign_in.tenant_id,
            sign_in_id=sign_in.sign_in_id,
            secret_hash=token.hashed,
            expires_at=now + REFRESH_LASTS,
        )
    )
    session.flush()
    return token
