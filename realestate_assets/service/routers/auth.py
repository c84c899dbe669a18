"""Signing in and out, by tokens for programs and by a cookie for pages, and who one is."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from realestate_assets.app.sign_in import Account
from realestate_assets.operations.accounts import opaque, sign_ins
from realestate_assets.operations.accounts.people import person
from realestate_assets.operations.accounts.provider import START, name_of
from realestate_assets.operations.accounts.sign_in import check_password
from realestate_assets.operations.accounts.sign_ins import REFRESH_LASTS, Begun, Kind
from realestate_assets.service import etags
from realestate_assets.service.dependencies import PartsOf, SignedIn, TenantSession, requires
from realestate_assets.service.parts import Parts
from realestate_assets.service.problems import ProblemError, answered_problems
from realestate_assets.service.schemas.auth import Login, Me, ProviderWay, Refresh, SessionBegun, Tokens, Ways
from realestate_assets.service.security import cookies, csrf, tokens
from realestate_assets.service.security.identify import cookie_name
from realestate_assets.service.security.principal import Principal

router = APIRouter(prefix="/auth", tags=["auth"])

REFRESH_PREFIX = "ror_"


@router.post("/login", responses=answered_problems(401, 422, 429))
def login(body: Login, parts: PartsOf) -> Tokens:
    """Sign in with an address and a password; gives an access token of 30 minutes and one to refresh it."""
    account = _checked(parts, body)
    return _tokens(parts, _begin(parts, account, "token"))


@router.post("/refresh", responses=answered_problems(401, 422, 429))
def refresh(body: Refresh, parts: PartsOf) -> Tokens:
    """The next access token; the refresh token is used up. One that comes twice ends its sign-in."""
    token = opaque.parse(body.refresh_token, REFRESH_PREFIX)
    begun = None
    if token is not None:
        with parts.transaction(token.tenant_id) as session:
            begun = sign_ins.refresh(session, token)
    if begun is None:
        raise ProblemError(401, "refresh-token", "This refresh token is used or over: sign in.")
    return _tokens(parts, begun)


@router.post("/session", responses=answered_problems(401, 422, 429))
def begin_session(body: Login, parts: PartsOf, response: Response) -> SessionBegun:
    """Sign in for pages: sets a cookie of 12 hours that no script can read."""
    begun = _begin(parts, _checked(parts, body), "session")
    cookies.set_session(parts, response, begun)
    return SessionBegun(csrf_token=csrf.token_of(parts.secret, begun.sign_in_id))


@router.get("/session", responses=answered_problems(401, 403))
def session_token(parts: PartsOf, principal: SignedIn) -> SessionBegun:
    """The token that writes by this cookie carry."""
    if principal.how != "session" or principal.sign_in_id is None:
        raise ProblemError(403, "not-a-session", "This is for pages, which sign in by cookie.")
    return SessionBegun(csrf_token=csrf.token_of(parts.secret, principal.sign_in_id))


@router.get("/ways", responses=answered_problems(429))
def ways(parts: PartsOf) -> Ways:
    """By what people sign in here: a password always, a provider of OpenID Connect where one is set."""
    provider = ProviderWay(name=name_of(parts.settings), path=START) if parts.provider else None
    return Ways(provider=provider)


@router.post("/logout", status_code=204, responses=answered_problems(401))
def logout(parts: PartsOf, session: TenantSession, principal: SignedIn, response: Response) -> None:
    """End the sign-in that asks: its cookie, access and refresh tokens count no more."""
    if principal.sign_in_id is not None:
        sign_ins.end(session, principal.sign_in_id, "logout")
    response.delete_cookie(cookie_name(parts), path="/", httponly=True, samesite="lax")


@router.get("/me", response_model=Me, responses=answered_problems(401))
def me(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    principal: Annotated[Principal, Depends(requires("me:read"))],
) -> Response:
    """The account that asks, and what it may do."""
    found = person(session, parts.sealer, principal.user_id)
    assert found is not None
    return etags.answer(
        request,
        Me(
            user_id=found.user_id,
            email=found.email,
            name=found.name,
            tenant_id=principal.tenant_id,
            tenant=principal.tenant_slug,
            plan=principal.plan,
            roles=sorted(principal.roles),
            permissions=sorted(principal.permissions),
        ),
    )


def _checked(parts: Parts, body: Login) -> Account:
    found = check_password(parts.transaction, parts.sealer, body.email, body.password, body.tenant)
    if found is None:
        # The same for all reasons: none of them is told to who tries addresses.
        raise ProblemError(
            401,
            "wrong-sign-in",
            "Address, password or tenant are not right, or the account waits after five failures.",
        )
    return found


def _begin(parts: Parts, account: Account, kind: Kind) -> Begun:
    with parts.transaction(account.tenant_id, account.user_id) as session:
        return sign_ins.begin(session, account.tenant_id, account.user_id, kind)


def _tokens(parts: Parts, begun: Begun) -> Tokens:
    access = tokens.AccessToken(begun.user_id, begun.secret.tenant_id, begun.sign_in_id)
    return Tokens(
        access_token=tokens.issue(parts.secret, access),
        refresh_token=begun.secret.text(REFRESH_PREFIX),
        expires_in_seconds=tokens.ACCESS_SECONDS,
        refresh_expires_in_seconds=int(REFRESH_LASTS.total_seconds()),
    )
