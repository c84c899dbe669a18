"""What is known of a person with an account: given out to themselves or an admin, and erased."""

import uuid
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Response

from realestate_assets.app.audit import note_read
from realestate_assets.app.erasure import is_there
from realestate_assets.operations.accounts.people import LastAdminError
from realestate_assets.operations.persons import accounts
from realestate_assets.service.dependencies import PartsOf, TenantSession, requires
from realestate_assets.service.parts import Parts
from realestate_assets.service.problems import conflict, not_found
from realestate_assets.service.routers.of_property import shown
from realestate_assets.service.schemas.personal import ERASURE, EXPORTED, Erasure, PersonExport
from realestate_assets.service.security.principal import Principal

router = APIRouter(tags=["personal"])

Own = Annotated[Principal, Depends(requires("me:read"))]
Manager = Annotated[Principal, Depends(requires("users:manage"))]


def _exported(parts: Parts, session: TenantSession, user_id: uuid.UUID) -> Response:
    found = accounts.export(session, parts.sealer, user_id)
    if found is None:
        raise not_found("No account")
    note_read(session, "users", [user_id])
    headers = {"Content-Disposition": f'attachment; filename="person-{user_id}.json"'}
    return Response(orjson.dumps(found), media_type="application/json", headers=headers)


@router.get("/me/export", name="export_own", response_model=PersonExport, responses=shown(EXPORTED, 401, 403))
def export_own(parts: PartsOf, session: TenantSession, principal: Own) -> Response:
    """All that stands of one's own account; hashes of passwords and keys are left out."""
    return _exported(parts, session, principal.user_id)


@router.get(
    "/users/{user_id}/export",
    name="export",
    response_model=PersonExport,
    responses=shown(EXPORTED, 401, 403, 404, 422),
)
def export(parts: PartsOf, session: TenantSession, principal: Manager, user_id: uuid.UUID) -> Response:
    """All that stands of an account of the tenant. That you read it is written down."""
    return _exported(parts, session, user_id)


@router.get(
    "/users/{user_id}/erasure",
    name="plan_erasure",
    response_model=Erasure,
    responses=shown(ERASURE | {"is_done": False}, 401, 403, 404, 422),
)
def plan_erasure(session: TenantSession, principal: Manager, user_id: uuid.UUID) -> dict[str, Any]:
    """What an erasure would remove, empty and keep."""
    return _erasure(session, user_id, is_done=False)


@router.post(
    "/users/{user_id}/erasure",
    name="erase",
    response_model=Erasure,
    responses=shown(ERASURE, 401, 403, 404, 409, 422),
)
def erase(session: TenantSession, principal: Manager, user_id: uuid.UUID) -> dict[str, Any]:
    """Erase an account for good, and all that is theirs; the log keeps ids. A tenant keeps one admin."""
    try:
        return _erasure(session, user_id, is_done=True)
    except LastAdminError:
        raise conflict("last-admin", "A tenant keeps one admin at least.") from None


def _erasure(session: TenantSession, user_id: uuid.UUID, *, is_done: bool) -> dict[str, Any]:
    if not is_there(session, user_id):
        raise not_found("No account")
    places = [vars(line) for line in accounts.erase(session, user_id, is_done=is_done)]
    return {"is_done": is_done, "places": places}
