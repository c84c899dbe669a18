"""People and tenants have their tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """What is added; what nobody reads any more is taken away by the next version."""
    for schema in ("app", "work"):
        op.execute(f"create schema if not exists {schema}")
    op.create_table(
        "tenants",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), server_default="free", nullable=False),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("is_operator", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("allows_registration", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "created_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "updated_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint("plan in ('free', 'professional', 'enterprise')", name=op.f("tenants_plan_check")),
        sa.CheckConstraint("state in ('active', 'suspended')", name=op.f("tenants_state_check")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("tenants_pkey")),
        sa.UniqueConstraint("slug", name=op.f("tenants_slug_key")),
        schema="app",
    )
    op.create_table(
        "county_entitlements",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column(
            "granted_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenants.tenant_id"], name=op.f("county_entitlements_tenant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "county", name=op.f("county_entitlements_pkey")),
        schema="app",
    )
    op.create_table(
        "users",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("email_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("email_sealed", postgresql.BYTEA(), nullable=False),
        sa.Column("name_sealed", postgresql.BYTEA(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("failed_logins", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("locked_until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column(
            "valid_from", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("last_login_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column(
            "created_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "updated_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint(
            "state in ('active', 'invited', 'disabled', 'deleted')", name=op.f("users_state_check")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["app.tenants.tenant_id"], name=op.f("users_tenant_id_fkey")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("users_pkey")),
        sa.UniqueConstraint("tenant_id", "email_hash", name=op.f("users_tenant_id_email_hash_key")),
        sa.UniqueConstraint("tenant_id", "user_id", name=op.f("users_tenant_id_user_id_key")),
        schema="app",
    )
    op.create_index("users_email_hash", "users", ["email_hash"], unique=False, schema="app")
    op.create_table(
        "memberships",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "created_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "updated_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["app.users.tenant_id", "app.users.user_id"],
            name=op.f("memberships_tenant_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenants.tenant_id"], name=op.f("memberships_tenant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", name=op.f("memberships_pkey")),
        schema="app",
    )
    op.create_table(
        "person_keys",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("key_sealed", postgresql.BYTEA(), nullable=False),
        sa.Column(
            "created_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["app.users.tenant_id", "app.users.user_id"],
            name=op.f("person_keys_tenant_id_person_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenants.tenant_id"], name=op.f("person_keys_tenant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("person_keys_pkey")),
        schema="app",
    )
