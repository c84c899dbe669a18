"""Access tokens: signed, half an hour, with the tenant in them; they carry no role, which is read anew."""

import time
import uuid
from dataclasses import dataclass

import jwt

from realestate_assets.app.secret import ServiceSecret

ACCESS_SECONDS = 30 * 60
ALGORITHM, ISSUER, AUDIENCE = "HS256", "realestate-os", "realestate-os-api"
CLAIMS = ("exp", "iat", "sub", "tid", "sid")


@dataclass(frozen=True)
class AccessToken:
    """What a token says: who, of which tenant, by which sign-in."""

    user_id: uuid.UUID
    tenant_id: uuid.UUID
    sign_in_id: uuid.UUID


def issue(secret: ServiceSecret, token: AccessToken, now: float | None = None) -> str:
    """A signed token that holds for ACCESS_SECONDS from now (seconds since 1970)."""
    begun = int(time.time() if now is None else now)
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(token.user_id),
        "tid": str(token.tenant_id),
        "sid": str(token.sign_in_id),
        "iat": begun,
        "exp": begun + ACCESS_SECONDS,
    }
    return jwt.encode(claims, secret.key("access-tokens"), algorithm=ALGORITHM)


def read(secret: ServiceSecret, text: str) -> AccessToken | None:
    """What a token says; None where it is not ours, altered or over."""
    try:
        claims = jwt.decode(
            text,
            secret.key("access-tokens"),
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            audience=AUDIENCE,
            options={"require": list(CLAIMS)},
        )
        return AccessToken(uuid.UUID(claims["sub"]), uuid.UUID(claims["tid"]), uuid.UUID(claims["sid"]))
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
        return None
