"""The tables brought to the version of the code, by the history under `realestate_assets/migrations`."""

from collections.abc import Callable, Mapping
from typing import Any

from realestate_assets.app.prepare import prepare
from realestate_assets.domain.tables import TABLES
from realestate_assets.domain.tables.ops import OPS_TABLES
from realestate_assets.operations.layout import NewerLakeError, bring_layout
from resources.errors import RealEstateError
from resources.warehouse import migration
from resources.warehouse.migration import Upgrade
from resources.warehouse.warehouse import Warehouse

# Every table that is not dbt's.
SPECS = (*TABLES.values(), *OPS_TABLES.values())


def migrate(warehouse: Warehouse) -> Upgrade:
    """Bring the tables to the last revision, and what the service needs of them; safe while others work.

    Raises:
        TransientError: a table was in use for too long, or the server is away: nothing was changed.
    """
    done = warehouse.migrate(SPECS)
    prepare(warehouse.database_url())
    return done


def bring_up_to_date(resources: Mapping[str, Any], say: Callable[[str], None]) -> Upgrade:
    """Bring tables, lake and vector index to this version; what that did to the tables.

    Raises:
        TransientError: a table was in use for too long, or a service is away.
        PermanentError: a newer version wrote the lake.
    """
    lake, warehouse = resources["lake"], resources["warehouse"]
    # The lake first: what a newer version wrote is left alone before anything is changed.
    try:
        bring_layout(lake, lambda: _reindex(resources, say))
    except NewerLakeError:
        raise
    except RealEstateError as error:
        # A run that needs the lake fails where everyone sees it and is told; here nobody would be.
        say(f"The layout of the lake was not looked at: {error}")
    return migrate(warehouse)


def _reindex(resources: Mapping[str, Any], say: Callable[[str], None]) -> int:
    # What it reads and writes with takes long to import, and layouts change seldom.
    from realestate_assets.operations.reindex import reindex

    return reindex(resources["lake"], resources["warehouse"], resources["vector_index"], say)


def in_words(done: Upgrade, newest: str) -> str:
    """What an upgrade did, as a sentence."""
    if done.is_change:
        return f"Tables upgraded from {done.found or 'no version'} to {done.left}."
    if done.left != newest:
        return (
            f"Tables are at version {done.left}, which this installation (version {newest}) does not know: "
            "a newer one upgraded them. They are left alone."
        )
    return f"Tables are at version {done.left}: nothing to do."


def behind(found: str | None, newest: str) -> str:
    """That tables are of an older version, and what to do."""
    where = f"at version {found}" if found else "without a version"
    return f"Tables are {where}, the last is {newest}: run `realestate migrate`."


def newest(warehouse: Warehouse) -> str:
    """Last version that this installation knows."""
    return migration.newest(warehouse.migrations)


def version(warehouse: Warehouse) -> tuple[str | None, str]:
    """Version of the database's tables, None before the first upgrade, and the last one known."""
    return warehouse.revision(), newest(warehouse)
