"""Homes that one saves or dismisses, and what is recommended by them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from realestate_assets.app.searches import PropertyMark
from realestate_assets.operations.kept import archive, marks
from realestate_assets.operations.kept.recommend import recommend
from realestate_assets.operations.market.filters import CountySlug
from realestate_assets.service import etags
from realestate_assets.service.dependencies import PartsOf, TenantSession, requires
from realestate_assets.service.fields import Fields, chosen, listed, listed_of
from realestate_assets.service.paging import Order, PageRequest, page, page_request
from realestate_assets.service.problems import answered_problems, not_found
from realestate_assets.service.routers.of_property import PropertyId, row_of, shown
from realestate_assets.service.schemas.marks import RECOMMENDED, Marked, Marking, PutAway, Recommendations
from realestate_assets.service.security.principal import Principal

router = APIRouter(tags=["marks"], dependencies=[Depends(requires("properties:read"))])

ORDER = Order({"marked_at": PropertyMark.marked_at}, (PropertyMark.property_id,))
Own = Annotated[Principal, Depends(requires("me:write"))]
Archives = Annotated[Principal, Depends(requires("properties:archive"))]
Reads = Annotated[Principal, Depends(requires("me:read"))]
MARKED = {
    "property_id": "8d3b4e0a-5e0c-5c57-9e2e-2a1f5be6c1b0",
    "mark": "saved",
    "marked_at": "2026-11-28T10:00:00Z",
}


@router.put(
    "/properties/{property_id}/mark", status_code=204, name="put", responses=answered_problems(403, 404, 422)
)
def put(body: Marking, session: TenantSession, principal: Own, property_id: PropertyId) -> None:
    """Save or dismiss a home, for oneself."""
    row_of(session, property_id, None)
    marks.put(session, principal.tenant_id, principal.user_id, str(property_id), body.mark)


@router.delete(
    "/properties/{property_id}/mark",
    status_code=204,
    name="remove",
    responses=answered_problems(403, 404, 422),
)
def remove(session: TenantSession, principal: Own, property_id: PropertyId) -> None:
    """Take one's mark of a home away."""
    if not marks.remove(session, principal.user_id, str(property_id)):
        raise not_found("No mark")


@router.put(
    "/properties/{property_id}/archive",
    status_code=204,
    name="put_away",
    responses=answered_problems(403, 404, 422),
)
def put_away(body: PutAway, session: TenantSession, principal: Archives, property_id: PropertyId) -> None:
    """Put a home away, out of the lists, maps, searches and alerts of the tenant; its page stays."""
    row_of(session, property_id, None)
    archive.put_away(session, principal.tenant_id, principal.user_id, str(property_id), body.reason)


@router.delete(
    "/properties/{property_id}/archive",
    status_code=204,
    name="bring_back",
    responses=answered_problems(403, 404, 422),
)
def bring_back(session: TenantSession, principal: Archives, property_id: PropertyId) -> None:
    """Have a home that was put away in the lists again."""
    if not archive.bring_back(session, str(property_id)):
        raise not_found("No home that was put away")


@router.get(
    "/marks",
    name="list",
    response_model=listed_of(Marked),
    responses=shown({"items": [MARKED], "next_cursor": None, "total": None}, 401, 403, 422),
)
def list_marks(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    principal: Reads,
    asked: Annotated[PageRequest, Depends(page_request("-marked_at"))],
    fields: Fields = None,
) -> Response:
    """One's own marks, the last first."""
    names = chosen(Marked, fields)
    statement = marks.of_user(principal.user_id)
    rows, cursor, total = page(
        session, statement, ORDER, asked, parts.secret, bound_to=str(principal.user_id)
    )
    return etags.answer(
        request, listed([Marked.model_validate(row[0]) for row in rows], cursor, total, names)
    )


@router.get(
    "/recommendations",
    name="recommendations",
    response_model=Recommendations,
    responses=shown(RECOMMENDED, 401, 403, 422, 503),
    dependencies=[Depends(requires("search:run"))],
)
def recommendations(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    principal: Reads,
    county: Annotated[CountySlug | None, Query(description="All of yours without it.")] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> Response:
    """Homes like those one has saved and less like those dismissed, each with its reason."""
    found = recommend(session, principal.user_id, county, vector_index=parts.vector_index, limit=limit)
    return etags.answer(request, {"basis": found.basis, "items": found.items})
