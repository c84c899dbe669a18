"""Saved searches: what each asks, and what its alert has told."""

import uuid
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from fastapi import Depends
from fastapi.responses import Response
from pydantic import ValidationError
from sqlalchemy.orm import Session

from realestate_assets.app.searches import SavedSearch, SearchLook, SearchMatch
from realestate_assets.extent import counties
from realestate_assets.operations.kept.searches import seen_by
from realestate_assets.operations.market.columns import properties
from realestate_assets.operations.market.filters import PropertyFilter
from realestate_assets.service.dependencies import TenantSession, requires
from realestate_assets.service.pages import properties as list_page
from realestate_assets.service.pages import say
from realestate_assets.service.pages import search as search_page
from realestate_assets.service.pages.frame import FrameOf, page_router

router = page_router()

MATCHES = 10


def address(search: SavedSearch) -> str:
    """Where a search is looked at."""
    if search.sentence is not None:
        return search_page.address(search.sentence, search.county, search.without)
    return f"/properties?{urlencode(held(search))}"


def held(search: SavedSearch) -> list[tuple[str, str]]:
    """The filters of a search as the list's address has them; the county alone where none can be read."""
    try:
        chosen = PropertyFilter(**(search.filters or {}))
    except ValidationError:
        # Kept by an earlier version.
        chosen = PropertyFilter()
    return list_page.pairs(chosen.model_copy(update={"county": [search.county]}))


def newest_matches(session: Session, ids: list[uuid.UUID]) -> dict[uuid.UUID, list[dict[str, Any]]]:
    """The last homes that each search told of, with their addresses."""
    place = (
        sa.func.row_number()
        .over(
            partition_by=SearchMatch.search_id,
            order_by=(SearchMatch.found_at.desc(), SearchMatch.property_id, SearchMatch.price_usd),
        )
        .label("place")
    )
    ranked = (
        sa.select(SearchMatch, place)
        .where(SearchMatch.search_id.in_(ids), SearchMatch.kind != "known")
        .subquery()
    )
    c = properties.c
    known = (c.county == SavedSearch.county, c.month == ranked.c.month, c.property_id == ranked.c.property_id)
    query = (
        sa.select(ranked, *(c[name] for name in say.ADDRESS_FIELDS))
        .join(SavedSearch, SavedSearch.search_id == ranked.c.search_id)
        .outerjoin(properties, sa.and_(*known))
        .where(ranked.c.place <= MATCHES)
        .order_by(ranked.c.search_id, ranked.c.place)
    )
    found: dict[uuid.UUID, list[dict[str, Any]]] = {each: [] for each in ids}
    for row in session.execute(query).mappings():
        told = {str(name): value for name, value in row.items()}
        # Of a home that is gone no column of the market is known.
        is_there = told["street"] is not None or told["apn"] is not None
        found[row["search_id"]].append(told | {"address": say.address(told) if is_there else ""})
    return found


@router.get("/searches", dependencies=[Depends(requires("searches:read"))])
def searches(framed: FrameOf, session: TenantSession) -> Response:
    """One's own and those that are shared, the newest first."""
    reader, known = framed.principal.user_id, counties()
    kept = list(session.scalars(seen_by(reader).order_by(SavedSearch.created_at.desc())))
    ids = [search.search_id for search in kept]
    told = newest_matches(session, ids)
    looks = session.execute(sa.select(SearchLook).where(SearchLook.search_id.in_(ids))).scalars()
    looked = {look.search_id: look.looked_at for look in looks}
    shown = []
    for search in kept:
        county = known.get(search.county)
        words = [] if search.sentence is not None else list_page.chips(held(search), list_page.DEFAULT_SORT)
        shown.append(
            {
                "search_id": search.search_id,
                "name": search.name,
                "place": f"{county.name}, {county.state}" if county else search.county,
                "sentence": search.sentence,
                "words": [chip["text"] for chip in words],
                "address": address(search),
                "is_own": search.user_id == reader,
                "is_shared": search.is_shared,
                "is_alerted": search.is_alerted,
                "frequency": search.frequency,
                "email": search.email,
                "looked_at": looked.get(search.search_id),
                "matches": told[search.search_id],
            }
        )
    return framed.show(
        "searches",
        "Saved searches",
        searches=shown,
        may_change=framed.principal.may("searches:write"),
    )
