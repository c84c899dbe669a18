"""Teams: who works on the same things."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.orm import Session

from realestate_assets.app.teams import Team
from realestate_assets.operations.accounts import teams
from realestate_assets.service import etags
from realestate_assets.service.dependencies import PartsOf, TenantSession, requires
from realestate_assets.service.fields import Fields, chosen, listed, listed_of
from realestate_assets.service.paging import Order, PageRequest, page, page_request
from realestate_assets.service.problems import answered_problems, conflict, not_found, of_operation
from realestate_assets.service.routers.of_property import shown
from realestate_assets.service.schemas.teams import TEAM, NewTeam, TeamItem
from realestate_assets.service.security.principal import Principal
from resources.errors import PermanentError

router = APIRouter(prefix="/teams", tags=["teams"])

ORDER = Order({"name": Team.name, "created_at": Team.created_at}, (Team.team_id,))
Manager = Annotated[Principal, Depends(requires("teams:manage"))]
READ = Depends(requires("teams:read"))


@router.get(
    "",
    name="list",
    response_model=listed_of(TeamItem),
    responses=shown({"items": [TEAM], "next_cursor": None, "total": None}, 401, 403, 422),
    dependencies=[READ],
)
def list_teams(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    asked: Annotated[PageRequest, Depends(page_request("name", "created_at"))],
    fields: Fields = None,
) -> Response:
    """Teams of the tenant with their members."""
    names = chosen(TeamItem, fields)
    rows, cursor, total = page(session, teams.team_rows(), ORDER, asked, parts.secret)
    items = [TeamItem.model_validate(row, from_attributes=True) for row in rows]
    return etags.answer(request, listed(items, cursor, total, names))


@router.post("", name="add", status_code=201, responses=answered_problems(401, 403, 409, 422))
def add(body: NewTeam, session: TenantSession, principal: Manager) -> TeamItem:
    """Make a team."""
    try:
        team_id = teams.add_team(session, principal.tenant_id, body.name)
    except teams.TeamTakenError:
        raise conflict("team-taken", "The tenant has a team of this name.") from None
    except PermanentError as error:
        raise of_operation(error) from None
    return _found(session, team_id)


@router.get(
    "/{team_id}", name="get", response_model=TeamItem, responses=shown(TEAM, 404, 422), dependencies=[READ]
)
def get(request: Request, session: TenantSession, team_id: uuid.UUID) -> Response:
    """A team."""
    return etags.answer(request, _found(session, team_id))


@router.patch("/{team_id}", name="change", responses=shown(TEAM, 403, 404, 409, 422))
def change(body: NewTeam, session: TenantSession, principal: Manager, team_id: uuid.UUID) -> TeamItem:
    """Give a team another name."""
    _found(session, team_id)
    try:
        teams.rename_team(session, team_id, body.name)
    except teams.TeamTakenError:
        raise conflict("team-taken", "The tenant has a team of this name.") from None
    return _found(session, team_id)


@router.delete("/{team_id}", name="delete", status_code=204, responses=answered_problems(403, 404, 422))
def delete(session: TenantSession, principal: Manager, team_id: uuid.UUID) -> None:
    """Dissolve a team; its members stay in the tenant."""
    _found(session, team_id)
    teams.delete_team(session, team_id)


@router.put("/{team_id}/members/{user_id}", name="join", responses=shown(TEAM, 403, 404, 422))
def join(session: TenantSession, principal: Manager, team_id: uuid.UUID, user_id: uuid.UUID) -> TeamItem:
    """Put a person of the tenant into a team; who is in it stays so."""
    _found(session, team_id)
    if not teams.join(session, principal.tenant_id, team_id, user_id):
        raise not_found("No account")
    return _found(session, team_id)


@router.delete("/{team_id}/members/{user_id}", name="leave", responses=shown(TEAM, 403, 404, 422))
def leave(session: TenantSession, principal: Manager, team_id: uuid.UUID, user_id: uuid.UUID) -> TeamItem:
    """Take a person out of a team."""
    _found(session, team_id)
    teams.leave(session, team_id, user_id)
    return _found(session, team_id)


def _found(session: Session, team_id: uuid.UUID) -> TeamItem:
    found = teams.find_team(session, team_id)
    if found is None:
        raise not_found("No team")
    return TeamItem.model_validate(found, from_attributes=True)
