"""Blocking checks that nothing was lost: what went in and what came out add up, partition by partition."""

from collections.abc import Mapping

import dagster as dg
import pyarrow.parquet as pq

from realestate_assets.checks.declare import quality_check
from resources.lake.io_manager import partition_file
from resources.lake.store import StoreResource
from resources.partition import IN_PARTITIONS, Partition, partitions_json
from resources.readable import shown
from resources.warehouse.resource import WarehouseResource

# One row a partition: what the files delivered, and what became of it.
INTAKE_SQL = f"""
with files as (
    select county, month, sum(rows_received) as delivered
    from raw.source_files where {IN_PARTITIONS} group by county, month
),
accepted as (
    select county, month, count(*) as accepted
    from raw.properties where {IN_PARTITIONS} group by county, month
),
refused as (
    select
        county, month,
        count(*) filter (where disposition = 'duplicate') as duplicates,
        count(*) filter (where disposition = 'rejected') as rejected
    from raw.property_rejects where {IN_PARTITIONS} group by county, month
)
select
    county, month,
    coalesce(delivered, 0)::bigint as delivered,
    coalesce(accepted, 0)::bigint as accepted,
    coalesce(duplicates, 0)::bigint as duplicates,
    coalesce(rejected, 0)::bigint as rejected
from files
full join accepted using (county, month)
full join refused using (county, month)
"""


def lake_row_counts(lake: StoreResource, asset: str, partitions: list[Partition]) -> dict[Partition, int]:
    """Rows of a lake asset per partition, from the Parquet footers alone; a missing file counts as 0."""
    counts = {}
    for partition in partitions:
        path = partition_file(asset, partition)
        counts[partition] = (
            pq.read_metadata(lake.path(path), filesystem=lake.filesystem).num_rows if lake.exists(path) else 0
        )
    return counts


def counts_that_differ(received: Mapping[Partition, int], intake: list[dict]) -> list[dict]:
    """Partitions where received, delivered and accepted + duplicates + rejected are not one number."""
    by_partition = {Partition.of(row): row for row in intake}
    faults = []
    for partition, rows in sorted(received.items()):
        row = by_partition.get(partition, {"delivered": 0, "accepted": 0, "duplicates": 0, "rejected": 0})
        accounted = row["accepted"] + row["duplicates"] + row["rejected"]
        if not rows == row["delivered"] == accounted:
            faults.append(
                {**partition.columns, "received": rows, "accounted": accounted}
                | {k: row[k] for k in ("delivered", "accepted", "duplicates", "rejected")}
            )
    return faults


@quality_check(
    asset="properties",
    blocking=True,
    additional_deps=["raw_listings", "source_files", "property_rejects"],
    description="received = accepted + duplicates + rejected in every partition; no row is lost.",
)
def received_rows_add_up(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource, lake: StoreResource
) -> dg.AssetCheckResult:
    """Compare three independent counts: the lake's files, the file manifest, and the warehouse tables."""
    partitions = Partition.parse_all(context.partition_keys)
    received = lake_row_counts(lake, "raw_listings", partitions)
    intake = warehouse.read(INTAKE_SQL, (partitions_json(partitions),)).to_pylist()
    faults = counts_that_differ(received, intake)
    return dg.AssetCheckResult(
        passed=not faults,
        metadata={
            "received": sum(received.values()),
            "accepted": sum(row["accepted"] for row in intake),
            "duplicates": sum(row["duplicates"] for row in intake),
            "rejected": sum(row["rejected"] for row in intake),
            **shown("partitions_that_differ", faults),
        },
    )


def unmatched_properties(warehouse: WarehouseResource, table: str, partitions: list[Partition]) -> list[dict]:
    """Properties without a row in `table` and rows of `table` without a property, at most ten.

    Args:
        warehouse: the warehouse.
        table: a schema-qualified table name, a constant of this module.
        partitions: the partitions compared.
    """
    sql = f"""
        with p as (select county, month, property_id from raw.properties where {IN_PARTITIONS}),
             t as (select county, month, property_id, 1 as there from {table} where {IN_PARTITIONS})
        select county, month, property_id, case when there is null then 'missing' else 'stray' end as fault
        from (select p.property_id as known, * from p full join t using (county, month, property_id)) as j
        where known is null or there is null
        order by county, month, property_id limit 10
    """
    return warehouse.read(sql, (partitions_json(partitions),)).to_pylist()


def build_one_row_check(asset: str, table: str) -> dg.AssetChecksDefinition:
    """A blocking check that each property has exactly its row in a table keyed by property."""

    @quality_check(
        asset=asset,
        name="has_one_row_per_property",
        blocking=True,
        additional_deps=["properties"],
        description=f"Every property of the partition has a row in {table}, and no row lacks its property.",
    )
    def has_one_row_per_property(
        context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
    ) -> dg.AssetCheckResult:
        faults = unmatched_properties(warehouse, table, Partition.parse_all(context.partition_keys))
        return dg.AssetCheckResult(passed=not faults, metadata=shown("unmatched", faults))

    return has_one_row_per_property


ONE_ROW_TABLES = {
    "enrichments": "raw.enrichments",
    "owner_signals": "raw.owner_signals",
    "nearby_sales": "raw.nearby_sales",
    "features": "marts.features",
    "scores": "raw.scores",
}


def count_checks() -> list[dg.AssetChecksDefinition]:
    """The checks of this module."""
    return [received_rows_add_up, *(build_one_row_check(a, t) for a, t in ONE_ROW_TABLES.items())]
