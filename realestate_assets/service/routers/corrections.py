"""Corrections of a home's record: proposed, accepted, withdrawn, and shown beside what the source says."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.orm import Session

from realestate_assets.app.corrections import PropertyCorrection
from realestate_assets.operations.accounts.names import names_of
from realestate_assets.operations.kept import corrections
from realestate_assets.operations.market.details import find_property
from realestate_assets.service import etags
from realestate_assets.service.dependencies import PartsOf, TenantSession, requires
from realestate_assets.service.fields import Fields, chosen, listed, listed_of
from realestate_assets.service.paging import Order, PageRequest, page, page_request
from realestate_assets.service.parts import Parts
from realestate_assets.service.problems import answered_problems, conflict, not_found, of_operation
from realestate_assets.service.routers.of_property import PropertyId, row_of, shown
from realestate_assets.service.schemas.corrections import CORRECTION, Correction, Decision, NewCorrection
from realestate_assets.service.security.principal import Principal
from resources.errors import PermanentError

router = APIRouter(prefix="/properties/{property_id}/corrections", tags=["corrections"])

ORDER = Order({"proposed_at": PropertyCorrection.proposed_at}, (PropertyCorrection.correction_id,))
Reads = Annotated[Principal, Depends(requires("properties:read"))]
Corrects = Annotated[Principal, Depends(requires("properties:correct"))]


def told(
    parts: Parts, session: Session, principal: Principal, found: list[PropertyCorrection]
) -> list[Correction]:
    """Corrections with the names of who proposed and decided them."""
    ids = {each for one in found for each in (one.proposed_by, one.decided_by) if each is not None}
    names = names_of(session, parts.sealer, ids, principal.user_id)

    def name(user_id: uuid.UUID | None) -> str | None:
        return None if user_id is None else names.get(user_id)

    return [
        Correction.model_validate(each).model_copy(
            update={"proposed_by_name": name(each.proposed_by), "decided_by_name": name(each.decided_by)}
        )
        for each in found
    ]


def standing(parts: Parts, session: Session, principal: Principal, property_id: str) -> list[Correction]:
    """What people of the tenant say is wrong with a home's record now."""
    return told(parts, session, principal, corrections.standing(session, property_id))


def as_facts(found: list[Correction], month: str) -> list[dict[str, Any]]:
    """Corrections as rows of the provenance, beside what providers said."""
    return [
        {
            "county": each.county,
            "month": month,
            "property_id": each.property_id,
            "field": each.field,
            "provider": "person",
            "value": _text(each.value),
            "is_personal": False,
            "is_used": False,
            "retrieved_at": each.proposed_at,
            "is_simulated": False,
            "correction_id": each.correction_id,
            "correction_state": each.state,
            "person": each.proposed_by_name,
            "source_value": _text(each.source_value),
        }
        for each in found
    ]


def _text(value: object) -> str | None:
    return str(value).lower() if isinstance(value, bool) else None if value is None else str(value)


@router.get(
    "",
    name="list",
    response_model=listed_of(Correction),
    responses=shown({"items": [CORRECTION], "next_cursor": None, "total": None}, 401, 403, 404, 422),
)
def list_corrections(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    principal: Reads,
    property_id: PropertyId,
    asked: Annotated[PageRequest, Depends(page_request("-proposed_at"))],
    fields: Fields = None,
) -> Response:
    """Corrections of a home, withdrawn ones too, the newest first."""
    row_of(session, property_id, None)
    names = chosen(Correction, fields)
    statement = corrections.of_home(str(property_id))
    rows, cursor, total = page(session, statement, ORDER, asked, parts.secret, bound_to=str(property_id))
    items = told(parts, session, principal, [row[0] for row in rows])
    return etags.answer(request, listed(items, cursor, total, names))


@router.post("", status_code=201, name="propose", responses=answered_problems(401, 403, 404, 422))
def propose(
    body: NewCorrection,
    parts: PartsOf,
    session: TenantSession,
    principal: Corrects,
    property_id: PropertyId,
) -> Correction:
    """Propose another value for a field of the home's newest record; it changes nothing of the record."""
    row = row_of(session, property_id, None)
    county = parts.county_files.get(row["county"])
    if county is None:
        raise not_found("No configured county of this property")
    by = (principal.tenant_id, principal.user_id)
    try:
        made = corrections.propose(session, row, county, by, **body.model_dump())
    except PermanentError as error:
        raise of_operation(error) from None
    return told(parts, session, principal, [made])[0]


@router.patch(
    "/{correction_id}",
    name="decide",
    response_model=Correction,
    responses=shown(CORRECTION, 401, 403, 404, 409, 422),
)
def decide(
    body: Decision,
    parts: PartsOf,
    session: TenantSession,
    principal: Corrects,
    property_id: PropertyId,
    correction_id: uuid.UUID,
) -> Correction:
    """Accept a proposal, in the place of one accepted before, or withdraw a correction."""
    if find_property(session, str(property_id)) is None:
        raise not_found("No correction")
    correction = corrections.find(session, str(property_id), correction_id)
    if correction is None:
        raise not_found("No correction")
    change = corrections.accept if body.state == "accepted" else corrections.withdraw
    try:
        changed = change(session, correction, principal.user_id)
    except corrections.StateError as error:
        raise conflict("another-state", str(error)) from None
    return told(parts, session, principal, [changed])[0]
