"""Pages that links in mails lead to, and the forms that have such links sent. They write by the API.

A link is looked at when its page opens and used when its form is sent: a program that opens all links of a
mail uses none up.
"""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query
from fastapi.responses import HTMLResponse, Response

from realestate_assets.operations.accounts import links, people
from realestate_assets.operations.accounts.joining import KINDS
from realestate_assets.operations.accounts.joining import PATH as INVITATION_PATH
from realestate_assets.operations.accounts.links import Kind, State
from realestate_assets.operations.accounts.own_password import PATH as RESET_PATH
from realestate_assets.operations.accounts.passwords import MAX_CHARACTERS, MIN_CHARACTERS
from realestate_assets.operations.accounts.provider import START, name_of
from realestate_assets.service.dependencies import PartsOf
from realestate_assets.service.pages.frame import page_router, shown
from realestate_assets.service.parts import Parts

router = page_router()

Given = Annotated[str, Query(alias="token", max_length=200)]
LENGTHS = (MIN_CHARACTERS, MAX_CHARACTERS)
WHY: dict[State, str] = {
    "used": "This link was used already, or a newer one was sent after it.",
    "expired": "The time of this link is over.",
    "unknown": "This link is not whole, or is none of ours.",
}
RESET: tuple[Kind, ...] = ("password",)


@router.get("/forgotten-password")
def forgotten_password() -> Response:
    """Has a link sent."""
    return shown("forgotten_password", "Forgotten password")


@router.get(RESET_PATH)
def reset_password(parts: PartsOf, given: Given = "") -> Response:
    """Sets a new password, or says why the link opens nothing."""
    return _behind_link(parts, "reset_password", "New password", given, RESET)


@router.get(INVITATION_PATH)
def invitation(parts: PartsOf, given: Given = "") -> Response:
    """Takes an invitation or a registration up, or says why the link opens nothing."""
    return _behind_link(parts, "invitation", "Welcome", given, KINDS)


@router.get("/register")
def register(parts: PartsOf, tenant: Annotated[str, Query(max_length=40)] = "") -> Response:
    """Has a link sent to who registers, or lets them come by the provider of sign-in."""
    provider = name_of(parts.settings)
    # A new account is made in a tenant that was named.
    address = f"{START}?{urlencode({'tenant': tenant})}" if provider and tenant else ""
    return shown("register", "Register", tenant=tenant, provider=provider, provider_address=address)


def _behind_link(
    parts: Parts, template: str, title: str, token: str, kinds: tuple[Kind, ...]
) -> HTMLResponse:
    seen = links.look(parts.transaction, token, kinds)
    if seen.user_id is not None:
        with parts.transaction(seen.tenant_id) as session:
            found = people.person(session, parts.sealer, seen.user_id)
        # For the browser's own store of passwords; whoever has the link was sent it there.
        email = found.email if found else ""
        page = shown(template, title, token=token, email=email, lengths=LENGTHS)
    else:
        page = shown("link_over", "This link opens nothing", 410, why=WHY[seen.state], behind=template)
    # Its address opens an account: no other page is told of it.
    page.headers["Referrer-Policy"] = "no-referrer"
    return page
