"""Leakage check: a warning where a county's own feature tells the price of the sale it is given for."""

import dagster as dg

from realestate_assets.checks.declare import quality_check
from realestate_assets.checks.scope import partitions_of
from realestate_assets.domain.core.months import add_months
from realestate_assets.domain.sales.validity import VALID
from realestate_assets.domain.valuation.history import HISTORY_MONTHS
from realestate_assets.domain.valuation.leakage import SUSPICIOUS, telling_features
from resources.partition import PARTITION_ROWS, partitions_json
from resources.readable import shown
from resources.warehouse.resource import WarehouseResource

SALES_SQL = f"""
select county, is_simulated, extra_features, sale_price_usd, living_area_sqft
from marts.features
where county in (select p.county from {PARTITION_ROWS}) and month between $2 and $3
  and extra_features is not null and sale_price_usd is not null and sale_validity = $4
"""


@quality_check(
    asset="valuation_models",
    additional_deps=["features"],
    description="No extra feature of a county tells the price (rank correlation with it of 0.98 at most).",
)
def extra_features_do_not_tell_the_price(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    """Numeric extra features by county whose order is that of the prices."""
    partitions = partitions_of(context)
    months = [month for _, month in partitions]
    bound = (partitions_json(partitions), add_months(min(months), -HISTORY_MONTHS), max(months), VALID)
    sales = warehouse.read(SALES_SQL, bound).to_pandas()
    telling = {
        str(county): found
        for (county, _), own in sales.groupby(["county", "is_simulated"])
        if (found := telling_features(own))
    }
    return dg.AssetCheckResult(
        passed=not telling,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "sales": len(sales),
            **shown("telling", telling),
            "at_most": SUSPICIOUS,
            "remedy": "Take the feature out of the county's YAML unless it was known before the sale.",
        },
    )


def leakage_checks() -> list[dg.AssetChecksDefinition]:
    """The checks of this module."""
    return [extra_features_do_not_tell_the_price]
