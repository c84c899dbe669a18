"""Files that people bring have their table."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """What is added; what nobody reads any more is taken away by the next version."""
    op.create_table(
        "file_imports",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("import_id", sa.UUID(), nullable=False),
        sa.Column("landed_by", sa.UUID(), nullable=False),
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column(
            "landed_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenants.tenant_id"], name=op.f("file_imports_tenant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("import_id", name=op.f("file_imports_pkey")),
        sa.UniqueConstraint("path", name=op.f("file_imports_path_key")),
        schema="app",
    )
    op.create_index(
        "file_imports_tenant_id_landed_at",
        "file_imports",
        ["tenant_id", "landed_at"],
        unique=False,
        schema="app",
    )
