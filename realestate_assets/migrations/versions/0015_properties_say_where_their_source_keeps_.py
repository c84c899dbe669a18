"""Properties say where their source keeps photos."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """What is added; what nobody reads any more is taken away by the next version."""
    op.add_column(
        "properties", sa.Column("photo_urls", sa.Text(), autoincrement=False, nullable=True), schema="raw"
    )
