"""One database for the HTTP tests of a module: making one takes longer than most of the tests."""

import pytest

from resources.ops_tables import PROVIDER_TABLES
from resources.warehouse.resource import WarehouseResource


@pytest.fixture
def warehouse(module_warehouse: WarehouseResource) -> WarehouseResource:
    """A warehouse with an empty ledger and an empty cache."""
    module_warehouse.ensure_tables(PROVIDER_TABLES)
    module_warehouse.execute(f"truncate {', '.join(f'ops.{table.name}' for table in PROVIDER_TABLES)}")
    return module_warehouse
