"""Cookies that are set: of a sign-in, and of one that is under way at the provider."""

from starlette.responses import Response

from realestate_assets.operations.accounts.sign_ins import SESSION_LASTS, Begun
from realestate_assets.service.parts import Parts
from realestate_assets.service.security import flow as flows
from realestate_assets.service.security.flow import Flow
from realestate_assets.service.security.identify import COOKIE_PREFIX, cookie_name, is_by_tls


def set_session(parts: Parts, response: Response, begun: Begun) -> None:
    """Sign a browser in: a cookie of 12 hours that no script can read."""
    _set(parts, response, cookie_name(parts), begun.secret.text(COOKIE_PREFIX), SESSION_LASTS.total_seconds())


def set_flow(parts: Parts, response: Response, flow: Flow) -> None:
    """Have a browser keep a sign-in that is under way for ten minutes."""
    _set(parts, response, flow_name(parts), flows.sealed(parts.secret, flow), flows.FLOW_SECONDS)


def end_flow(parts: Parts, response: Response) -> None:
    """Have a browser forget it."""
    response.delete_cookie(flow_name(parts), path="/", secure=is_by_tls(parts), httponly=True, samesite="lax")


def flow_name(parts: Parts) -> str:
    """Name of the cookie of a sign-in that is under way."""
    return f"{cookie_name(parts)}-flow"


def _set(parts: Parts, response: Response, name: str, value: str, seconds: float) -> None:
    response.set_cookie(
        name,
        value,
        max_age=int(seconds),
        path="/",
        secure=is_by_tls(parts),
        httponly=True,
        # Sent when another site leads here, as the provider does; not with what it posts or loads from here.
        samesite="lax",
    )
