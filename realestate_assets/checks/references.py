"""Blocking checks that rows point at something: no fact, comparable or memo of an unknown property."""

import dagster as dg

from realestate_assets.checks.declare import quality_check
from realestate_assets.checks.rules import MAX_OFFENDERS
from realestate_assets.checks.scope import partitions_of
from resources.partition import IN_PARTITIONS, Partition, partitions_json
from resources.readable import shown
from resources.warehouse.resource import WarehouseResource

# A comparable is an earlier sale: its property stands in some month of the county, not in this one.
OF_THE_COUNTY = "p.county = t.county and p.property_id = t.{column}"
OF_THE_PARTITION = OF_THE_COUNTY + " and p.month = t.month"

# Check -> asset, its table, column, what it must be found in, and where.
REFERENCES: dict[str, tuple[str, str, str, str, str]] = {
    "facts_are_of_known_properties": (
        "enrichment_facts", "raw.enrichment_facts", "property_id", "raw.properties", OF_THE_PARTITION,
    ),
    "verdicts_are_on_known_properties": (
        "sale_validity", "raw.sale_validity", "property_id", "raw.properties", OF_THE_PARTITION,
    ),
    "comparables_are_for_known_properties": (
        "comparables", "raw.comparables", "property_id", "raw.properties", OF_THE_PARTITION,
    ),
    "comparables_are_known_properties": (
        "comparables", "raw.comparables", "comp_property_id", "raw.properties", OF_THE_COUNTY,
    ),
    "memos_are_about_scored_properties": (
        "memos", "raw.memos", "property_id", "raw.scores", OF_THE_PARTITION,
    ),
}  # fmt: skip


def dangling(warehouse: WarehouseResource, name: str, partitions: list[Partition]) -> list[dict]:
    """Rows that point at nothing, by id with their number, at most MAX_OFFENDERS ids.

    Args:
        warehouse: the warehouse.
        name: a check of REFERENCES.
        partitions: the partitions looked at.
    """
    _, table, column, target, where = REFERENCES[name]
    sql = f"""
        select t.county, t.month, t.{column} as id, count(*) as rows
        from (select county, month, {column} from {table} where {IN_PARTITIONS}) as t
        where not exists (select 1 from {target} as p where {where.format(column=column)})
        group by 1, 2, 3 order by 1, 2, 3 limit {MAX_OFFENDERS}
    """
    return warehouse.read(sql, (partitions_json(partitions),)).to_pylist()


def build_reference_check(name: str) -> dg.AssetChecksDefinition:
    """A blocking check of one entry of REFERENCES."""
    asset, table, column, target, _ = REFERENCES[name]

    @quality_check(
        asset=asset,
        name=name,
        blocking=True,
        additional_deps=[target.partition(".")[2]],
        description=f"Each {column} of {table} stands in {target}.",
    )
    def check(context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource) -> dg.AssetCheckResult:
        found = dangling(warehouse, name, partitions_of(context))
        return dg.AssetCheckResult(passed=not found, metadata=shown("dangling", found))

    return check


def reference_checks() -> list[dg.AssetChecksDefinition]:
    """The checks of this module."""
    return [build_reference_check(name) for name in REFERENCES]
