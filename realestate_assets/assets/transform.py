"""The dbt models as assets: those that lead to features, and the marts that need scores and memos.

They part there because the valuation stands in between. SQL, tests and documentation are in dbt_project.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource, dbt_assets

from realestate_assets.assets.check_journal import note_check_results
from realestate_assets.dbt.build import dbt_build
from realestate_assets.dbt.project import (
    MARTS_EXCLUDE,
    MARTS_SELECT,
    TRANSFORM_EXCLUDE,
    TRANSFORM_SELECT,
    FlatKeyTranslator,
    dbt_manifest,
    dbt_project,
)
from realestate_assets.partitions import BACKFILL, COUNTY_MONTH
from resources.retries import retried
from resources.warehouse.resource import WarehouseResource

PROJECT = dbt_project()
TRANSLATOR = FlatKeyTranslator()


@dbt_assets(
    manifest=dbt_manifest(),
    select=TRANSFORM_SELECT,
    exclude=TRANSFORM_EXCLUDE,
    project=PROJECT,
    name="dbt_transform",
    pool="dbt",
    partitions_def=COUNTY_MONTH,
    backfill_policy=BACKFILL,
    dagster_dbt_translator=TRANSLATOR,
)
@retried
def dbt_transform(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, warehouse: WarehouseResource
) -> Iterator[Any]:
    """Staging, intermediate and features; reads properties, enrichments and nearby_sales."""
    yield from dbt_build(context, dbt, warehouse)


@dbt_assets(
    manifest=dbt_manifest(),
    select=MARTS_SELECT,
    exclude=MARTS_EXCLUDE,
    project=PROJECT,
    name="dbt_marts",
    pool="dbt",
    partitions_def=COUNTY_MONTH,
    backfill_policy=BACKFILL,
    dagster_dbt_translator=TRANSLATOR,
)
@retried
def dbt_marts(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, warehouse: WarehouseResource
) -> Iterator[Any]:
    """What analysts read: deals, trends, data quality, throughput, score history."""
    if context.selected_asset_keys:
        note_check_results(context, warehouse)
    yield from dbt_build(context, dbt, warehouse)
