"""What routes about properties share: the filters of a list, a row or 404, and examples for the document."""

from collections.abc import Collection
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Query, Request
from sqlalchemy.orm import Session

from realestate_assets.operations.accounts.quotas import open_properties
from realestate_assets.operations.market.details import find_property
from realestate_assets.operations.market.filters import PropertyFilter
from realestate_assets.service.dependencies import SignedIn, TenantSession
from realestate_assets.service.problems import answered_problems, not_found, unfit
from realestate_assets.service.security.principal import Principal

PAGED = ("limit", "cursor", "sort", "with_total", "fields")
MonthOf = Annotated[
    str | None, Query(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", description="YYYY-MM; the newest without it.")
]
PropertyId = Annotated[UUID, Path(description="property_id of a list.")]
CountyOf = Annotated[str, Path(pattern=r"^[a-z]+(-[a-z]+)*-[a-z]{2}$", max_length=60)]


class Filtered:
    """The filters of a list; a parameter that is none is refused, for a misspelt filter would find too much.

    Args:
        others: names of the route's further parameters.
    """

    def __init__(self, *others: str) -> None:
        self.known = {*PropertyFilter.model_fields, *others}

    async def __call__(self, request: Request, chosen: Annotated[PropertyFilter, Query()]) -> PropertyFilter:
        """The filters.

        Raises:
            ProblemError: 422, a parameter is none of this list.
        """
        if unknown := [name for name in request.query_params if name not in self.known]:
            raise unfit("query", f"{len(unknown)} parameters are none of {', '.join(sorted(self.known))}.")
        return chosen


Listed = Annotated[PropertyFilter, Depends(Filtered(*PAGED))]


def row_of(session: Session, property_id: UUID, month: str | None) -> dict[str, Any]:
    """The row of a property.

    Raises:
        ProblemError: 404, there is none, or the tenant does not see its county.
    """
    row = find_property(session, str(property_id), month)
    if row is None:
        raise not_found("No property")
    return row


def count_opened(session: Session, principal: Principal, ids: Collection[str]) -> None:
    """Count properties that are opened against the plan, each once a month.

    Raises:
        QuotaExceededError: it does not hold so many.
    """
    open_properties(session, principal.tenant_id, principal.plan, ids)


def opened(
    session: TenantSession, principal: SignedIn, property_id: PropertyId, month: MonthOf = None
) -> dict[str, Any]:
    """The row of a property that is opened, which counts against the plan.

    Raises:
        ProblemError: 404, there is none, or the tenant does not see its county.
    """
    row = row_of(session, property_id, month)
    count_opened(session, principal, [row["property_id"]])
    return row


Opened = Annotated[dict[str, Any], Depends(opened)]


def shown(
    example: Any, *statuses: int, media_type: str = "application/json"
) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route: an example of its answer, and the problems it may answer with."""
    return {200: {"content": {media_type: {"example": example}}}, **answered_problems(*statuses)}
