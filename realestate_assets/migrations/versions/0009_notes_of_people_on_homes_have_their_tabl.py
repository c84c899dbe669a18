"""Notes of people on homes have their table."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """What is added; what nobody reads any more is taken away by the next version."""
    op.create_table(
        "property_notes",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("note_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_private", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "created_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("edited_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("removed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("char_length(text) <= 4000", name=op.f("property_notes_text_check")),
        sa.CheckConstraint(
            "(text = '') = (removed_at is not null)", name=op.f("property_notes_removed_check")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["app.users.tenant_id", "app.users.user_id"],
            name=op.f("property_notes_tenant_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenants.tenant_id"], name=op.f("property_notes_tenant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("note_id", name=op.f("property_notes_pkey")),
        schema="app",
    )
    op.create_index(
        "property_notes_tenant_id_property_id",
        "property_notes",
        ["tenant_id", "property_id"],
        unique=False,
        schema="app",
    )
    op.create_index("property_notes_user_id", "property_notes", ["user_id"], unique=False, schema="app")
