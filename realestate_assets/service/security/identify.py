"""Who sends a request: found by its token, key or cookie, with roles as they are now."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from sqlalchemy.orm import Session
from starlette.datastructures import Headers

from realestate_assets.operations.accounts import keys, opaque, sign_ins
from realestate_assets.service.parts import Parts
from realestate_assets.service.problems import ProblemError
from realestate_assets.service.security import csrf, tokens
from realestate_assets.service.security.principal import Principal, principal_of_user

BEARER = "bearer "
COOKIE_PREFIX = "rss_"


def cookie_name(parts: Parts) -> str:
    """Name of the cookie; by TLS one that a browser takes from this host alone, for all of it, encrypted."""
    return "__Host-realestate" if is_by_tls(parts) else "realestate"


def is_by_tls(parts: Parts) -> bool:
    """Whether people reach the service by https."""
    return parts.settings.service_base_url.startswith("https://")


@dataclass(frozen=True)
class Claim:
    """Whom a request says it is from: of which tenant, and how that is held against its rows."""

    tenant_id: uuid.UUID
    find: Callable[[Session], Principal | None]


def identify(parts: Parts, method: str, headers: Headers) -> Principal | None:
    """Who sends a request with these headers; None where nobody is known by them.

    Raises:
        ProblemError: 403, a write by cookie lacks the token of our pages.
    """
    claim = claimed(parts, headers)
    if claim is None:
        return None
    with parts.transaction(claim.tenant_id) as session:
        principal = claim.find(session)
    check_token_of_pages(parts, method, headers, principal)
    return principal


def check_token_of_pages(parts: Parts, method: str, headers: Headers, principal: Principal | None) -> None:
    """See that a write by cookie comes from our own pages.

    Raises:
        ProblemError: 403, it lacks their token.
    """
    if principal is None or principal.how != "session" or method in csrf.SAFE_METHODS:
        return
    assert principal.sign_in_id is not None
    if not csrf.is_token(parts.secret, principal.sign_in_id, headers.get(csrf.HEADER)):
        raise ProblemError(403, "csrf", f"A write by cookie needs the header {csrf.HEADER}.")


def claimed(parts: Parts, headers: Headers) -> Claim | None:
    """Whom these headers name; None where they name nobody."""
    given = headers.get("authorization")
    if given is not None:
        # A wrong token is not made right by a cookie beside it.
        if given[: len(BEARER)].lower() != BEARER:
            return None
        text = given[len(BEARER) :].strip()
        return _of_key(text) if text.startswith(keys.PREFIX) else _of_token(parts, text)
    return _of_cookie(parts, headers)


def _of_token(parts: Parts, text: str) -> Claim | None:
    said = tokens.read(parts.secret, text)
    if said is None:
        return None

    def find(session: Session) -> Principal | None:
        return principal_of_user(session, said.user_id, "token", sign_in_id=said.sign_in_id)

    return Claim(said.tenant_id, find)


def _of_key(text: str) -> Claim | None:
    secret = opaque.parse(text, keys.PREFIX)
    if secret is None:
        return None

    def find(session: Session) -> Principal | None:
        key = keys.of_secret(session, secret)
        if key is None:
            return None
        return principal_of_user(session, key.user_id, "key", key_id=key.key_id, scopes=key.scopes)

    return Claim(secret.tenant_id, find)


def _of_cookie(parts: Parts, headers: Headers) -> Claim | None:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(cookie_name(parts))
    except CookieError:
        return None
    secret = opaque.parse(found.value, COOKIE_PREFIX) if found else None
    if secret is None:
        return None

    def find(session: Session) -> Principal | None:
        sign_in = sign_ins.of_cookie(session, secret)
        if sign_in is None:
            return None
        return principal_of_user(session, sign_in.user_id, "session", sign_in_id=sign_in.sign_in_id)

    return Claim(secret.tenant_id, find)
