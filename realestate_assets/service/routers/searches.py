"""Kept searches: a sentence or filters under a name, run again, and told of what is new."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from realestate_assets.app.searches import SavedSearch, SearchMatch
from realestate_assets.operations.kept import searches
from realestate_assets.operations.market.columns import LIST_FIELDS
from realestate_assets.operations.market.filters import PropertyFilter
from realestate_assets.operations.market.pages import property_list
from realestate_assets.operations.market.search import NoCountyError
from realestate_assets.service import etags
from realestate_assets.service.dependencies import PartsOf, TenantSession, requires
from realestate_assets.service.fields import Fields, chosen, listed, listed_of
from realestate_assets.service.paging import Order, PageRequest, page, page_request
from realestate_assets.service.problems import ProblemError, answered_problems, not_found, of_operation
from realestate_assets.service.routers.of_property import shown
from realestate_assets.service.routers.search import MAX_HITS, answer_of, no_county
from realestate_assets.service.schemas.search import SEARCHED, SearchAnswer
from realestate_assets.service.schemas.searches import (
    SEARCH_EXAMPLE,
    Match,
    NewSearch,
    Search,
    SearchChange,
)
from realestate_assets.service.security.principal import Principal
from resources.errors import PermanentError

router = APIRouter(prefix="/searches", tags=["searches"])

ORDER = Order({"created_at": SavedSearch.created_at, "name": SavedSearch.name}, (SavedSearch.search_id,))
MATCH_ORDER = Order({"found_at": SearchMatch.found_at}, (SearchMatch.property_id, SearchMatch.price_usd))
Reads = Annotated[Principal, Depends(requires("searches:read"))]
Writes = Annotated[Principal, Depends(requires("searches:write"))]
MATCH = {
    "property_id": "8d3b4e0a-5e0c-5c57-9e2e-2a1f5be6c1b0", "kind": "price_cut", "price_usd": 529000.0,
    "before_usd": 549000.0, "month": "2015-05", "found_at": "2026-11-28T10:00:00Z",
}  # fmt: skip


def _seen(session: TenantSession, principal: Principal, search_id: uuid.UUID) -> SavedSearch:
    search = searches.find(session, principal.user_id, search_id)
    if search is None:
        raise not_found("No search")
    return search


def _own(session: TenantSession, principal: Principal, search_id: uuid.UUID) -> SavedSearch:
    search = _seen(session, principal, search_id)
    if search.user_id != principal.user_id:
        raise ProblemError(403, "not-yours", "Whoever keeps a search changes it.")
    return search


def _told(search: SavedSearch) -> dict[str, Any]:
    return Search.model_validate(search).model_dump(mode="json")


@router.get(
    "",
    name="list",
    response_model=listed_of(Search),
    responses=shown({"items": [SEARCH_EXAMPLE], "next_cursor": None, "total": None}, 401, 403, 422),
)
def list_searches(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    principal: Reads,
    asked: Annotated[PageRequest, Depends(page_request("-created_at", "name"))],
    fields: Fields = None,
) -> Response:
    """One's own searches and those that are shared with the tenant."""
    names = chosen(Search, fields)
    bound_to = str(principal.user_id)
    rows, cursor, total = page(
        session, searches.seen_by(principal.user_id), ORDER, asked, parts.secret, bound_to=bound_to
    )
    items = [Search.model_validate(row[0]) for row in rows]
    return etags.answer(request, listed(items, cursor, total, names))


@router.post(
    "", status_code=201, name="add", response_model=Search, responses=answered_problems(401, 403, 422)
)
def add(body: NewSearch, parts: PartsOf, session: TenantSession, principal: Writes) -> dict[str, Any]:
    """Keep a search. With an alert, homes that fit from now on and price cuts are told, each once."""
    given = body.model_dump(exclude={"filters"}) | {"filters": _filters(body.filters)}
    search = SavedSearch(tenant_id=principal.tenant_id, user_id=principal.user_id, **given)
    try:
        return _told(searches.add(session, search, parts.county_files))
    except PermanentError as error:
        raise of_operation(error) from None


@router.get("/{search_id}", name="get", response_model=Search, responses=shown(SEARCH_EXAMPLE, 404, 422))
def get(request: Request, session: TenantSession, principal: Reads, search_id: uuid.UUID) -> Response:
    """A search."""
    return etags.answer(request, _told(_seen(session, principal, search_id)))


@router.patch(
    "/{search_id}", name="change", response_model=Search, responses=shown(SEARCH_EXAMPLE, 403, 404, 422)
)
def change(
    body: SearchChange, parts: PartsOf, session: TenantSession, principal: Writes, search_id: uuid.UUID
) -> dict[str, Any]:
    """Change one's own search."""
    search = _own(session, principal, search_id)
    given = body.model_dump(exclude_unset=True, exclude={"filters"})
    if "filters" in body.model_fields_set:
        given["filters"] = _filters(body.filters)
    try:
        return _told(searches.change(session, search, given, parts.county_files))
    except PermanentError as error:
        raise of_operation(error) from None


@router.delete("/{search_id}", status_code=204, name="delete", responses=answered_problems(403, 404, 422))
def delete(session: TenantSession, principal: Writes, search_id: uuid.UUID) -> None:
    """Keep one's own search no more."""
    session.delete(_own(session, principal, search_id))


@router.get(
    "/{search_id}/results",
    name="run",
    response_model=SearchAnswer,
    responses=shown(SEARCHED, 404, 422, 503),
    dependencies=[Depends(requires("search:run"))],
)
def run(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    principal: Reads,
    search_id: uuid.UUID,
    limit: Annotated[int, Query(ge=1, le=MAX_HITS)] = 20,
) -> Response:
    """What a search finds now, best first."""
    search = _seen(session, principal, search_id)
    if search.sentence is not None:
        try:
            found = answer_of(parts, session, search.sentence, search.county, search.without, limit)
        except NoCountyError as error:
            raise no_county(error, "path.search_id") from None
        return etags.answer(request, found)
    chosen_ = PropertyFilter(**(search.filters or {})).model_copy(update={"county": [search.county]})
    wanted = property_list(session, chosen_, LIST_FIELDS)
    order = (wanted.sorts["bird_dog_score"].desc().nulls_last(), *wanted.key)
    rows = session.execute(wanted.statement.order_by(*order).limit(limit)).mappings()
    items = [dict(row) | {"status": None, "similarity": None} for row in rows]
    nothing: dict[str, Any] = {"understood": [], "ranked_by": "", "not_applied": []}
    return etags.answer(request, {"county": search.county, **nothing, "items": items})


@router.get(
    "/{search_id}/matches",
    name="matches",
    response_model=listed_of(Match),
    responses=shown({"items": [MATCH], "next_cursor": None, "total": None}, 404, 422),
)
def matches(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    principal: Reads,
    search_id: uuid.UUID,
    asked: Annotated[PageRequest, Depends(page_request("-found_at"))],
    fields: Fields = None,
) -> Response:
    """New homes and price cuts that the alert told of, the newest first."""
    names = chosen(Match, fields)
    search = _seen(session, principal, search_id)
    statement = searches.matches_of(search.search_id)
    rows, cursor, total = page(
        session, statement, MATCH_ORDER, asked, parts.secret, bound_to=str(search.search_id)
    )
    return etags.answer(request, listed([Match.model_validate(row[0]) for row in rows], cursor, total, names))


def _filters(given: PropertyFilter | None) -> dict[str, Any] | None:
    return None if given is None else given.model_dump(mode="json", exclude_defaults=True)
