"""What all pages share: who reads, the frame around the page, addresses of static files that may be kept."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from realestate_assets.operations.accounts.people import person
from realestate_assets.service.dependencies import PartsOf, SignedIn, TenantSession
from realestate_assets.service.pages import say
from realestate_assets.service.parts import Parts
from realestate_assets.service.problems import ProblemError
from realestate_assets.service.security import csrf, limits
from realestate_assets.service.security.identify import identify
from realestate_assets.service.security.principal import Principal
from resources.documents.templating import render
from resources.home import PROJECT_ROOT

TEMPLATES = PROJECT_ROOT / "templates"
# Address, name and the permission without which it is not shown.
NAVIGATION = (
    ("/", "Overview", "counties:read"),
    ("/properties", "Properties", "properties:read"),
    ("/search", "Search", "search:run"),
    ("/searches", "Saved", "searches:read"),
    ("/boards", "Boards", "documents:read"),
    ("/data", "Data and runs", "quality:read"),
    ("/admin", "Administration", "users:read"),
)


def recognized(request: Request, parts: PartsOf) -> None:
    """Find who reads, and count the request, as the gate does before the API.

    Raises:
        ProblemError: 429, too many requests.
    """
    principal = identify(parts, "GET", request.headers)
    request.state.principal = principal
    if principal is None:
        address = request.client.host if request.client else "unknown"
        limit = limits.count(parts.counts, "address", address, limits.ADDRESS_REQUESTS)
    else:
        limit = limits.count(parts.counts, "user", str(principal.user_id), limits.USER_REQUESTS)
    if limit.is_over:
        raise ProblemError(429, "too-many-requests", headers=limit.headers)


def page_router() -> APIRouter:
    """A router of pages: its readers are recognized, and the API's document does not name it."""
    return APIRouter(
        dependencies=[Depends(recognized)], include_in_schema=False, default_response_class=HTMLResponse
    )


@dataclass(frozen=True)
class Frame:
    """Shows pages to the one who reads.

    Args:
        request: of the page.
        parts: of the service.
        session: of the tenant.
        principal: who reads.
    """

    request: Request
    parts: Parts
    session: Session
    principal: Principal

    def show(self, template: str, title: str, **context: Any) -> HTMLResponse:
        """A page in its frame.

        Args:
            template: name below templates/web/pages, without its ending.
            title: of the page.
            context: the template's own names.
        """
        reader = person(self.session, self.parts.sealer, self.principal.user_id)
        sign_in_id = self.principal.sign_in_id
        own: dict[str, Any] = {
            "navigation": [item for item in NAVIGATION if self.principal.may(item[2])],
            "here": self.request.url.path,
            "principal": self.principal,
            "reader": reader.name or reader.email if reader else "",
            "tiles": (self.parts.settings.map_tiles_url or "", self.parts.settings.map_tiles_credit),
            "dagster": self._dagster(),
            "csrf_token": csrf.token_of(self.parts.secret, sign_in_id) if sign_in_id else "",
        }
        return shown(template, title, **own, **context)

    def _dagster(self) -> str:
        """Where its UI is opened, for who may."""
        may = self.principal.may("dagster:read")
        return self.parts.settings.dagster_webserver_url if may else ""


async def frame(request: Request, parts: PartsOf, session: TenantSession, principal: SignedIn) -> Frame:
    """The frame of a page for who is signed in."""
    return Frame(request, parts, session, principal)


FrameOf = Annotated[Frame, Depends(frame)]


def shown(template: str, title: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A page, with or without a frame."""
    text = render(
        TEMPLATES, f"web/pages/{template}.html.j2", {"title": title, "say": say, "static": static, **context}
    )
    return HTMLResponse(text, status_code=status)


@lru_cache(maxsize=64)
def static(path: str) -> str:
    """The address of a static file with a mark of its content, under which a browser may keep it for good.

    Args:
        path: below templates/web, or `board/…` for what the deal boards use too.
    """
    file = TEMPLATES / path if path.startswith("board/") else TEMPLATES / "web" / path
    mark = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    return f"/static/{quote(path)}?v={mark}"
