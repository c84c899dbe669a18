"""One database for the HTTP tests of a module: making one takes longer than most of the tests."""

import pytest

from resources.http.tables import PROVIDER_TABLES, ensure_provider_tables
from resources.warehouse.resource import WarehouseResource


@pytest.fixture
def warehouse(module_warehouse: WarehouseResource) -> WarehouseResource:
    """A warehouse with an empty ledger and an empty cache."""
    ensure_provider_tables(module_warehouse)
    module_warehouse.execute(f"truncate {', '.join(f'ops.{table}' for table in PROVIDER_TABLES)}")
    return module_warehouse
