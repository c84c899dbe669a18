"""Whom a provider of sign-in vouches for has its table."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """What is added; what nobody reads any more is taken away by the next version."""
    op.create_table(
        "identities",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("identity_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject_hash", postgresql.BYTEA(), nullable=False),
        sa.Column(
            "created_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("last_used_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["app.users.tenant_id", "app.users.user_id"],
            name=op.f("identities_tenant_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenants.tenant_id"], name=op.f("identities_tenant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("identity_id", name=op.f("identities_pkey")),
        sa.UniqueConstraint("tenant_id", "subject_hash", name=op.f("identities_tenant_id_subject_hash_key")),
        sa.UniqueConstraint(
            "tenant_id", "user_id", "issuer", name=op.f("identities_tenant_id_user_id_issuer_key")
        ),
        schema="app",
    )
    op.create_index("identities_subject_hash", "identities", ["subject_hash"], unique=False, schema="app")
