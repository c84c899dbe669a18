"""Keys of programs: made, found and taken back."""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.base import new_id
from realestate_assets.app.keys import ApiKey
from realestate_assets.operations.accounts import opaque
from realestate_assets.operations.accounts.opaque import Opaque

PREFIX = "reo_"
MAX_DAYS = 366


def add_key(
    session: Session, tenant_id: uuid.UUID, user_id: uuid.UUID, name: str, scopes: Iterable[str], days: int
) -> tuple[ApiKey, str]:
    """Make a key of a user; the key's text is given back once and kept nowhere."""
    secret = opaque.new(tenant_id, new_id())
    made = ApiKey(
        key_id=secret.row_id,
        tenant_id=tenant_id,
        user_id=user_id,
        name=name,
        secret_hash=secret.hashed,
        scopes=sorted(set(scopes)),
        expires_at=datetime.now(UTC) + timedelta(days=days),
    )
    session.add(made)
    session.flush()
    session.refresh(made)
    return made, secret.text(PREFIX)


def of_secret(session: Session, secret: Opaque) -> ApiKey | None:
    """The running key of a secret."""
    found = session.get(ApiKey, secret.row_id)
    if found is None or not secret.is_of(found.secret_hash):
        return None
    is_over = found.revoked_at is not None or found.expires_at <= datetime.now(UTC)
    return None if is_over else found


def keys_of(user_id: uuid.UUID) -> sa.Select:
    """Running and past keys of a user."""
    return sa.select(ApiKey).where(ApiKey.user_id == user_id)


def revoke(session: Session, user_id: uuid.UUID, key_id: uuid.UUID) -> bool:
    """Take a key of a user back; False where the user has none such."""
    found = session.scalars(keys_of(user_id).where(ApiKey.key_id == key_id)).one_or_none()
    if found is None:
        return False
    found.revoked_at = found.revoked_at or datetime.now(UTC)
    return True
