"""Blocking schema checks: one factory, one check a table, from the same specs that made the table."""

import dagster as dg

from realestate_assets.checks.declare import quality_check
from realestate_assets.checks.rules import broken_rules, layout_faults
from realestate_assets.checks.scope import partitions_of
from realestate_assets.domain.tables import TABLES
from resources.readable import shown
from resources.warehouse.resource import WarehouseResource
from resources.warehouse.table_spec import TableSpec


def build_schema_check(spec: TableSpec) -> dg.AssetChecksDefinition:
    """A blocking check that layout, key, nulls, bounds and codes of a table are what its spec says."""

    @quality_check(
        asset=spec.name,
        name="matches_its_table_spec",
        blocking=True,
        description=f"Columns, key, nulls, bounds and codes of {spec.schema}.{spec.name} are as specified.",
    )
    def matches_its_table_spec(
        context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
    ) -> dg.AssetCheckResult:
        if faults := layout_faults(warehouse, spec):
            return dg.AssetCheckResult(passed=False, metadata=shown("layout", faults))
        rows, violations = broken_rules(warehouse, spec, partitions_of(context))
        return dg.AssetCheckResult(
            passed=not violations,
            metadata={
                "rows": rows,
                **shown(
                    "broken_rules", {v.rule: {"rows": v.rows, "examples": v.examples} for v in violations}
                ),
            },
        )

    return matches_its_table_spec


def schema_checks() -> list[dg.AssetChecksDefinition]:
    """One schema check for each table of the specs."""
    return [build_schema_check(spec) for spec in TABLES.values()]
