"""The warehouse as a resource of Dagster's; what it does stands in `warehouse`, which needs no Dagster."""

import dagster as dg

from resources.warehouse.warehouse import Warehouse


class WarehouseResource(Warehouse, dg.ConfigurableResource):
    """Postgres by URL, or the embedded one where `url` is empty."""
