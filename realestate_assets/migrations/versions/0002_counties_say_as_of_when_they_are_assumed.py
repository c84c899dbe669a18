"""Counties say as of which month their rates are assumed. `heat` is no longer read, and goes later."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """What is added; what nobody reads any more is taken away by the next version."""
    op.add_column(
        "counties", sa.Column("as_of_month", sa.Text(), autoincrement=False, nullable=True), schema="ops"
    )
    op.add_column(
        "counties",
        sa.Column("allow_later_vintage", sa.Boolean(), autoincrement=False, nullable=True),
        schema="ops",
    )
