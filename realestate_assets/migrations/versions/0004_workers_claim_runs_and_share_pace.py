"""Workers claim runs, and share pace and breaker of each API."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """What is added; what nobody reads any more is taken away by the next version."""
    op.create_table(
        "api_states",
        sa.Column("api", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("base_url", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("next_at", postgresql.TIMESTAMP(timezone=True), autoincrement=False, nullable=False),
        sa.Column("failures", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("opened_at", postgresql.TIMESTAMP(timezone=True), autoincrement=False, nullable=True),
        sa.Column("trial_at", postgresql.TIMESTAMP(timezone=True), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("api", "base_url"),
        schema="ops",
    )
    op.create_table(
        "run_claims",
        sa.Column("run_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("worker", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("claimed_at", postgresql.TIMESTAMP(timezone=True), autoincrement=False, nullable=False),
        sa.Column("beat_at", postgresql.TIMESTAMP(timezone=True), autoincrement=False, nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("run_id"),
        schema="ops",
    )
    op.create_index("run_claims_beat_at", "run_claims", ["beat_at"], unique=False, schema="ops")
