"""What tenants used of their plans: one's own, and all of them, for whoever bills."""

from collections.abc import Iterator
from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request, Response

from realestate_assets.domain.board.csv import cell
from realestate_assets.operations.accounts.plans import this_month
from realestate_assets.operations.accounts.quotas import standing, standings
from realestate_assets.service import etags
from realestate_assets.service.dependencies import TenantSession, requires
from realestate_assets.service.problems import answered_problems
from realestate_assets.service.routers.of_property import shown
from realestate_assets.service.schemas.tenants import QUOTA, USED, Quota, Usage, Used
from realestate_assets.service.security.principal import Principal

router = APIRouter(tags=["usage"])
ALL_SQL = sa.text("select * from app.all_usage(:month) order by slug, metric")
Month = Annotated[
    str | None, Query(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", description="YYYY-MM; the running one without.")
]


@router.get(
    "/usage",
    name="own",
    response_model=Usage,
    responses=shown({"plan": "free", "month": "2026-11", "items": [QUOTA]}, 401, 403, 422),
)
def own(
    request: Request,
    session: TenantSession,
    principal: Annotated[Principal, Depends(requires("usage:read"))],
    month: Month = None,
) -> Response:
    """What one's tenant used in a month, and what its plan still holds."""
    shown_month = month or this_month()
    items = [Quota.model_validate(each) for each in standings(session, principal.plan, shown_month)]
    return etags.answer(request, Usage(plan=principal.plan, month=shown_month, items=items))


@router.get(
    "/tenants-usage",
    name="all",
    response_class=Response,
    responses={
        200: {
            "content": {
                "application/json": {"example": {"items": [USED], "next_cursor": None, "total": 1}},
                "text/csv": {"example": ",".join(Used.model_fields) + "\r\n"},
            }
        },
        **answered_problems(401, 403, 422),
    },
    dependencies=[Depends(requires("tenants:manage"))],
)
def of_all(
    request: Request,
    session: TenantSession,
    month: Month = None,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> Response:
    """What each tenant used in a month, to be billed elsewhere."""
    shown_month = month or this_month()
    found = []
    for row in session.execute(ALL_SQL, {"month": shown_month}):
        stands = standing(row.metric, row.used, row.plan, shown_month)
        named = {"tenant_id": row.tenant_id, "slug": row.slug, "plan": row.plan, "month": shown_month}
        found.append(Used(**named, **vars(stands)).model_dump(mode="json"))
    if form == "json":
        return etags.answer(request, {"items": found, "next_cursor": None, "total": len(found)})
    headers = {"Content-Disposition": f'attachment; filename="usage-{shown_month}.csv"'}
    return Response("".join(_csv(found)), media_type="text/csv; charset=utf-8", headers=headers)


def _csv(rows: list[dict]) -> Iterator[str]:
    yield ",".join(Used.model_fields) + "\r\n"
    for row in rows:
        yield ",".join(cell(row[name]) for name in Used.model_fields) + "\r\n"
