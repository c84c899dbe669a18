"""Teams, what is used of plans and what is put away have their tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """What is added; what nobody reads any more is taken away by the next version."""
    op.create_table(
        "archived_properties",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("archived_by", sa.UUID(), nullable=False),
        sa.Column(
            "archived_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenants.tenant_id"], name=op.f("archived_properties_tenant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "property_id", name=op.f("archived_properties_pkey")),
        schema="app",
    )
    op.create_table(
        "teams",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("team_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "created_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "updated_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["app.tenants.tenant_id"], name=op.f("teams_tenant_id_fkey")),
        sa.PrimaryKeyConstraint("team_id", name=op.f("teams_pkey")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("teams_tenant_id_name_key")),
        sa.UniqueConstraint("tenant_id", "team_id", name=op.f("teams_tenant_id_team_id_key")),
        schema="app",
    )
    op.create_table(
        "opened_properties",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column(
            "opened_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenants.tenant_id"], name=op.f("opened_properties_tenant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "month", "property_id", name=op.f("opened_properties_pkey")),
        schema="work",
    )
    op.create_table(
        "usage_counts",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("used >= 0", name=op.f("usage_counts_used_check")),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenants.tenant_id"], name=op.f("usage_counts_tenant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "month", "metric", name=op.f("usage_counts_pkey")),
        schema="work",
    )
    op.create_table(
        "team_members",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("team_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column(
            "joined_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "team_id"],
            ["app.teams.tenant_id", "app.teams.team_id"],
            name=op.f("team_members_tenant_id_team_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["app.users.tenant_id", "app.users.user_id"],
            name=op.f("team_members_tenant_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenants.tenant_id"], name=op.f("team_members_tenant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "team_id", "user_id", name=op.f("team_members_pkey")),
        schema="app",
    )
    op.create_index("team_members_user_id", "team_members", ["user_id"], unique=False, schema="app")
