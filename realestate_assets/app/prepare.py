"""All that the service needs of a database beside its tables: role, policies, grants, functions, views.

Repeatable; run after each upgrade of the tables and at the service's start, as the owner of the tables.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from realestate_assets.app.audit import ensure_audit
from realestate_assets.app.erasure import ensure_erasure
from realestate_assets.app.owner_functions import ensure_owner_functions
from realestate_assets.app.row_security import ensure_row_security
from realestate_assets.app.served import ensure_served
from realestate_assets.app.service_role import (
    BY_ADMINISTRATOR,
    ROLE,
    ServiceRoleState,
    ensure_grants,
    ensure_service_role,
)
from realestate_assets.app.tables import METADATA
from resources.warehouse import migration

# One at a time in a database: catalogue rows that two change at once are an error.
LOCK = "realestate:service"


@dataclass(frozen=True)
class Prepared:
    """How the service's role is, and which views were made."""

    role: ServiceRoleState
    views: tuple[str, ...] = ()

    @property
    def lack(self) -> str | None:
        """What an administrator has to do, None where there is nothing."""
        if self.role.exists:
            return None
        return (
            f"The database has no role {ROLE}, and this database user may not create it. "
            f"An administrator runs: {BY_ADMINISTRATOR}"
        )


def prepare(url: str, password: str | None = None) -> Prepared:
    """Bring role, policies, grants, functions and views to what the code says.

    Args:
        url: the database, as the owner of its tables.
        password: of the service's role, where it is ours to set.

    Raises:
        RealEstateError: the database is away or refuses.
    """
    with migration.readable(url), migration.engine(url).begin() as connection:
        connection.execute(sa.text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": LOCK})
        role = ensure_service_role(connection, password)
        # Also without the role: nobody else sees a tenant's rows by chance.
        ensure_row_security(connection, METADATA)
        if not role.exists:
            return Prepared(role)
        ensure_grants(connection, METADATA)
        ensure_audit(connection, METADATA)
        ensure_owner_functions(connection)
        ensure_erasure(connection)
        return Prepared(role, tuple(ensure_served(connection)))


def make_views(url: str) -> tuple[str, ...]:
    """Make the views of the market anew where they are missing: a dbt build may have dropped them."""
    with migration.readable(url), migration.engine(url).begin() as connection:
        return tuple(ensure_served(connection))
