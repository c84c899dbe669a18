"""The tables as they stood when their history began; older ones are brought there, row by row as they are."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

FILES = ("0001_raw.sql", "0001_ops.sql", "0001_older_tables.sql")


def upgrade() -> None:
    """Make what is not there, then give older tables what they lack."""
    for name in FILES:
        statements = Path(__file__).with_name(name).read_text(encoding="utf-8")
        op.get_bind().exec_driver_sql(statements)
