"""Documents of the lake: memos, deal boards and model cards, whole or by a link that holds for a day.

They are pages with scripts and styles of their own: a browser is told to show them apart from the service, so
that nothing in them acts for who is signed in.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from realestate_assets.app.audit import note_read
from realestate_assets.domain.board.index import board_folder
from realestate_assets.domain.valuation.model import card_path
from realestate_assets.operations.market.counts import newest_month
from realestate_assets.operations.market.details import memo_of
from realestate_assets.operations.predict.county_model import promoted_of
from realestate_assets.service import etags
from realestate_assets.service.dependencies import PartsOf, TenantSession, requires
from realestate_assets.service.parts import Parts
from realestate_assets.service.problems import ProblemError, answered_problems, not_found
from realestate_assets.service.routers.of_property import CountyOf, MonthOf, Opened, PropertyId, shown
from realestate_assets.service.security import links
from resources.partition import Partition

APART = (
    "sandbox allow-scripts allow-popups; default-src 'none'; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
)
MEDIA_TYPES = {"pdf": "application/pdf", "html": "text/html; charset=utf-8"}
READ = Depends(requires("documents:read"))
# A memo names the owner: who reads one is written down, and who hands one on may read owners anyway.
READ_OWNERS, MEMO = Depends(requires("owners:read")), "memo"
FILE: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}, "text/html": {}}}}
Form = Annotated[Literal["pdf", "html"], Query(alias="format", description="pdf or html.")]

router = APIRouter(prefix="/documents", tags=["documents"])


class Link(BaseModel):
    """An address by which anybody who has it reads one document until it ends."""

    url: str
    expires_at: datetime = Field(description="UTC; keys lent to the service may end it earlier.")


LINKED = {"url": "http://localhost:8000/api/v1/documents/shared/eyJ...", "expires_at": "2015-06-01T12:00:00Z"}


def _file(request: Request, parts: Parts, path: str, name: str) -> Response:
    store = parts.resources["lake"]
    if not store.exists(path):
        raise not_found("No document")
    body = store.read_bytes(path)
    form = path.rpartition(".")[2]
    headers = {
        "ETag": etags.etag_of(body),
        "Cache-Control": etags.CACHE_CONTROL,
        "Content-Security-Policy": APART,
        "Content-Disposition": f'inline; filename="{name}.{form}"',
    }
    if etags.is_known(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=MEDIA_TYPES[form], headers=headers)


def _memo_path(session: Session, row: dict[str, Any], form: str) -> str:
    manifest = memo_of(session, row)
    if manifest is None:
        raise not_found("No memo")
    return str(manifest[f"{form}_path"])


@router.get(
    "/memos/{property_id}",
    response_class=Response,
    responses={**FILE, **answered_problems(404, 422)},
    dependencies=[READ],
)
def memo(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    property_id: PropertyId,
    row: Opened,
    form: Form = "pdf",
) -> Response:
    """The investor memo of a property as PDF or page."""
    path = _memo_path(session, row, form)
    note_read(session, MEMO, [property_id])
    return _file(request, parts, path, f"memo-{property_id}")


@router.get(
    "/memos/{property_id}/link",
    response_model=Link,
    responses=shown(LINKED, 404, 422),
    dependencies=[READ, READ_OWNERS],
)
def memo_link(
    parts: PartsOf,
    session: TenantSession,
    property_id: PropertyId,
    row: Opened,
    form: Form = "pdf",
) -> Link:
    """A link to the memo that holds for 24 hours: the bucket's own, or one that the service signs."""
    path = _memo_path(session, row, form)
    store = parts.resources["lake"]
    if not store.exists(path):
        raise not_found("No document")
    note_read(session, MEMO, [property_id])
    expires = links.expiry()
    if store.is_s3:
        url = store.link(path, links.LINK_SECONDS / 3600)
    else:
        base = str(parts.settings.service_base_url).rstrip("/")
        url = f"{base}/api/v1/documents/shared/{links.sign(parts.secret, path, expires)}"
    return Link(url=url, expires_at=datetime.fromtimestamp(expires, UTC))


@router.get("/shared/{token}", response_class=Response, responses={**FILE, **answered_problems(404, 410)})
def shared(request: Request, parts: PartsOf, token: Annotated[str, Path(max_length=2000)]) -> Response:
    """The document of a signed link; nobody need be signed in."""
    try:
        path = links.read(parts.secret, token)
    except links.LinkExpiredError:
        raise ProblemError(410, "link-expired", "This link held for a day; ask for a new one.") from None
    if path is None:
        raise not_found("No document")
    return _file(request, parts, path, "document")


@router.get(
    "/boards/{county}",
    response_class=Response,
    responses={**FILE, **answered_problems(404, 422)},
    dependencies=[READ],
)
def board(
    request: Request, parts: PartsOf, session: TenantSession, county: CountyOf, month: MonthOf = None
) -> Response:
    """The deal board of a county's month, the newest without one."""
    newest = newest_month(session, county)
    if newest is None:
        raise not_found("No county")
    partition = Partition(county, month or newest)
    return _file(request, parts, f"{board_folder(partition)}/index.html", f"board-{county}-{partition.month}")


@router.get(
    "/model-cards/{county}",
    response_class=Response,
    responses={**FILE, **answered_problems(404, 422)},
    dependencies=[READ],
)
def model_card(
    request: Request, parts: PartsOf, session: TenantSession, county: CountyOf, month: MonthOf = None
) -> Response:
    """The card of the model that values a county's month."""
    promoted = promoted_of(session, county, month)
    if promoted is None or promoted.used_month is None:
        raise not_found("No model")
    name = f"model-{county}-{promoted.used_month}"
    return _file(request, parts, card_path(Partition(county, promoted.used_month)), name)
