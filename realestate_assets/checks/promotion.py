"""Check of the promotion: candidates not taken, or taken outside the ranges, are told with reasons."""

import json

import dagster as dg

from realestate_assets.checks.declare import quality_check
from realestate_assets.checks.scope import partitions_of
from realestate_assets.domain.tables.codes import TOLD_DECISIONS
from resources.partition import IN_PARTITIONS, Partition, partitions_json
from resources.readable import blamed
from resources.warehouse.resource import WarehouseResource

DECISIONS_SQL = f"""
select county, month, decision, reasons, candidate_id, champion_id, champion_month, used_id, used_month,
       candidate_metrics, champion_metrics
from raw.model_promotions where {IN_PARTITIONS} order by county, month
"""
JSON_COLUMNS = ("reasons", "candidate_metrics", "champion_metrics")


@quality_check(
    asset="promoted_models",
    additional_deps=["model_promotions"],
    description="Each month's candidate lies within the ranges and holds against the model in use.",
)
def candidates_are_promoted(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    """Months whose candidate was refused, or used although it lies outside a range."""
    bound = (partitions_json(partitions_of(context)),)
    rows = warehouse.read(DECISIONS_SQL, bound).to_pylist()
    listed = [
        row | {name: json.loads(row[name]) for name in JSON_COLUMNS}
        for row in rows
        if row["decision"] in TOLD_DECISIONS
    ]
    why = "\n".join(
        f"- **{r['county']} {r['month']}** {r['decision']}: {' '.join(r['reasons'])}" for r in listed
    )
    return dg.AssetCheckResult(
        passed=not listed,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "decided": len(rows),
            "why": dg.MetadataValue.md(why or "Every candidate was promoted within the ranges."),
            "listed": dg.MetadataValue.json(listed),
            **blamed(Partition.of(row).key for row in listed),
        },
    )


def promotion_checks() -> list[dg.AssetChecksDefinition]:
    """The checks of this module."""
    return [candidates_are_promoted]
