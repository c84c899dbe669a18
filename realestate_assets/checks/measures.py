"""Warnings from the measures of mart `data_quality`, which holds their thresholds and their history.

What a measure is and when it fails is said in SQL, where analysts see it: a check here only asks.
"""

import dagster as dg

from realestate_assets.checks.declare import quality_check
from realestate_assets.checks.rules import MAX_OFFENDERS
from realestate_assets.checks.scope import partitions_of
from resources.partition import IN_PARTITIONS, Partition, partitions_json
from resources.readable import blamed, shown
from resources.warehouse.resource import WarehouseResource

# Check -> measure of marts.data_quality, and what it says.
MEASURES: dict[str, tuple[str, str]] = {
    "records_are_complete": ("completeness_pct", "The key fields of a county's records are filled."),
    "few_records_are_nearly_empty": ("nearly_empty_pct", "Few records lack half of the key fields."),
    "prices_are_reasonable": ("price_faults_pct", "Few prices are far off their ZIP, roll or own sale."),
    "volume_is_as_in_the_months_before": ("volume_ratio", "As many rows came as in the months before."),
    "few_rows_are_duplicates": ("duplicates_pct", "Few rows repeat another one."),
}


def failed_measures(warehouse: WarehouseResource, measure: str, partitions: list[Partition]) -> list[dict]:
    """Partitions whose measure is outside its bounds."""
    sql = (
        f"select county, month, metric_value from marts.data_quality where {IN_PARTITIONS} "
        "and metric = $2 and not is_passed order by county, month"
    )
    return warehouse.read(sql, (partitions_json(partitions), measure)).to_pylist()


def build_measure_check(name: str) -> dg.AssetChecksDefinition:
    """A warning of one entry of MEASURES that names the partitions."""
    measure, claim = MEASURES[name]

    @quality_check(asset="data_quality", name=name, description=f"{claim} Measure: {measure}.")
    def check(context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource) -> dg.AssetCheckResult:
        found = failed_measures(warehouse, measure, partitions_of(context))
        return dg.AssetCheckResult(
            passed=not found,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={
                "partitions": len(found),
                **shown("offenders", found[:MAX_OFFENDERS]),
                **blamed(Partition.of(row).key for row in found),
            },
        )

    return check


def measure_checks() -> list[dg.AssetChecksDefinition]:
    """The checks of this module."""
    return [build_measure_check(name) for name in MEASURES]
