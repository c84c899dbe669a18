"""The verdict on every reported sale: whether its price says something about the market, and why not."""

import dagster as dg
import pandas as pd

from realestate_assets.assets import declare
from realestate_assets.assets.valuation import read_history
from realestate_assets.domain.sales.rules import load_sale_rules
from realestate_assets.domain.sales.validity import RECORD_COLUMNS
from realestate_assets.domain.sales.validity import sale_validity as validity_of
from realestate_assets.domain.tables import SALE_VALIDITY
from realestate_assets.extent import get_county
from resources.partition import Partition
from resources.warehouse.resource import WarehouseResource


@declare.asset(
    declare.table(
        SALE_VALIDITY,
        source="properties of the month and of those before; rules in config/sale_validity.yaml",
        caveat="looks back only: of two quick sales the later one is not valid, and what is reported "
        "afterwards changes no verdict. A sale without a row here is not used",
        on_failure="A rule that cannot be read is named with its key in config/sale_validity.yaml. "
        "verdicts_are_on_known_properties lists rows whose property is gone: materialize properties of the "
        "month, then this.",
    ),
    deps=["properties"],
)
def sale_validity(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> pd.DataFrame:
    """Judge the sales of each partition, knowing the records of the months before."""
    partitions = Partition.parse_all(context.partition_keys)
    records = read_history(
        warehouse, "raw.properties", RECORD_COLUMNS, [m for _, m in partitions], [c for c, _ in partitions]
    )
    verdicts = pd.concat(
        [
            validity_of(
                records[records["county"] == slug],
                load_sale_rules().changed_by(get_county(slug).sale_validity),
            )
            for slug in sorted({partition.county_slug for partition in partitions})
        ],
        ignore_index=True,
    )
    keys = pd.MultiIndex.from_frame(verdicts[["county", "month"]])
    own = verdicts[keys.isin(partitions)].reset_index(drop=True)
    for partition, counts in _counts(own).items():
        context.add_asset_metadata(counts, partition_key=partition.key)
        counted = ", ".join(f"{number:,} {code}" for code, number in counts.items())
        context.log.info(f"{partition}: {counted}")
    return own


def _counts(verdicts: pd.DataFrame) -> dict[Partition, dict[str, int]]:
    """Sales by verdict, by partition."""
    grouped = verdicts.groupby(["county", "month", "sale_validity"]).size()
    counts: dict[Partition, dict[str, int]] = {}
    for (county, month, code), number in grouped.items():
        counts.setdefault(Partition(county, month), {})[code] = int(number)
    return counts
