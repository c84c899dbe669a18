"""Against requests that another site lets a signed-in browser make: a token that only our pages can read.

It follows from the sign-in, so nothing is kept. Asked of every write by cookie; tokens and keys are sent by
nobody's browser on its own.
"""

import hashlib
import hmac
import uuid

from realestate_assets.app.secret import ServiceSecret

HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def token_of(secret: ServiceSecret, sign_in_id: uuid.UUID) -> str:
    """The token of a sign-in."""
    return hmac.new(secret.key("csrf"), sign_in_id.bytes, hashlib.sha256).hexdigest()


def is_token(secret: ServiceSecret, sign_in_id: uuid.UUID, given: str | None) -> bool:
    """Whether what was sent is the sign-in's token."""
    return given is not None and hmac.compare_digest(
        token_of(secret, sign_in_id).encode(), given.encode("utf-8", "surrogateescape")
    )
