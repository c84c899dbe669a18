"""Teams of the transaction's tenant: made, named, joined and left."""

import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from realestate_assets.app.people import User
from realestate_assets.app.teams import Team, TeamMember
from realestate_assets.operations.accounts.unique import flush_or
from resources.errors import PermanentError

MAX_TEAMS = 200


class TeamTakenError(PermanentError):
    """The tenant has a team of that name."""


def team_rows() -> sa.Select:
    """Teams with the ids of their members; deleted accounts are in none."""
    members = (
        sa.select(sa.func.array_agg(sa.distinct(TeamMember.user_id)))
        .join(User, User.user_id == TeamMember.user_id)
        .where(TeamMember.team_id == Team.team_id, User.state != "deleted")
        .correlate(Team)
        .scalar_subquery()
    )
    nobody = sa.cast(sa.literal("{}"), sa.ARRAY(sa.UUID()))
    return sa.select(
        Team.team_id, Team.name, Team.created_at, Team.updated_at,
        sa.func.coalesce(members, nobody).label("members"),
    )  # fmt: skip


def find_team(session: Session, team_id: uuid.UUID) -> sa.Row | None:
    """A row of `team_rows`, None where the tenant has none such."""
    return session.execute(team_rows().where(Team.team_id == team_id)).one_or_none()


def add_team(session: Session, tenant_id: uuid.UUID, name: str) -> uuid.UUID:
    """Make a team; its id.

    Raises:
        TeamTakenError: the tenant has one of that name.
        PermanentError: it has many already.
    """
    if session.execute(sa.select(sa.func.count()).select_from(Team)).scalar_one() >= MAX_TEAMS:
        raise PermanentError(f"There are {MAX_TEAMS} teams, which is the most of a tenant.", field="name")
    team = Team(tenant_id=tenant_id, name=name)
    session.add(team)
    flush_or(session, _taken(name))
    return team.team_id


def rename_team(session: Session, team_id: uuid.UUID, name: str) -> None:
    """Give a team another name.

    Raises:
        TeamTakenError: the tenant has another one of that name.
    """
    team = session.get_one(Team, team_id)
    team.name, team.updated_at = name, datetime.now(UTC)
    flush_or(session, _taken(name))


def _taken(name: str) -> TeamTakenError:
    return TeamTakenError(f"There is a team {name} already.", field="name")


def delete_team(session: Session, team_id: uuid.UUID) -> None:
    """Dissolve a team; its members stay."""
    session.delete(session.get_one(Team, team_id))


def join(session: Session, tenant_id: uuid.UUID, team_id: uuid.UUID, user_id: uuid.UUID) -> bool:
    """Put an account into a team; False where the tenant has none such that is not deleted."""
    known = session.scalar(sa.select(User.user_id).where(User.user_id == user_id, User.state != "deleted"))
    if known is None:
        return False
    row = {"tenant_id": tenant_id, "team_id": team_id, "user_id": user_id}
    session.execute(insert(TeamMember).values(row).on_conflict_do_nothing())
    return True


def leave(session: Session, team_id: uuid.UUID, user_id: uuid.UUID) -> None:
    """Take an account out of a team, where it is in it."""
    session.execute(sa.delete(TeamMember).where(TeamMember.team_id == team_id, TeamMember.user_id == user_id))
