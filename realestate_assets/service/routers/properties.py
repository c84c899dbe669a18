"""Properties: lists, one of them, and what is behind its figures."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from realestate_assets.app.audit import note_read
from realestate_assets.operations.market import details
from realestate_assets.operations.market.alike import similar_properties
from realestate_assets.operations.market.columns import DEFAULT_SORT, DISTANCE, LIST_FIELDS, SORTS
from realestate_assets.operations.market.pages import property_list
from realestate_assets.service import etags, fields
from realestate_assets.service.dependencies import PartsOf, SignedIn, TenantSession, requires
from realestate_assets.service.paging import Order, PageRequest, page, page_request
from realestate_assets.service.problems import not_found, unfit
from realestate_assets.service.routers.corrections import as_facts, standing
from realestate_assets.service.routers.of_property import Listed, Opened, PropertyId, count_opened, shown
from realestate_assets.service.schemas.properties import (
    DETAIL,
    HOME,
    KEYS,
    Comparable,
    Contribution,
    FieldFact,
    History,
    Owners,
    Property,
    PropertyDetail,
    Similar,
)
from resources.partition import Partition

SORTED = (DEFAULT_SORT, *SORTS, DISTANCE)
MOST_SIMILAR = 50
CORRECTIONS = "corrections"
COMPARED = KEYS | {"comp_rank": 1, "comp_street": "1301 NE 66TH ST", "adjusted_price_usd": 603200.0}
CAUSED = KEYS | {"contribution_rank": 1, "feature": "living_area_sqft", "contribution_usd": 41250.5}
SAID = KEYS | {"field": "flood_zone_code", "provider": "fema", "value": "X", "is_used": True}

FieldsAsked = Annotated[
    str | None,
    Query(
        alias="fields",
        max_length=fields.MAX_CHARACTERS,
        description="Only these fields, separated by commas.",
    ),
]

router = APIRouter(
    prefix="/properties", tags=["properties"], dependencies=[Depends(requires("properties:read"))]
)


def _rows(request: Request, found: list[dict]) -> Response:
    return etags.answer(request, {"items": found, "next_cursor": None, "total": len(found)})


@router.get(
    "",
    name="list",
    response_model=fields.listed_of(Property),
    responses=shown({"items": [HOME], "next_cursor": None, "total": 1}, 401, 403, 422),
)
def list_all(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    chosen: Listed,
    asked: Annotated[PageRequest, Depends(page_request(*SORTED))],
    fields_: FieldsAsked = None,
) -> Response:
    """Properties that fulfil the filters, of the newest month of each county; the best score first."""
    shown_fields = fields.chosen(Property, fields_)
    if asked.sort.removeprefix("-") == DISTANCE and chosen.near is None:
        raise unfit("query.sort", f"{DISTANCE} wants near and radius_miles.")
    wanted = [name for name in shown_fields or LIST_FIELDS if name != DISTANCE]
    found = property_list(session, chosen, wanted)
    rows, cursor, total = page(
        session,
        found.statement,
        Order(found.sorts, found.key),
        asked,
        parts.secret,
        chosen.model_dump_json(exclude_defaults=True),
    )
    items = [
        {name: value for name, value in row._mapping.items() if not name.startswith("_")} for row in rows
    ]
    return etags.answer(request, {"items": items, "next_cursor": cursor, "total": total})


@router.get(
    "/{property_id}",
    name="get",
    response_model=fields.sparse(PropertyDetail),
    responses=shown(DETAIL, 404, 422),
)
def get(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    principal: SignedIn,
    row: Opened,
    fields_: FieldsAsked = None,
) -> Response:
    """All that is known of a property in a month; the newest one without it."""
    names = fields.chosen(PropertyDetail, fields_)
    if names is None or CORRECTIONS in names:
        found = standing(parts, session, principal, row["property_id"])
        row[CORRECTIONS] = [each.model_dump(mode="json") for each in found]
    return etags.answer(request, {name: row[name] for name in row if names is None or name in names})


@router.get(
    "/{property_id}/history",
    response_model=History,
    responses=shown({"months": [KEYS], "scores": [KEYS | {"version_number": 1}]}, 404),
)
def history(
    request: Request, session: TenantSession, principal: SignedIn, property_id: PropertyId
) -> Response:
    """The months of a property and the versions of its score, the newest first."""
    months = details.months_of(session, str(property_id))
    if not months:
        raise not_found("No property")
    count_opened(session, principal, [str(property_id)])
    return etags.answer(request, {"months": months, "scores": details.scores_of(session, str(property_id))})


@router.get(
    "/{property_id}/comparables",
    response_model=fields.listed_of(Comparable),
    responses=shown({"items": [COMPARED], "next_cursor": None, "total": 1}, 404, 422),
)
def comparables(request: Request, session: TenantSession, row: Opened) -> Response:
    """Earlier sales that are alike, the most alike first, with the lines that bring each to the property."""
    return _rows(request, details.comparables_of(session, row))


@router.get(
    "/{property_id}/contributions",
    response_model=fields.listed_of(Contribution),
    responses=shown({"items": [CAUSED], "next_cursor": None, "total": 1}, 404, 422),
)
def contributions(request: Request, session: TenantSession, row: Opened) -> Response:
    """What moves the value away from the county's median, USD, adding up to the value."""
    return _rows(request, details.contributions_of(session, row))


@router.get(
    "/{property_id}/provenance",
    response_model=fields.listed_of(FieldFact),
    responses=shown({"items": [SAID], "next_cursor": None, "total": 1}, 404, 422),
)
def provenance(
    request: Request, parts: PartsOf, session: TenantSession, principal: SignedIn, row: Opened
) -> Response:
    """What each provider said of each field, used or not and why not; and what people correct."""
    corrected = standing(parts, session, principal, row["property_id"])
    return _rows(request, [*details.facts_of(session, row), *as_facts(corrected, row["month"])])


@router.get(
    "/{property_id}/owners",
    response_model=Owners,
    responses=shown(KEYS | {"owner_name": "ANN EXAMPLE"}, 403, 404, 422),
    dependencies=[Depends(requires("owners:read"))],
)
def owners(request: Request, session: TenantSession, property_id: PropertyId, row: Opened) -> Response:
    """Owner, seller and buyer. That you read it is written down."""
    found = details.owners_of(session, row)
    if found is None:
        raise not_found("No owner")
    note_read(session, "owners", [property_id])
    return etags.answer(request, found)


@router.get(
    "/{property_id}/similar",
    response_model=fields.listed_of(Similar),
    responses=shown({"items": [KEYS | {"similarity": 0.93}], "next_cursor": None, "total": 1}, 404, 422, 503),
)
def similar(
    request: Request,
    parts: PartsOf,
    row: Opened,
    limit: Annotated[int, Query(ge=1, le=MOST_SIMILAR)] = 10,
) -> Response:
    """Properties of the county whose descriptions resemble this one's most."""
    found = similar_properties(
        Partition.of(row),
        row["property_id"],
        lake=parts.resources["lake"],
        vector_index=parts.resources["vector_index"],
        limit=limit,
    )
    if found is None:
        raise not_found("No description of this property in the search index")
    return _rows(request, found)
