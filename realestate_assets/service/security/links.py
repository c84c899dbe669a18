"""Links to a document that hold for a day for anybody who has them: signed, for one file of the lake each."""

import time

import jwt

from realestate_assets.app.secret import ServiceSecret

LINK_SECONDS = 24 * 3600
ALGORITHM, AUDIENCE, PURPOSE = "HS256", "realestate-os-document", "document-links"


class LinkExpiredError(ValueError):
    """The link was good and its day is over."""


def sign(secret: ServiceSecret, path: str, expires: int) -> str:
    """The token of a file's path below the lake that holds until a time (seconds since 1970)."""
    return jwt.encode({"aud": AUDIENCE, "path": path, "exp": expires}, secret.key(PURPOSE), ALGORITHM)


def read(secret: ServiceSecret, token: str) -> str | None:
    """The path a token is for; None where it is not ours or was altered.

    Raises:
        LinkExpiredError: its time is over.
    """
    try:
        claims = jwt.decode(
            token,
            secret.key(PURPOSE),
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            options={"require": ["exp", "path"]},
        )
    except jwt.ExpiredSignatureError as error:
        raise LinkExpiredError from error
    except jwt.InvalidTokenError:
        return None
    path = claims["path"]
    return path if isinstance(path, str) else None


def expiry(now: float | None = None) -> int:
    """When a link made now ends, seconds since 1970."""
    return int(time.time() if now is None else now) + LINK_SECONDS
