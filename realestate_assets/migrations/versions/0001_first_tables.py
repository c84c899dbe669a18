"""The tables as they stood when their history began; older ones are brought there, row by row as they are.

The statements lie beside this file and make what is not there. A table that is there gets the columns it
lacks, before the indexes over them are made; columns that are no longer known need not be filled.
"""

import re
from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

FILES = ("0001_raw.sql", "0001_ops.sql")
TABLE = re.compile(r"create table if not exists (?P<name>[a-z_.]+) \((?P<body>.*)\)$", re.S)
# A column stands in a line of its own, and so does the key.
COLUMN = re.compile(r"^    (?!primary key)(?P<name>[a-z_0-9]+) .*?(?=,?$)", re.M)
# Known of before, and unknown of homes without coordinates since.
MAY_BE_NULL = ("alter table raw.comparables alter column distance_mi drop not null",)
REQUIRED_SQL = """
select column_name from information_schema.columns
where table_schema || '.' || table_name = %(table)s and is_nullable = 'NO'
"""


def upgrade() -> None:
    """Make what is not there, and give older tables what they lack."""
    run = op.get_bind().exec_driver_sql
    for name in FILES:
        for statement in Path(__file__).with_name(name).read_text(encoding="utf-8").split(";\n"):
            if not statement.strip():
                continue
            run(statement)
            if table := TABLE.match(statement):
                columns = list(COLUMN.finditer(table["body"]))
                added = ", ".join(f"add column if not exists {each[0].strip()}" for each in columns)
                run(f"alter table {table['name']} {added}")
                required = run(REQUIRED_SQL, {"table": table["name"]}).scalars()
                for extra in set(required) - {each["name"] for each in columns}:
                    run(f'alter table {table["name"]} alter column "{extra}" drop not null')
    for statement in MAY_BE_NULL:
        run(statement)
