"""The weekly job that removes what is older than retention.yaml says, after it has told what that is."""

from datetime import UTC, datetime

import dagster as dg

from realestate_assets.operations.retention.keep import Retention
from realestate_assets.operations.retention.rules import retention_rules
from realestate_assets.settings import get_settings
from resources.lake.store import StoreResource
from resources.warehouse.resource import WarehouseResource


@dg.op(description="Tell what is older than retention.yaml says, then remove it.")
def clean_up(
    context: dg.OpExecutionContext,
    warehouse: WarehouseResource,
    lake: StoreResource,
    landing: StoreResource,
    reference: StoreResource,
) -> None:
    """Report, then remove."""
    rules = retention_rules(get_settings().county_config_dir)
    retention = Retention(rules, context.instance, warehouse, lake, landing, reference)
    now = datetime.now(UTC)
    for each in retention.carry_out(now, apply=False):
        context.log.info(f"{each.kind}: {each.found.count:,} older than {each.keep_days or 'any'} days")
    removed = {each.kind: each.found for each in retention.carry_out(now, apply=True)}
    context.add_output_metadata(
        {f"{kind}_removed": found.count for kind, found in removed.items()}
        | {"bytes": sum(found.bytes for found in removed.values())}
    )


@dg.job(description="Remove what is older than retention.yaml says.")
def housekeeping() -> None:
    """One step."""
    clean_up()
