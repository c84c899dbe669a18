"""Alerts know whether they last, whom they concern and what was told of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """What is added; what nobody reads any more is taken away by the next version."""
    op.add_column(
        "alerts", sa.Column("severity", sa.Text(), autoincrement=False, nullable=True), schema="ops"
    )
    op.add_column("alerts", sa.Column("owners", sa.Text(), autoincrement=False, nullable=True), schema="ops")
    op.add_column(
        "alerts", sa.Column("counties", sa.Text(), autoincrement=False, nullable=True), schema="ops"
    )
    op.add_column("alerts", sa.Column("body", sa.Text(), autoincrement=False, nullable=True), schema="ops")
    op.add_column("alerts", sa.Column("link", sa.Text(), autoincrement=False, nullable=True), schema="ops")
    op.add_column(
        "alerts", sa.Column("occurrence", sa.Text(), autoincrement=False, nullable=True), schema="ops"
    )
    op.add_column("alerts", sa.Column("subject", sa.Text(), autoincrement=False, nullable=True), schema="ops")
    op.add_column(
        "alerts",
        sa.Column("hold_until", postgresql.TIMESTAMP(timezone=True), autoincrement=False, nullable=True),
        schema="ops",
    )
    op.add_column(
        "alerts", sa.Column("ended_by", sa.Text(), autoincrement=False, nullable=True), schema="ops"
    )
    op.add_column("alerts", sa.Column("told", sa.Text(), autoincrement=False, nullable=True), schema="ops")
    op.add_column(
        "alerts", sa.Column("being_told", sa.Text(), autoincrement=False, nullable=True), schema="ops"
    )
    op.add_column(
        "alerts", sa.Column("is_settled", sa.Boolean(), autoincrement=False, nullable=True), schema="ops"
    )

    # Until now these had no end, and nobody can say which of them last: what does is found and told anew.
    op.execute(
        "update ops.alerts set closed_at = now(), ended_by = 'not followed before this version' "
        "where closed_at is null and (starts_with(key, 'run:') or starts_with(key, 'check:') "
        "or starts_with(key, 'unfit:'))"
    )
