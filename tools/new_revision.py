"""Writes the next revision of the tables' history: what specs and models say and its last revision does not.

Run it after a change of `domain/tables`, `resources/ops_tables.py` or `app/`, then read what it wrote. It
brings a new database to the last revision and compares, so that it needs no data of anyone. With `--check` it
writes nothing and ends with 1 where a revision is missing.
"""

import argparse
import re
import sys
import tempfile
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext

from realestate_assets.app import tables as app
from realestate_assets.operations.migrate import SPECS
from resources.warehouse import embedded, migration
from resources.warehouse.table_metadata import add_tables

HISTORY = "realestate_assets:migrations"
SCHEMAS = {spec.schema for spec in SPECS} | set(app.SCHEMAS)
TEMPLATE = '''"""{message}"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = {revision!r}
down_revision = {before!r}


def upgrade() -> None:
    """What is added; what nobody reads any more is taken away by the next version."""
    {body}
'''


def differences(url: str) -> str:
    """Code that brings a database at its last revision to specs and models; empty where it is there."""
    metadata = app.copied()
    add_tables(SPECS, metadata)
    for table in metadata.tables.values():
        # Descriptions are no history: each upgrade brings them to those of the code.
        table.comment = None
        for column in table.columns:
            column.comment = None
    wanted = {table.fullname for table in metadata.tables.values()}

    def is_ours(found: sa.Table, name: str | None, kind: str, reflected: bool, other: object) -> bool:
        return not (kind == "table" and reflected and f"{found.schema}.{name}" not in wanted)

    options = {
        "include_schemas": True,
        "include_name": lambda name, kind, parents: kind != "schema" or name in SCHEMAS,
        "include_object": is_ours,
        "compare_type": True,
        "compare_server_default": True,
        "version_table_schema": migration.VERSION_SCHEMA,
    }
    with migration.engine(url).connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        operations = produce_migrations(context, metadata).upgrade_ops
    if operations is None:
        return ""
    operations.ops = [each for each in map(_expanding, operations.ops) if each is not None]
    if operations.is_empty():
        return ""
    return "".join(
        line
        for line in render_python_code(operations, migration_context=context).splitlines(keepends=True)
        if "###" not in line
    ).strip()


def _expanding(operation: ops.MigrateOperation) -> ops.MigrateOperation | None:
    """What adds; of what is no longer said, that nobody need fill it: it goes with a later version."""
    if isinstance(operation, ops.ModifyTableOps):
        operation.ops = [each for each in map(_expanding, operation.ops) if each is not None]
        return None if operation.is_empty() else operation
    if isinstance(operation, ops.DropColumnOp):
        column = operation.to_column()
        if column.nullable:
            return None
        return ops.AlterColumnOp(
            operation.table_name,
            column.name,
            schema=operation.schema,
            existing_type=column.type,
            modify_nullable=True,
        )
    return None if isinstance(operation, ops.DropTableOp | ops.DropIndexOp) else operation


def main() -> int:
    """Compare, and write the revision."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("message", nargs="?", help="what changes, in a sentence")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where one is missing")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "postgres"
        url = embedded.server_uri(root, "revision")
        try:
            migration.upgrade(url, HISTORY)
            before = migration.newest(HISTORY)
            code = differences(url)
        finally:
            embedded.leave(root)
    if not code:
        print(f"The history ends where specs and models are, with {before}.")
        return 0
    if chosen.check or not chosen.message:
        print("The history lacks a revision: run python tools/new_revision.py 'what changes'. It would be:")
        print(code)
        return 1
    number = f"{int(before) + 1:04d}"
    name = re.sub(r"[^a-z0-9]+", "_", chosen.message.lower()).strip("_")[:40]
    path = migration.versions_folder(HISTORY) / f"{number}_{name}.py"
    path.write_text(
        TEMPLATE.format(message=chosen.message, revision=number, before=before, body=code), encoding="utf-8"
    )
    print(f"Written: {path}. Read it, format it (ruff), and run the tests of migrations.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
