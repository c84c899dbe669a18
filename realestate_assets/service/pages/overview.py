"""The first page: the reader's counties, the best deals on offer, how new and how sound the data are."""

from typing import Any

from fastapi import Depends
from fastapi.responses import Response
from sqlalchemy.orm import Session

from realestate_assets.domain.core.formats import is_missing
from realestate_assets.operations.market import counts
from realestate_assets.operations.market.columns import DEFAULT_SORT, LIST_FIELDS
from realestate_assets.operations.market.filters import PropertyFilter
from realestate_assets.operations.market.pages import property_list
from realestate_assets.service.dependencies import TenantSession, requires
from realestate_assets.service.pages import pictures
from realestate_assets.service.pages.frame import FrameOf, page_router
from realestate_assets.service.paging import Order, PageRequest, page
from realestate_assets.service.parts import Parts

router = page_router()

BEST = 8
TREND_MONTHS = 24


def best_deals(session: Session, parts: Parts) -> tuple[list[dict[str, Any]], bool]:
    """The best homes on offer; of those looked back on where nothing is. And whether they are on offer.

    As on a deal board none stands here that is to be looked into first.
    """
    for state in ("on_offer", "retrospective"):
        asked_for = {"offer_state": [state], "min_score": 0, "needs_review": False}
        chosen = PropertyFilter.model_validate(asked_for)
        found = property_list(session, chosen, LIST_FIELDS)
        asked = PageRequest(BEST, None, DEFAULT_SORT, False)
        rows, _, _ = page(session, found.statement, Order(found.sorts, found.key), asked, parts.secret)
        if rows:
            return [dict(row._mapping) for row in rows], state == "on_offer"
    return [], True


def county_row(session: Session, county: dict[str, Any], may_see_quality: bool) -> dict[str, Any]:
    """A county with what failed in its newest month and the line of its prices."""
    if county["newest_month"] is None:
        return {**county, "failed": [], "has_quality": False, "trend": None, "change": None}
    measures = counts.quality_of(session, county["county"], county["newest_month"]) if may_see_quality else []
    judged = [each for each in measures if each["is_passed"] is not None]
    trend = counts.trends_of(session, county["county"], [], TREND_MONTHS)
    real = [each for each in trend if not each["is_simulated"]] or trend
    prices = [(row["month"], row["median_price_per_sqft_usd"]) for row in reversed(real)]
    known = [(month, price) for month, price in prices if not is_missing(price)]
    return {
        **county,
        "failed": [each for each in judged if not each["is_passed"]],
        "has_quality": bool(judged),
        "trend": pictures.line([price for _, price in known]),
        "price": known[-1][1] if known else None,
    }


@router.get("/", dependencies=[Depends(requires("counties:read"))])
def overview(framed: FrameOf, session: TenantSession) -> Response:
    """The page."""
    may = framed.principal.may
    counties = [county_row(session, each, may("quality:read")) for each in counts.list_counties(session)]
    deals, are_on_offer = best_deals(session, framed.parts) if may("properties:read") else ([], True)
    return framed.show(
        "overview",
        "Overview",
        counties=counties,
        deals=deals,
        are_on_offer=are_on_offer,
        has_simulated=any(each["has_simulated"] for each in counties)
        or any(d["is_simulated"] for d in deals),
        has_quality=may("quality:read"),
    )
