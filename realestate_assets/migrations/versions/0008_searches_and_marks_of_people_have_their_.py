"""Searches and marks of people have their tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """What is added; what nobody reads any more is taken away by the next version."""
    op.create_table(
        "property_marks",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column(
            "marked_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint("mark in ('saved', 'dismissed')", name=op.f("property_marks_mark_check")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["app.users.tenant_id", "app.users.user_id"],
            name=op.f("property_marks_tenant_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenants.tenant_id"], name=op.f("property_marks_tenant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "property_id", name=op.f("property_marks_pkey")),
        schema="app",
    )
    op.create_table(
        "saved_searches",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("search_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=True),
        sa.Column("without", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("filters", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("is_shared", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_alerted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("frequency", sa.Text(), server_default="daily", nullable=False),
        sa.Column("webhook_id", sa.UUID(), nullable=True),
        sa.Column(
            "created_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "updated_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint("frequency in ('instant', 'daily')", name=op.f("saved_searches_frequency_check")),
        sa.CheckConstraint(
            "(sentence is null) <> (filters is null)", name=op.f("saved_searches_sentence_or_filters_check")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["app.users.tenant_id", "app.users.user_id"],
            name=op.f("saved_searches_tenant_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenants.tenant_id"], name=op.f("saved_searches_tenant_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id"],
            ["app.webhooks.webhook_id"],
            name=op.f("saved_searches_webhook_id_fkey"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("search_id", name=op.f("saved_searches_pkey")),
        sa.UniqueConstraint("tenant_id", "search_id", name=op.f("saved_searches_tenant_id_search_id_key")),
        schema="app",
    )
    op.create_index(
        "saved_searches_tenant_id_user_id",
        "saved_searches",
        ["tenant_id", "user_id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "search_looks",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("search_id", sa.UUID(), nullable=False),
        sa.Column("looked_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column(
            "next_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "search_id"],
            ["app.saved_searches.tenant_id", "app.saved_searches.search_id"],
            name=op.f("search_looks_tenant_id_search_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenants.tenant_id"], name=op.f("search_looks_tenant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("search_id", name=op.f("search_looks_pkey")),
        schema="work",
    )
    op.create_index("search_looks_next_at", "search_looks", ["next_at"], unique=False, schema="work")
    op.create_table(
        "search_matches",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("search_id", sa.UUID(), nullable=False),
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("price_usd", sa.Double(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("before_usd", sa.Double(), nullable=True),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column(
            "found_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint("kind in ('known', 'new', 'price_cut')", name=op.f("search_matches_kind_check")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "search_id"],
            ["app.saved_searches.tenant_id", "app.saved_searches.search_id"],
            name=op.f("search_matches_tenant_id_search_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenants.tenant_id"], name=op.f("search_matches_tenant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("search_id", "property_id", "price_usd", name=op.f("search_matches_pkey")),
        schema="work",
    )
    op.create_index(
        "search_matches_search_id_found_at",
        "search_matches",
        ["search_id", "found_at"],
        unique=False,
        schema="work",
    )
