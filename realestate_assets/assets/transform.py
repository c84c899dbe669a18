"""The dbt models as assets: those that lead to features, and the marts that need scores and memos.

They part at features because the valuation stands in between. SQL, tests and documentation: dbt_project.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from realestate_assets.assets import declare
from realestate_assets.assets.check_journal import note_check_results
from realestate_assets.dbt.build import dbt_build
from realestate_assets.dbt.dagster_dbt_light import DbtCliResource
from realestate_assets.dbt.project import dbt_manifest, selections
from resources.warehouse.resource import WarehouseResource

TRANSFORM, MARTS = selections(dbt_manifest())


@declare.dbt_models(select=TRANSFORM)
def dbt_transform(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, warehouse: WarehouseResource
) -> Iterator[Any]:
    """Features, with the staging and intermediate models they are made from."""
    yield from dbt_build(context, dbt, warehouse)


@declare.dbt_models(select=MARTS)
def dbt_marts(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, warehouse: WarehouseResource
) -> Iterator[Any]:
    """What analysts read: deals, trends, data quality, throughput, score history."""
    if context.selected_asset_keys:
        note_check_results(context, warehouse)
    yield from dbt_build(context, dbt, warehouse)
