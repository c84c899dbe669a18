"""Signing in. The form is sent to the API, which sets the cookie; see templates/web/sign_in.js."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Request
from fastapi.responses import RedirectResponse, Response

from realestate_assets.operations.accounts.provider import START, name_of
from realestate_assets.service.dependencies import PartsOf
from realestate_assets.service.pages.frame import page_router, shown

router = page_router()

MAX_NEXT = 2000


def own_path(address: str) -> str:
    """An address of ours to go on to; the first page in place of one that leads elsewhere."""
    is_ours = address.startswith("/") and not address.startswith(("//", "/\\", "/sign-in"))
    return address if is_ours and address.isprintable() else "/"


@router.get("/sign-in")
def sign_in(
    request: Request,
    parts: PartsOf,
    next_: Annotated[str, Query(alias="next", max_length=MAX_NEXT)] = "/",
) -> Response:
    """The form; who is signed in already goes on."""
    following = own_path(next_)
    if getattr(request.state, "principal", None) is not None:
        return RedirectResponse(following, 303)
    is_sent_here = following != "/"
    return shown(
        "sign_in",
        "Sign in",
        following=following,
        is_sent_here=is_sent_here,
        provider=name_of(parts.settings),
        provider_address=f"{START}?{urlencode({'next': following})}" if is_sent_here else START,
    )
