"""Sign-ins, keys, audit and limits have their tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """What is added; what nobody reads any more is taken away by the next version."""
    op.create_table(
        "rate_counts",
        sa.Column("counted", postgresql.BYTEA(), nullable=False),
        sa.Column("begun_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("counted", name=op.f("rate_counts_pkey")),
        schema="work",
        info={"is_shared": True},
    )
    op.create_index("rate_counts_begun_at", "rate_counts", ["begun_at"], unique=False, schema="work")
    op.create_table(
        "audit_log",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenants.tenant_id"], name=op.f("audit_log_tenant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("audit_log_pkey")),
        schema="app",
        info={"grants": ("select", "insert"), "is_audited": False},
    )
    op.create_index(
        "audit_log_tenant_id_entry_id", "audit_log", ["tenant_id", "entry_id"], unique=False, schema="app"
    )
    op.create_table(
        "idempotent_requests",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("key_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("request_hash", postgresql.BYTEA(), nullable=False),
        sa.Column(
            "begun_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("answered_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("body_sealed", postgresql.BYTEA(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenants.tenant_id"], name=op.f("idempotent_requests_tenant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "key_hash", name=op.f("idempotent_requests_pkey")),
        schema="work",
    )
    op.create_index(
        "idempotent_requests_begun_at", "idempotent_requests", ["begun_at"], unique=False, schema="work"
    )
    op.create_table(
        "api_keys",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("key_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "created_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("revoked_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["app.users.tenant_id", "app.users.user_id"],
            name=op.f("api_keys_tenant_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenants.tenant_id"], name=op.f("api_keys_tenant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("key_id", name=op.f("api_keys_pkey")),
        schema="app",
    )
    op.create_index("api_keys_user_id", "api_keys", ["user_id"], unique=False, schema="app")
    op.create_table(
        "sign_ins",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("sign_in_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("secret_hash", postgresql.BYTEA(), nullable=True),
        sa.Column(
            "created_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_why", sa.Text(), nullable=True),
        sa.CheckConstraint("kind in ('session', 'token')", name=op.f("sign_ins_kind_check")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["app.users.tenant_id", "app.users.user_id"],
            name=op.f("sign_ins_tenant_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenants.tenant_id"], name=op.f("sign_ins_tenant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("sign_in_id", name=op.f("sign_ins_pkey")),
        sa.UniqueConstraint("tenant_id", "sign_in_id", name=op.f("sign_ins_tenant_id_sign_in_id_key")),
        schema="app",
    )
    op.create_index("sign_ins_user_id", "sign_ins", ["user_id"], unique=False, schema="app")
    op.create_table(
        "refresh_tokens",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("token_id", sa.UUID(), nullable=False),
        sa.Column("sign_in_id", sa.UUID(), nullable=False),
        sa.Column("secret_hash", postgresql.BYTEA(), nullable=False),
        sa.Column(
            "issued_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("used_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sign_in_id"],
            ["app.sign_ins.tenant_id", "app.sign_ins.sign_in_id"],
            name=op.f("refresh_tokens_tenant_id_sign_in_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenants.tenant_id"], name=op.f("refresh_tokens_tenant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("token_id", name=op.f("refresh_tokens_pkey")),
        schema="app",
        info={"is_audited": False},
    )
    op.create_index("refresh_tokens_sign_in_id", "refresh_tokens", ["sign_in_id"], unique=False, schema="app")
