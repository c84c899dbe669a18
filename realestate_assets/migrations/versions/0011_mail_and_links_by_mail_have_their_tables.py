"""Mail, links by mail and mail of searches have their tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """What is added; what nobody reads any more is taken away by the next version."""
    op.create_table(
        "account_links",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("link_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("secret_hash", postgresql.BYTEA(), nullable=False),
        sa.Column(
            "created_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("used_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind in ('invitation', 'registration', 'password')", name=op.f("account_links_kind_check")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["app.users.tenant_id", "app.users.user_id"],
            name=op.f("account_links_tenant_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenants.tenant_id"], name=op.f("account_links_tenant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("link_id", name=op.f("account_links_pkey")),
        schema="app",
    )
    op.create_index("account_links_user_id", "account_links", ["user_id"], unique=False, schema="app")
    op.create_table(
        "mails",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("mail_id", sa.UUID(), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("recipient_sealed", postgresql.BYTEA(), nullable=False),
        sa.Column("content_sealed", postgresql.BYTEA(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column(
            "next_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "created_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("taken_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state in ('queued', 'sending', 'sent', 'failed', 'uncertain')", name=op.f("mails_state_check")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["app.users.tenant_id", "app.users.user_id"],
            name=op.f("mails_tenant_id_person_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["app.tenants.tenant_id"], name=op.f("mails_tenant_id_fkey")),
        sa.PrimaryKeyConstraint("mail_id", name=op.f("mails_pkey")),
        schema="work",
    )
    op.create_index(
        "mails_due",
        "mails",
        ["next_at"],
        unique=False,
        schema="work",
        postgresql_where=sa.text("state in ('queued', 'sending')"),
    )
    op.create_index(
        "mails_tenant_id_created_at", "mails", ["tenant_id", "created_at"], unique=False, schema="work"
    )
    op.add_column(
        "saved_searches",
        sa.Column("email", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        schema="app",
    )
