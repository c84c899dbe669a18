"""Blocking checks that nothing was lost: what went in and what came out add up, partition by partition."""

from collections.abc import Mapping

import dagster as dg
import pyarrow.compute as pc
import pyarrow.parquet as pq

from realestate_assets.checks.declare import quality_check
from realestate_assets.checks.scope import partitions_of
from realestate_assets.domain.tables import RENTS
from resources.lake.files import Store, partition_file
from resources.lake.store import StoreResource
from resources.partition import IN_PARTITIONS, Partition, partitions_json
from resources.readable import blamed, shown
from resources.warehouse.resource import WarehouseResource

# One row a partition and source: what the files sent and delivered, and what became of it.
INTAKE_SQL = f"""
with files as (
    select
        county, month, source,
        sum(file_rows) as sent,
        sum(coalesce(file_offers, 0)) as offers,
        sum(rows_received) as delivered,
        -- Rows written before these were kept: all but those of the partition were of other months.
        sum(coalesce(rows_of_other_months, file_rows - rows_received)) as of_other_months,
        sum(coalesce(rows_undated, 0)) as undated
    from raw.source_files where {IN_PARTITIONS} group by county, month, source
),
accepted as (
    select county, month, source, count(*) as accepted
    from (
        select county, month, source from raw.properties where {IN_PARTITIONS}
        union all
        select county, month, source from raw.rents where {IN_PARTITIONS}
    ) as taken
    group by county, month, source
),
refused as (
    select
        county, month, source,
        count(*) filter (where disposition = 'duplicate') as duplicates,
        count(*) filter (where disposition = 'rejected') as rejected
    from raw.property_rejects where {IN_PARTITIONS} group by county, month, source
)
select
    county, month, source,
    coalesce(sent, 0)::bigint as sent,
    coalesce(offers, 0)::bigint as offers,
    coalesce(delivered, 0)::bigint as delivered,
    coalesce(of_other_months, 0)::bigint as of_other_months,
    coalesce(undated, 0)::bigint as undated,
    coalesce(accepted, 0)::bigint as accepted,
    coalesce(duplicates, 0)::bigint as duplicates,
    coalesce(rejected, 0)::bigint as rejected
from files
full join accepted using (county, month, source)
full join refused using (county, month, source)
order by county, month, source
"""
# What files send: rows, and of rows that tell of a sale and of its listing the offers too.
SENT = ("sent", "offers")
# Where a row that was sent may stand; what stands in none of them was lost.
PLACES = ("accepted", "duplicates", "rejected", "of_other_months", "undated")


def lake_row_counts(lake: Store, asset: str, partitions: list[Partition]) -> dict[Partition, int]:
    """Rows of a lake asset per partition, from the Parquet footers alone; a missing file counts as 0."""
    counts = {}
    for partition in partitions:
        path = partition_file(asset, partition)
        counts[partition] = (
            pq.read_metadata(lake.path(path), filesystem=lake.filesystem).num_rows if lake.exists(path) else 0
        )
    return counts


def raw_rows_by_source(lake: StoreResource, partitions: list[Partition]) -> dict[tuple[Partition, str], int]:
    """Rows of raw_listings per partition and source; a missing file has none."""
    counts = {}
    for partition in partitions:
        path = partition_file("raw_listings", partition)
        if lake.exists(path):
            found = pq.read_table(lake.path(path), filesystem=lake.filesystem, columns=["_source"])
            for each in pc.value_counts(found["_source"]).to_pylist():
                counts[partition, each["values"]] = each["counts"]
    return counts


def counts_that_differ(received: Mapping[tuple[Partition, str], int], intake: list[dict]) -> list[dict]:
    """Partitions and sources whose rows do not add up.

    Rows of the lake, rows that files delivered, and accepted + duplicates + rejected are one number; with
    those of other months and the undated they are all that was sent.

    Args:
        received: rows of raw_listings.
        intake: rows of INTAKE_SQL.
    """
    told = {(Partition.of(row), row["source"]): row for row in intake}
    faults = []
    for partition, source in sorted(received.keys() | told.keys()):
        rows, row = received.get((partition, source), 0), told.get((partition, source))
        counts = dict(row) if row else dict.fromkeys((*SENT, "delivered", *PLACES), 0)
        accounted = counts["accepted"] + counts["duplicates"] + counts["rejected"]
        lost = sum(counts[part] for part in SENT) - sum(counts[place] for place in PLACES)
        if lost or not rows == counts["delivered"] == accounted:
            told_of = {**partition.columns, "source": source, "received": rows, "accounted": accounted}
            faults.append({**told_of, "lost": lost} | {k: counts[k] for k in (*SENT, "delivered", *PLACES)})
    return faults


@quality_check(
    asset="properties",
    blocking=True,
    additional_deps=["raw_listings", "source_files", "property_rejects", "rents"],
    description="In every partition and source, rows sent + offers that they tell of = accepted + duplicates "
    "+ rejected + of other months + undated; no row is lost.",
)
def received_rows_add_up(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource, lake: StoreResource
) -> dg.AssetCheckResult:
    """Compare three independent counts: the lake's files, the file manifest, and the warehouse tables."""
    partitions = partitions_of(context)
    received = raw_rows_by_source(lake, partitions)
    # A warehouse from before rents were kept has no such table yet.
    warehouse.ensure_tables([RENTS])
    intake = warehouse.read(INTAKE_SQL, (partitions_json(partitions),)).to_pylist()
    faults = counts_that_differ(received, intake)
    return dg.AssetCheckResult(
        passed=not faults,
        metadata={
            **{part: sum(row[part] for row in intake) for part in SENT},
            "received": sum(received.values()),
            **{place: sum(row[place] for row in intake) for place in PLACES},
            **shown("partitions_that_differ", faults),
            **blamed(Partition.of(row).key for row in faults),
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
        faults = unmatched_properties(warehouse, table, partitions_of(context))
        return dg.AssetCheckResult(passed=not faults, metadata=shown("unmatched", faults))

    return has_one_row_per_property


ONE_ROW_TABLES = {
    "enrichments": "raw.enrichments",
    "owner_signals": "raw.owner_signals",
    "nearby_sales": "raw.nearby_sales",
    "features": "marts.features",
    "rent_estimates": "raw.rent_estimates",
    "scores": "raw.scores",
}


def count_checks() -> list[dg.AssetChecksDefinition]:
    """The checks of this module."""
    return [received_rows_add_up, *(build_one_row_check(a, t) for a, t in ONE_ROW_TABLES.items())]
