"""The link by which mail of a search is ended without signing in: signed, for one search, without an end."""

import uuid

import jwt
import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.searches import SavedSearch
from realestate_assets.app.secret import ServiceSecret

ALGORITHM, AUDIENCE, PURPOSE = "HS256", "realestate-os-unsubscribe", "unsubscribe-links"
PATH = "/unsubscribe"


def token(secret: ServiceSecret, tenant_id: uuid.UUID, search_id: uuid.UUID) -> str:
    """The token of a search's mail."""
    claims = {"aud": AUDIENCE, "tid": str(tenant_id), "sub": str(search_id)}
    return jwt.encode(claims, secret.key(PURPOSE), ALGORITHM)


def read(secret: ServiceSecret, text: str) -> tuple[uuid.UUID, uuid.UUID] | None:
    """Tenant and search of a token; None where it is not ours or was altered."""
    try:
        claims = jwt.decode(
            text, secret.key(PURPOSE), algorithms=[ALGORITHM], audience=AUDIENCE,
            options={"require": ["tid", "sub"]},
        )  # fmt: skip
        return uuid.UUID(claims["tid"]), uuid.UUID(claims["sub"])
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
        return None


def search_of(session: Session, search_id: uuid.UUID) -> SavedSearch | None:
    """The search that mail is about; None where it is kept no more."""
    found = sa.select(SavedSearch).where(SavedSearch.search_id == search_id)
    return session.scalars(found).one_or_none()


def end_mail(search: SavedSearch) -> None:
    """Write no more mail about a search; it goes on finding, and telling its webhook."""
    search.email = False
