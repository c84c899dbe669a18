"""Owners who asked to be forgotten have a list."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """What is added; what nobody reads any more is taken away by the next version."""
    op.create_table(
        "suppressed_owners",
        sa.Column("name_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("key_mark", postgresql.BYTEA(), nullable=False),
        sa.Column("county", sa.Text(), nullable=True),
        sa.Column(
            "since", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("name_hash", name=op.f("suppressed_owners_pkey")),
        schema="work",
        info={"is_shared": True, "grants": ()},
    )
