"""Every table of `app` and `work`: importing it has imported all models."""

import sqlalchemy as sa
from sqlalchemy.schema import CreateSchema

from realestate_assets.app import (
    archive,
    audit,
    corrections,
    events,
    identities,
    imports,
    keys,
    links,
    mails,
    notes,
    people,
    requests,
    searches,
    sign_ins,
    suppression,
    teams,
    tenants,
    usage,
)
from realestate_assets.app.base import APP_SCHEMA, WORK_SCHEMA, Base

MODULES = (
    tenants,
    people,
    sign_ins,
    identities,
    keys,
    audit,
    requests,
    events,
    searches,
    notes,
    teams,
    usage,
    archive,
    links,
    mails,
    corrections,
    suppression,
    imports,
)
METADATA = Base.metadata
SCHEMAS = (APP_SCHEMA, WORK_SCHEMA)


def copied() -> sa.MetaData:
    """The tables in a metadata of their own, which may be changed."""
    copy = sa.MetaData(naming_convention=METADATA.naming_convention)
    for table in METADATA.sorted_tables:
        table.to_metadata(copy)
    return copy


def make_tables(url: str) -> None:
    """Make the tables that are missing as the models say, in a database that has no history of its own."""
    # Imports Alembic, which the models need not.
    from resources.warehouse import migration

    with migration.readable(url), migration.engine(url).begin() as connection:
        for schema in SCHEMAS:
            connection.execute(CreateSchema(schema, if_not_exists=True))
        METADATA.create_all(connection)
