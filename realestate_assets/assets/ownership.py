"""Signals from ownership data: what name and mailing address of an owner say, one row a property."""

import dagster as dg
import pandas as pd

from realestate_assets.assets import declare
from realestate_assets.domain.enrichment.ownership import owner_signals as read_owners
from realestate_assets.domain.tables import OWNER_SIGNALS
from realestate_assets.extent import get_county
from resources.partition import Partition
from resources.warehouse.frames import partition_rows


@declare.asset(
    declare.table(
        OWNER_SIGNALS,
        source="owner's name, mailing address and tenure from the record, or else from enrichments; names by "
        "the patterns of domain/enrichment/owner_types.py, addresses in USPS spelling",
        caveat="unknown is never absentee; a post-office box in the property's state says nothing; the "
        "tenure is a lower bound",
        on_failure="Properties without their row, which has_one_row_per_property lists, were made again "
        "after enrichments: materialize enrichments of the month and then this. An error inside is a name or "
        "an address that nobody foresaw: `realestate trace` prints the record.",
    ),
)
def owner_signals(
    context: dg.AssetExecutionContext, properties: pd.DataFrame, enrichments: pd.DataFrame
) -> pd.DataFrame:
    """Classify owners and compare addresses for all partitions of the run at once."""
    partitions = Partition.parse_all(context.partition_keys)
    states = {county: get_county(county).state for county, _ in partitions}
    signals = read_owners(properties, enrichments, states)
    for partition in partitions:
        rows = partition_rows(signals, partition)
        counts = {
            f"{column}_{value}": int(number)
            for column in ("owner_type", "occupancy")
            for value, number in rows[column].value_counts().sort_index().items()
        }
        context.add_asset_metadata(counts, partition_key=partition.key)
        known = int((rows["occupancy"] != "unknown").sum())
        context.log.info(f"{partition}: {known:,} of {len(rows):,} owners are known to live here or away")
    return signals
