"""Signing in by the provider of OpenID Connect: there, and back with its word.

Every refusal is a page that says what to do. None tells what the provider wrote, and the log holds which kind
of refusal it was and nothing of code or token.
"""

import logging
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Request
from fastapi.responses import RedirectResponse, Response

from realestate_assets.operations.accounts import identities, sign_ins
from realestate_assets.operations.accounts.identities import NoAccountError, SeveralAccountsError
from realestate_assets.operations.accounts.provider import CALLBACK, START, name_of
from realestate_assets.service.context import current_ids
from realestate_assets.service.dependencies import PartsOf
from realestate_assets.service.pages.frame import page_router, shown
from realestate_assets.service.pages.sign_in import MAX_NEXT, own_path
from realestate_assets.service.parts import Parts
from realestate_assets.service.problems import AWAY_SECONDS, ProblemError, not_found
from realestate_assets.service.security import cookies, limits
from realestate_assets.service.security import flow as flows
from realestate_assets.service.security.flow import Flow
from resources.http.openid import NotVouchedError, Provider, ProviderAwayError

router = page_router()
_log = logging.getLogger(__name__)

Text = Annotated[str, Query(max_length=4000)]
# Kind -> status, heading, what to do.
SAID = {
    "away": (
        503,
        "The provider of sign-in does not answer",
        "Try again in a moment. If you have a password here, sign in with it meanwhile.",
    ),
    "busy": (
        503,
        "The provider of sign-in cannot sign anybody in now",
        "Try again in a moment. If you have a password here, sign in with it meanwhile.",
    ),
    "denied": (
        403,
        "The provider did not sign you in",
        "You, or a rule of the provider, did not agree to it. Try again and agree, or ask whose it is.",
    ),
    "state": (
        400,
        "This sign-in was not begun here, or is over",
        "It lasts ten minutes, in the browser that began it, and the last one counts. Begin anew.",
    ),
    "code": (400, "This sign-in was used already, or is over", "Begin anew."),
    "client": (
        502,
        "The provider does not take this service",
        "Tell whoever looks after the platform: the provider refuses OIDC_CLIENT_ID, its secret or the "
        "address it sends people back to.",
    ),
    "token": (
        403,
        "What the provider vouches for cannot be trusted",
        "Begin anew. If it happens again, tell whoever looks after the platform: clocks or "
        "settings may differ.",
    ),
    "unverified": (
        403,
        "The provider does not say that your address is yours",
        "Confirm your address of mail there, then try again.",
    ),
    "unknown": (
        403,
        "There is no account for you here",
        "Ask an administrator of your tenant to invite the address that the provider knows you by. Where "
        "your tenant lets people register, begin from its page for that.",
    ),
    "closed": (403, "Your account is closed", "Ask an administrator of your tenant."),
    "other": (
        403,
        "This account belongs to somebody else at the provider",
        "It was tied to another sign-in there. If that was you, ask an administrator of your tenant "
        "to untie it.",
    ),
    "waits": (
        403,
        "Your account waits",
        "Somebody tried wrong passwords. It waits a minute after five, with each further one twice as long.",
    ),
}
ALIKE = {"person": "token"}
# Refusals of whom the provider vouches for: another of their accounts may do.
OF_PERSONS = frozenset({"denied", "unverified", "unknown", "closed", "other"})


@router.get(START)
def start(
    request: Request,
    parts: PartsOf,
    next_: Annotated[str, Query(alias="next", max_length=MAX_NEXT)] = "/",
    tenant: Annotated[str, Query(max_length=40)] = "",
    anew: bool = False,
) -> Response:
    """Sends the browser to the provider; who is signed in already goes on.

    After a refusal the person is asked there who they are (`anew`): whoever is signed in there would be
    refused again.
    """
    provider, following = _provider(parts), own_path(next_)
    if getattr(request.state, "principal", None) is not None:
        return RedirectResponse(following, 303)
    flow = flows.new(following, tenant.strip() or None)
    try:
        address = provider.sign_in_address(
            state=flow.state, nonce=flow.nonce, verifier=flow.verifier, is_anew=anew
        )
    except ProviderAwayError as error:
        return _refused(parts, flow, "away", error)
    response = RedirectResponse(address, 303)
    cookies.set_flow(parts, response, flow)
    return response


@router.get(CALLBACK)
def back(
    request: Request,
    parts: PartsOf,
    state: Text = "",
    code: Text = "",
    error: Text = "",
    iss: Text = "",
) -> Response:
    """Comes back from the provider: signs in as a password does, and goes on."""
    provider = _provider(parts)
    _count(request, parts)
    flow = flows.opened(parts.secret, request.cookies.get(cookies.flow_name(parts), ""))
    # An answer of another provider is none of this one's (RFC 9207).
    if flow is None or not flow.is_of(state) or iss not in ("", provider.registered.issuer):
        return _refused(parts, None, "state")
    if error or not code:
        is_away = error in ("server_error", "temporarily_unavailable")
        return _refused(parts, flow, "busy" if is_away else "denied")
    try:
        vouched = provider.vouched(code, verifier=flow.verifier, nonce=flow.nonce)
        account = identities.account_of(parts.transaction, parts.sealer, vouched, flow.tenant)
    except ProviderAwayError as failed:
        return _refused(parts, flow, "away", failed)
    except (NotVouchedError, NoAccountError) as failed:
        return _refused(parts, flow, failed.why)
    except SeveralAccountsError as failed:
        return _choice(parts, flow, failed.slugs)
    with parts.transaction(account.tenant_id, account.user_id) as session:
        begun = sign_ins.begin(session, account.tenant_id, account.user_id, "session")
    response = RedirectResponse(flow.following, 303)
    cookies.set_session(parts, response, begun)
    return _ended(parts, response)


def _provider(parts: Parts) -> Provider:
    if parts.provider is None:
        raise not_found("No provider of sign-in")
    return parts.provider


def _count(request: Request, parts: Parts) -> None:
    # As a sign-in by password is counted.
    address = request.client.host if request.client else "unknown"
    limit = limits.count(parts.counts, "logins", address, limits.ADDRESS_LOGINS)
    if limit.is_over:
        raise ProblemError(429, "too-many-requests", headers=limit.headers)


def _again(flow: Flow | None, tenant: str | None = None, kind: str = "") -> str:
    """Where to begin anew, after a refusal of a kind."""
    asked = {
        "next": flow.following if flow else "/",
        "tenant": tenant or (flow.tenant if flow else None) or "",
        "anew": "1" if kind in OF_PERSONS else "",
    }
    given = {name: value for name, value in asked.items() if value not in ("", "/")}
    return f"{START}?{urlencode(given)}" if given else START


def _refused(parts: Parts, flow: Flow | None, why: str, error: Exception | None = None) -> Response:
    kind = ALIKE.get(why, why)
    status, title, advice = SAID[kind]
    _log.warning("a sign-in by the provider was refused: %s%s", why, f" ({error})" if error else "")
    response = shown(
        "provider_refused", title, status, advice=advice, again=_again(flow, kind=kind),
        provider=name_of(parts.settings), request_id=current_ids().request_id,
    )  # fmt: skip
    if status == 503:
        response.headers["Retry-After"] = str(AWAY_SECONDS)
    return _ended(parts, response)


def _choice(parts: Parts, flow: Flow, slugs: list[str]) -> Response:
    choices = [(slug, _again(flow, slug)) for slug in slugs]
    return _ended(parts, shown("provider_tenants", "Which tenant?", 409, choices=choices))


def _ended(parts: Parts, response: Response) -> Response:
    cookies.end_flow(parts, response)
    # Its own address holds a code.
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
