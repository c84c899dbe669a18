"""Corrections of homes have their table."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """What is added; what nobody reads any more is taken away by the next version."""
    op.create_table(
        "property_corrections",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("correction_id", sa.UUID(), nullable=False),
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("source_value", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="proposed", nullable=False),
        sa.Column("proposed_by", sa.UUID(), nullable=False),
        sa.Column(
            "proposed_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("decided_by", sa.UUID(), nullable=True),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('proposed', 'accepted', 'withdrawn')", name=op.f("property_corrections_state_check")
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_at is null)", name=op.f("property_corrections_decided_check")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenants.tenant_id"], name=op.f("property_corrections_tenant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("correction_id", name=op.f("property_corrections_pkey")),
        schema="app",
    )
    op.create_index(
        "property_corrections_tenant_id_property_id",
        "property_corrections",
        ["tenant_id", "property_id"],
        unique=False,
        schema="app",
    )
    op.create_index(
        "property_corrections_accepted",
        "property_corrections",
        ["tenant_id", "property_id", "field"],
        unique=True,
        schema="app",
        postgresql_where=sa.text("state = 'accepted'"),
    )
