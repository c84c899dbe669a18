"""Errors on pages: a page that says what can be done and tells nothing of what happened."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import cast
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from sqlalchemy.exc import ProgrammingError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Scope

from realestate_assets.service.context import current_ids
from realestate_assets.service.pages.frame import shown
from realestate_assets.service.pages.sign_in import MAX_NEXT, own_path
from realestate_assets.service.problems import AWAY, AWAY_SECONDS, ProblemError, unexpected
from realestate_assets.service.routers import door

DOCUMENTS = "/api/v1/documents/"
NOT_PAGES = ("/api/", "/static/", "/healthz", "/readyz", "/metrics", "/openapi.json")
SAID = {
    403: ("This page is not for your role", "Ask an administrator of your tenant, if you need it."),
    404: ("There is nothing here", "The address may be mistyped, or what was here is gone or not yours."),
    405: ("There is nothing here", "The address may be mistyped, or what was here is gone or not yours."),
    422: (
        "This address does not fit",
        "Something in it is not what can be asked for. Begin anew from the menu.",
    ),
    429: ("That was too much at once", "Wait a minute, then go on."),
    503: ("A part of the platform does not answer", "Try again in a moment."),
}
UNFORESEEN = ("Something failed that should not have", "It was written down. Try again, or go on elsewhere.")

Handler = Callable[[Request, Exception], Awaitable[Response]]


def is_page(scope: Scope) -> bool:
    """Whether a browser asks for a page, or for a document that a page leads to."""
    accepted, path = HTTPConnection(scope).headers.get("accept", ""), scope["path"]
    is_shown = path.startswith(DOCUMENTS) or not path.startswith(NOT_PAGES)
    return is_shown and "text/html" in accepted


def error_page(status: int) -> Response:
    """The page of an error."""
    title, advice = SAID.get(status, UNFORESEEN)
    return shown("error", title, status, advice=advice, request_id=current_ids().request_id)


def shown_without_market() -> Response:
    """The page where the market's tables are not made yet, or were made anew this moment."""
    return shown("no_market", "No market data yet", 503)


def sign_in_address(request: Request) -> str:
    """Where to sign in and come back to the page from."""
    path = request.url.path
    asked = f"{path}?{request.url.query}" if request.url.query else path
    if path == door.PATH:
        # The proxy asks for somebody who wanted something else. What no trusted one said was taken away.
        asked = own_path(request.headers.get(door.ASKED_FOR, "/"))
    if len(asked) > MAX_NEXT:
        asked = path if path != door.PATH else "/"
    return "/sign-in" if asked == "/" else f"/sign-in?next={quote(asked, safe='')}"


def install(app: FastAPI) -> None:
    """Answer errors of pages by pages; all others as before."""
    for kind in (ProblemError, HTTPException, RequestValidationError, *AWAY):
        app.add_exception_handler(kind, _for_pages(cast(Handler, app.exception_handlers[kind])))
    not_made = cast(Handler, app.exception_handlers[ProgrammingError])

    async def without_market(request: Request, error: Exception) -> Response:
        # It also makes the views anew that a build dropped.
        response = await not_made(request, error)
        return shown_without_market() if is_page(request.scope) else response

    app.add_exception_handler(ProgrammingError, without_market)


def unforeseen(scope: Scope, request_id: str) -> Response:
    """The answer where something unforeseen failed: a page for who asked for one, else a problem."""
    return error_page(500) if is_page(scope) else unexpected(scope["path"], request_id)


def _for_pages(otherwise: Handler) -> Handler:
    async def handle(request: Request, error: Exception) -> Response:
        if not is_page(request.scope):
            return await otherwise(request, error)
        if isinstance(error, RequestValidationError):
            return error_page(422)
        if isinstance(error, AWAY):
            response = error_page(503)
            response.headers["Retry-After"] = str(AWAY_SECONDS)
            return response
        status = error.status if isinstance(error, ProblemError) else cast(HTTPException, error).status_code
        if status == HTTPStatus.UNAUTHORIZED:
            return RedirectResponse(sign_in_address(request), 303)
        response = error_page(status)
        if isinstance(error, ProblemError) and "Retry-After" in error.headers:
            response.headers["Retry-After"] = error.headers["Retry-After"]
        return response

    return handle
