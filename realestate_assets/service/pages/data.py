"""The data behind the figures: their quality by county, what providers gave, and the runs that made them."""

from typing import Annotated, Any

from fastapi import Depends, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from realestate_assets.domain.board.quality import quality_strip
from realestate_assets.extent import counties
from realestate_assets.operations.accounts.tenants import counties_of
from realestate_assets.operations.market import counts
from realestate_assets.operations.pipelines import runs
from realestate_assets.service.dependencies import TenantSession, requires
from realestate_assets.service.pages.frame import FrameOf, page_router
from realestate_assets.service.parts import Parts
from resources.errors import RealEstateError

router = page_router()

RUNS = 20
# Figures that have a place of their own on the page.
IN_THE_STRIP = ("received", "accepted", "duplicates", "rejected", "rejected_for", "filled_pct")


def newest_runs(session: Session, parts: Parts) -> list[runs.Run] | None:
    """The newest runs within the tenant's counties; None where Dagster's web server is away."""
    try:
        found, _ = runs.list_runs(
            parts.dagster, frozenset(counties_of(session)), list(counties()), cursor=None, limit=RUNS
        )
    except RealEstateError:
        return None
    return found


def of_county(session: Session, county: dict[str, Any]) -> dict[str, Any]:
    """The newest month's quality of a county and what its providers gave."""
    name, month = county["county"], county["newest_month"]
    if month is None:
        return {"strip": None, "measures": [], "checks": [], "providers": []}
    measures = counts.quality_of(session, name, month)
    return {
        "strip": quality_strip(measures),
        "measures": [row for row in measures if row["metric"] not in (*IN_THE_STRIP, "check")],
        "checks": [row for row in measures if row["metric"] == "check"],
        "providers": counts.providers_of(session, name, month),
    }


@router.get("/data", dependencies=[Depends(requires("quality:read"))])
def data(
    framed: FrameOf, session: TenantSession, county: Annotated[str | None, Query(max_length=60)] = None
) -> Response:
    """The page; of the first county with data where none, or one that is not the tenant's, is asked for."""
    known = counts.list_counties(session)
    filled = [each for each in known if each["newest_month"]]
    first = next(iter(filled or known), None)
    chosen = next((each for each in known if each["county"] == county), first)
    may_see_runs = framed.principal.may("pipelines:read")
    return framed.show(
        "data",
        "Data and runs",
        counties=known,
        chosen=chosen,
        runs=newest_runs(session, framed.parts) if may_see_runs else None,
        may_see_runs=may_see_runs,
        **(of_county(session, chosen) if chosen else {}),
    )
