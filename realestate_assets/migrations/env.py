"""Alembic runs this file: revisions go over the connection that `resources.warehouse.migration` hands in."""

from alembic import context

from resources.warehouse.migration import VERSION_SCHEMA

context.configure(connection=context.config.attributes["connection"], version_table_schema=VERSION_SCHEMA)
with context.begin_transaction():
    context.run_migrations()
