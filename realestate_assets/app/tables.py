"""Every table of `app` and `work`: importing it has imported all models."""

import sqlalchemy as sa

from realestate_assets.app import (
    archive,
    audit,
    events,
    keys,
    links,
    mails,
    notes,
    people,
    requests,
    searches,
    sign_ins,
    teams,
    tenants,
    usage,
)
from realestate_assets.app.base import APP_SCHEMA, WORK_SCHEMA, Base

MODULES = (
    tenants,
    people,
    sign_ins,
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
)
METADATA = Base.metadata
SCHEMAS = (APP_SCHEMA, WORK_SCHEMA)


def copied() -> sa.MetaData:
    """The tables in a metadata of their own, which may be changed."""
    copy = sa.MetaData(naming_convention=METADATA.naming_convention)
    for table in METADATA.sorted_tables:
        table.to_metadata(copy)
    return copy
