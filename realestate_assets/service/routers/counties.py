"""Counties: their months, the quality of their data, what was refused, their models and markets."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.orm import Session

from realestate_assets.operations.market import counts
from realestate_assets.operations.market.filters import Zip
from realestate_assets.service import etags, fields
from realestate_assets.service.dependencies import PartsOf, TenantSession, requires
from realestate_assets.service.paging import Order, PageRequest, page, page_request
from realestate_assets.service.problems import not_found
from realestate_assets.service.routers.of_property import CountyOf, MonthOf, shown
from realestate_assets.service.schemas.counties import (
    County,
    Measure,
    Promotion,
    Provider,
    Reject,
    Study,
    Trend,
)

router = APIRouter(prefix="/counties", tags=["counties"])
COUNTIES = Depends(requires("counties:read"))
QUALITY = Depends(requires("quality:read"))
OF = {"county": "king-wa", "month": "2015-05"}
KING = {"county": "king-wa", "name": "King County", "state": "WA", "newest_month": "2015-05"}


def _listed(*items: dict[str, Any]) -> dict[str, Any]:
    return {"items": list(items), "next_cursor": None, "total": len(items)}


def _month(session: Session, county: str, month: str | None) -> str:
    """The month asked for, or the newest; 404 for a county that the tenant does not see."""
    newest = counts.newest_month(session, county)
    if newest is None:
        raise not_found("No county")
    return month or newest


@router.get(
    "",
    name="list",
    response_model=fields.listed_of(County),
    responses=shown(_listed(KING)),
    dependencies=[COUNTIES],
)
def list_all(request: Request, session: TenantSession) -> Response:
    """Your counties: from which month to which, and what the newest holds."""
    return etags.answer(request, _listed(*counts.list_counties(session)))


@router.get(
    "/{county}/quality",
    response_model=fields.listed_of(Measure),
    responses=shown(_listed(OF | {"metric": "accepted", "detail": "all", "metric_value": 1741.0}), 404, 422),
    dependencies=[QUALITY],
)
def quality(request: Request, session: TenantSession, county: CountyOf, month: MonthOf = None) -> Response:
    """Measures of a month's data and whether they hold."""
    return etags.answer(request, _listed(*counts.quality_of(session, county, _month(session, county, month))))


@router.get(
    "/{county}/providers",
    response_model=fields.listed_of(Provider),
    responses=shown(_listed(OF | {"field": "flood_zone_code", "provider": "fema"}), 404, 422),
    dependencies=[QUALITY],
)
def providers(request: Request, session: TenantSession, county: CountyOf, month: MonthOf = None) -> Response:
    """What each provider gave for each field, and how far it agrees with the one that was believed."""
    found = counts.providers_of(session, county, _month(session, county, month))
    return etags.answer(request, _listed(*found))


@router.get(
    "/{county}/rejects",
    response_model=fields.listed_of(Reject),
    responses=shown(_listed(OF | {"reason_code": "PRICE_NOMINAL", "source_row": 17}), 404, 422),
    dependencies=[QUALITY],
)
def rejects(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    county: CountyOf,
    asked: Annotated[PageRequest, Depends(page_request("source_row", "reason_code"))],
    month: MonthOf = None,
) -> Response:
    """Received rows that became no property, and why; the record itself is not shown."""
    chosen = _month(session, county, month)
    c = counts.rejects.c
    rows, cursor, total = page(
        session,
        counts.rejects_of(county, chosen),
        Order({name: c[name] for name in ("source_row", "reason_code")}, counts.reject_key()),
        asked,
        parts.secret,
        f"{county} {chosen}",
    )
    items = [
        {name: value for name, value in row._mapping.items() if not name.startswith("_")} for row in rows
    ]
    return etags.answer(request, {"items": items, "next_cursor": cursor, "total": total})


@router.get(
    "/{county}/models",
    response_model=fields.listed_of(Promotion),
    responses=shown(_listed(OF | {"used_id": "4a73ac5ca18feb3f", "decision": "PROMOTED"}), 404),
    dependencies=[COUNTIES],
)
def models(request: Request, session: TenantSession, county: CountyOf) -> Response:
    """Which model values each month and why, the newest month first."""
    _month(session, county, None)
    return etags.answer(request, _listed(*counts.models_of(session, county)))


@router.get(
    "/{county}/ratio-studies",
    response_model=fields.listed_of(Study),
    responses=shown(_listed(OF | {"grouping": "county_year", "group_value": "all", "cod": 9.8}), 404, 422),
    dependencies=[COUNTIES],
)
def studies(request: Request, session: TenantSession, county: CountyOf, month: MonthOf = None) -> Response:
    """How near the values came to the sales: median ratio, COD, PRD, PRB by group."""
    found = counts.studies_of(session, county, _month(session, county, month))
    return etags.answer(request, _listed(*found))


@router.get(
    "/{county}/market-trends",
    response_model=fields.listed_of(Trend),
    responses=shown(_listed(OF | {"zip": "ALL", "median_sale_price_usd": 480000.0}), 404, 422),
    dependencies=[COUNTIES],
)
def trends(
    request: Request,
    session: TenantSession,
    county: CountyOf,
    zip_: Annotated[
        list[Zip] | None, Query(alias="zip", max_length=50, description="All without it.")
    ] = None,
    months: Annotated[int, Query(ge=1, le=120, description="Back from the newest.")] = 24,
) -> Response:
    """The market by month, the newest first: the county's, or that of some ZIPs."""
    _month(session, county, None)
    return etags.answer(request, _listed(*counts.trends_of(session, county, zip_ or [], months)))
