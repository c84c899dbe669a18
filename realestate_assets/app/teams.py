"""Teams of a tenant: people who work on the same things."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from realestate_assets.app.base import APP_SCHEMA, Base, Made, OfTenant, new_id, of_user


class Team(OfTenant, Base):
    """A team."""

    __tablename__ = "teams"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "team_id"),
        sa.UniqueConstraint("tenant_id", "name"),
        {"schema": APP_SCHEMA, "comment": "Teams of tenants, one row each."},
    )

    team_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    created_at: Mapped[Made]
    updated_at: Mapped[Made]


class TeamMember(OfTenant, Base):
    """A person in a team."""

    __tablename__ = "team_members"
    __table_args__ = (
        sa.PrimaryKeyConstraint("tenant_id", "team_id", "user_id"),
        of_user(),
        sa.ForeignKeyConstraint(
            ["tenant_id", "team_id"],
            [f"{APP_SCHEMA}.teams.tenant_id", f"{APP_SCHEMA}.teams.team_id"],
            ondelete="CASCADE",
        ),
        sa.Index("team_members_user_id", "user_id"),
        {"schema": APP_SCHEMA, "comment": "Who is in which team."},
    )

    team_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]
    joined_at: Mapped[Made]
