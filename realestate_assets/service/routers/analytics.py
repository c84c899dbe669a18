"""Analytics: throughput, quality, costs, markets and the funnel of scores, over a tenant's counties."""

from collections.abc import Sequence
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from realestate_assets.operations.market import analytics
from realestate_assets.operations.market.analytics import Chosen
from realestate_assets.operations.market.filters import Zip
from realestate_assets.service import etags
from realestate_assets.service.dependencies import PartsOf, TenantSession, requires
from realestate_assets.service.paging import Listed, Order, PageRequest, page, page_request
from realestate_assets.service.parts import Parts
from realestate_assets.service.routers.of_property import MonthOf, shown
from realestate_assets.service.schemas.analytics import Cost, Funnel, Market, Quality, Throughput
from realestate_assets.service.schemas.pipelines import CountySlug

MAX_COUNTIES = 50
router = APIRouter(
    prefix="/analytics", tags=["analytics"], dependencies=[Depends(requires("analytics:read"))]
)
Counties = Annotated[
    list[CountySlug] | None,
    Query(alias="county", max_length=MAX_COUNTIES, description="All that you see without it."),
]
KING = {"county": "king-wa", "month": "2015-05"}
EXAMPLES: dict[str, dict[str, Any]] = {
    "throughput": {"received_count": 1749, "accepted_count": 1741, "duplicate_count": 1, "rejected_count": 7},
    "quality": {"passed_count": 21, "failed_count": 1, "filled_pct": 96.2, "rejected_pct": 0.4},
    "costs": {
        "provider": "fema", "fact_count": 1741, "used_count": 1702, "cost_usd": 0.0,
        "cost_per_used_fact_usd": 0.0,
    },
    "market": {
        "zip": "98103", "is_simulated": False, "property_count": 60, "active_listing_count": 12,
        "sale_count": 48, "median_sale_price_usd": 550000.0, "median_sale_price_year_change_pct": 8.1,
        "median_price_per_sqft_usd": 340.0, "median_price_per_sqft_year_change_pct": 7.4,
        "median_days_on_market": None,
    },
    "funnel": {
        "home_count": 1741, "on_offer_count": 820, "valued_count": 811, "scored_count": 790,
        "score_50_count": 240, "score_65_count": 61, "score_80_count": 9, "memo_count": 10,
        "median_score": 41.0,
    },
}  # fmt: skip
MONTHLY, OF_MONTH = ("-month", "county"), ("county", "month")
MARKETS = ("county", "zip", "sale_count", "median_sale_price_usd", "median_sale_price_year_change_pct")


async def chosen(
    counties: Counties = None, first_month: MonthOf = None, last_month: MonthOf = None
) -> Chosen:
    """The county-months asked for."""
    return Chosen(tuple(counties or ()), first_month, last_month)


async def of_counties(counties: Counties = None) -> Chosen:
    """The counties asked for."""
    return Chosen(tuple(counties or ()))


ChosenOf = Annotated[Chosen, Depends(chosen)]
OfCounties = Annotated[Chosen, Depends(of_counties)]


def _example(name: str) -> dict[int | str, dict[str, Any]]:
    listed = {"items": [KING | EXAMPLES[name]], "next_cursor": None, "total": None}
    return shown(listed, 401, 403, 422, 503)


def _listed(
    request: Request,
    parts: Parts,
    session: Session,
    figures: sa.Subquery,
    asked: PageRequest,
    model: type[BaseModel],
    sorts: Sequence[str],
    key: Sequence[str],
    bound_to: str,
) -> Response:
    order = Order({name: figures.c[name] for name in sorts}, [figures.c[name] for name in key])
    rows, cursor, total = page(session, sa.select(figures), order, asked, parts.secret, bound_to)
    items = [model.model_validate(dict(row._mapping)).model_dump(mode="json") for row in rows]
    return etags.answer(request, {"items": items, "next_cursor": cursor, "total": total})


@router.get(
    "/throughput",
    response_model=Listed[Throughput],
    responses=_example("throughput"),
)
def throughput(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    of: ChosenOf,
    asked: Annotated[PageRequest, Depends(page_request(*MONTHLY, "received_count", "rejected_count"))],
) -> Response:
    """Rows received, accepted, refused and taken for duplicates, by county and month."""
    sorts = ("month", "county", "received_count", "rejected_count")
    figures = analytics.throughput(of)
    return _listed(request, parts, session, figures, asked, Throughput, sorts, OF_MONTH, f"throughput {of}")


@router.get(
    "/quality",
    response_model=Listed[Quality],
    responses=_example("quality"),
)
def quality(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    of: ChosenOf,
    asked: Annotated[PageRequest, Depends(page_request(*MONTHLY, "failed_count", "filled_pct"))],
) -> Response:
    """Measures that hold and that do not, what is filled, what was refused, by county and month."""
    sorts = ("month", "county", "failed_count", "filled_pct")
    figures = analytics.quality(of)
    return _listed(request, parts, session, figures, asked, Quality, sorts, OF_MONTH, f"quality {of}")


@router.get(
    "/costs",
    response_model=Listed[Cost],
    responses=_example("costs"),
)
def costs(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    of: ChosenOf,
    asked: Annotated[PageRequest, Depends(page_request(*MONTHLY, "provider", "cost_usd"))],
) -> Response:
    """What providers gave and were paid, by county, month and provider."""
    sorts, key = ("month", "county", "provider", "cost_usd"), (*OF_MONTH, "provider")
    return _listed(request, parts, session, analytics.costs(of), asked, Cost, sorts, key, f"costs {of}")


@router.get(
    "/market",
    response_model=Listed[Market],
    responses=_example("market"),
)
def market(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    of: OfCounties,
    asked: Annotated[PageRequest, Depends(page_request(*MARKETS))],
    zip_: Annotated[
        list[Zip] | None, Query(alias="zip", max_length=50, description="All without it.")
    ] = None,
) -> Response:
    """Markets side by side, by county and ZIP: the newest month of each, and prices against a year before."""
    key, zips = ("county", "zip", "is_simulated"), tuple(zip_ or ())
    figures = analytics.market(of, zips)
    return _listed(request, parts, session, figures, asked, Market, MARKETS, key, f"market {of} {zips}")


@router.get(
    "/funnel",
    response_model=Listed[Funnel],
    responses=_example("funnel"),
)
def funnel(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    of: OfCounties,
    asked: Annotated[PageRequest, Depends(page_request("county", "home_count", "score_80_count"))],
) -> Response:
    """From all homes of each county's newest month to those on offer, valued, scored well and with a memo."""
    sorts = ("county", "home_count", "score_80_count")
    return _listed(
        request, parts, session, analytics.funnel(of), asked, Funnel, sorts, ("county",), f"funnel {of}"
    )
