"""Scores: one with its measures and reasons, and what moved it."""

from fastapi import APIRouter, Depends, Request, Response

from realestate_assets.operations.market import details
from realestate_assets.service import etags, fields
from realestate_assets.service.dependencies import SignedIn, TenantSession, requires
from realestate_assets.service.problems import not_found
from realestate_assets.service.routers.of_property import Opened, PropertyId, count_opened, row_of, shown
from realestate_assets.service.schemas.properties import KEYS, Score, ScoreVersion

router = APIRouter(prefix="/scores", tags=["scores"], dependencies=[Depends(requires("scores:read"))])
REASONS = {"reasons": {"positive": [{"code": "UNDERVALUED", "text": "14 % below its market value"}]}}
MOVED = {"version_number": 2, "score_change": 4.2, "change_explanation": "Score 61.0 to 65.2 (+4.2)"}


@router.get(
    "/{property_id}",
    name="get",
    response_model=Score,
    responses=shown(KEYS | {"bird_dog_score": 71.4} | REASONS, 404, 422),
)
def get(request: Request, session: TenantSession, row: Opened) -> Response:
    """The score of a property in a month with its value, measures, components and reasons."""
    found = details.score_of(session, row)
    if found is None:
        raise not_found("No score")
    return etags.answer(request, found)


@router.get(
    "/{property_id}/history",
    response_model=fields.listed_of(ScoreVersion),
    responses=shown({"items": [KEYS | MOVED], "next_cursor": None, "total": 1}, 404),
)
def history(
    request: Request, session: TenantSession, principal: SignedIn, property_id: PropertyId
) -> Response:
    """Each version of the score with what moved it, the newest first."""
    row = row_of(session, property_id, None)
    count_opened(session, principal, [row["property_id"]])
    found = details.scores_of(session, row["property_id"])
    return etags.answer(request, {"items": found, "next_cursor": None, "total": len(found)})
