"""Properties on a map, counted by their filters, and places by their first letters."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from realestate_assets.operations.market.counts import facets
from realestate_assets.operations.market.filters import PRINTABLE, PropertyFilter
from realestate_assets.operations.market.places import MAX_PINS, on_map, suggest
from realestate_assets.service import etags, fields
from realestate_assets.service.dependencies import TenantSession, requires
from realestate_assets.service.routers.of_property import Filtered, shown
from realestate_assets.service.schemas.counties import Facets, Suggestion
from realestate_assets.service.schemas.properties import HOME, FeatureCollection

router = APIRouter(tags=["properties"], dependencies=[Depends(requires("properties:read"))])
Chosen = Annotated[PropertyFilter, Depends(Filtered())]
GEOMETRY = {"type": "Point", "coordinates": [-122.31, 47.68]}
PIN = {"type": "Feature", "geometry": GEOMETRY, "properties": HOME}
MAP = {"type": "FeatureCollection", "features": [PIN], "is_clustered": False, "total": 1, "without_place": 0}
COUNTED = {
    "total": 12,
    "facets": {"zip": [{"value": "98115", "count": 7}]},
    "ranges": {"year_built": {"least": 1908, "most": 2014}},
}
PLACE = {"kind": "city", "text": "SEATTLE", "county": "king-wa", "count": 731, "property_id": None}


@router.get("/map/properties", name="map", response_model=FeatureCollection, responses=shown(MAP, 422))
def on_a_map(request: Request, session: TenantSession, chosen: Chosen) -> Response:
    """Properties as GeoJSON: up to 1,000 pins, beyond that clusters by a grid, each with its count."""
    found = on_map(session, chosen, MAX_PINS)
    return etags.answer(
        request,
        {
            "type": "FeatureCollection",
            "features": [_feature(row) for row in (*found.pins, *found.clusters)],
            "is_clustered": bool(found.clusters),
            "total": found.total,
            "without_place": found.without_place,
        },
    )


@router.get("/facets", name="facets", response_model=Facets, responses=shown(COUNTED, 422))
def counted(request: Request, session: TenantSession, chosen: Chosen) -> Response:
    """Values of each filter with the number of properties that there would be, and ends of the figures."""
    return etags.answer(request, facets(session, chosen))


@router.get(
    "/suggestions",
    name="suggestions",
    response_model=fields.listed_of(Suggestion),
    responses=shown({"items": [PLACE], "next_cursor": None, "total": 1}, 422),
)
def suggestions(
    request: Request,
    session: TenantSession,
    text: Annotated[str, Query(min_length=2, max_length=80, pattern=PRINTABLE, description="As typed.")],
    limit: Annotated[int, Query(ge=1, le=20, description="Of each kind.")] = 5,
) -> Response:
    """Cities, ZIPs and addresses that begin with the text."""
    found = suggest(session, text, limit)
    return etags.answer(request, {"items": found, "next_cursor": None, "total": len(found)})


def _feature(row: dict[str, Any]) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [row["longitude"], row["latitude"]]}
    rest = {name: value for name, value in row.items() if name not in ("latitude", "longitude")}
    return {"type": "Feature", "geometry": point, "properties": rest}
