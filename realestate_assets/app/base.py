"""What all models of `app` and `work` have in common: one metadata, names of constraints, a tenant.

A table says in `info` what the service's role may do with it where that is less than everything (`grants`),
and that its rows belong to no tenant (`is_shared`), which only a table of `work` may.
"""

import uuid
from datetime import datetime
from typing import Annotated, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

APP_SCHEMA = "app"
WORK_SCHEMA = "work"

Moment = Annotated[datetime, mapped_column(postgresql.TIMESTAMP(timezone=True))]
# Set by the database as a row comes.
Made = Annotated[
    datetime, mapped_column(postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"))
]


class Base(DeclarativeBase):
    """Base of every model."""

    metadata = sa.MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "ix": "%(table_name)s_%(column_0_N_name)s",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "ck": "%(table_name)s_%(constraint_name)s_check",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        uuid.UUID: postgresql.UUID(as_uuid=True),
        str: sa.Text(),
        bytes: postgresql.BYTEA(),
        int: sa.BigInteger(),
        list[str]: postgresql.ARRAY(sa.Text()),
        dict[str, Any]: postgresql.JSONB(),
    }


def new_id() -> uuid.UUID:
    """A random id: it tells nothing of how many there are."""
    return uuid.uuid4()


class OfTenant:
    """A row that belongs to one tenant; the tenant goes only once nothing of it is left."""

    tenant_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey(f"{APP_SCHEMA}.tenants.tenant_id"), sort_order=-1
    )


def of_user(column: str = "user_id", ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    """A reference to a user of the row's own tenant: the database refuses another tenant's."""
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{APP_SCHEMA}.users.tenant_id", f"{APP_SCHEMA}.users.user_id"],
        ondelete=ondelete,
    )
