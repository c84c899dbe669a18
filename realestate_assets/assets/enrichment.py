"""Enrichment: what providers know of each property beyond its record, with the provenance of every value."""

from collections import Counter

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.enrichment_answers import FIELD_NAMES
from realestate_assets.domain.tables import ENRICHMENT_FACTS, ENRICHMENTS
from realestate_assets.partitions import BACKFILL, COUNTY_MONTH, get_county, split_keys
from realestate_assets.providers.chain import enrich
from realestate_assets.providers.reference import ReferenceTables
from realestate_assets.providers.registry import providers_of
from resources.store import StoreResource
from resources.table_spec import TableSpec

OWNERS = ["team:data"]


@dg.multi_asset(
    name="property_enrichment",
    outs={
        "enrichments": dg.AssetOut(
            io_manager_key="warehouse_io",
            kinds={"python", "postgres"},
            owners=OWNERS,
            description="Grain: one row a property and month; key county, month, property_id. The value used "
            "of each enriched field, from the county's provider chains. Caveat: null means that nobody knew; "
            "enrichment_facts says why.",
        ),
        "enrichment_facts": dg.AssetOut(
            io_manager_key="warehouse_io",
            kinds={"python", "postgres"},
            owners=OWNERS,
            description="Grain: one row a property, month, field and provider asked (`none` where there is "
            "no provider). What each provider said, whether it is used, and where it came from. Caveat: a "
            "value whose vintage lies after the first of the month is kept here but not used.",
        ),
    },
    partitions_def=COUNTY_MONTH,
    backfill_policy=BACKFILL,
)
def property_enrichment(
    context: dg.AssetExecutionContext, properties: pa.Table, reference: StoreResource
) -> tuple[pa.Table, pa.Table]:
    """Ask the providers of each county once for all months of the run."""
    partitions = split_keys(context.partition_keys)
    tables = ReferenceTables(reference)
    wide, facts = [_empty(ENRICHMENTS)], [_empty(ENRICHMENT_FACTS)]
    for slug in sorted({county for county, _ in partitions}):
        county = get_county(slug)
        rows = properties.filter(pc.equal(properties["county"], slug))
        result = enrich(county, rows, providers_of(county, tables))
        wide.append(result.enrichments)
        facts.append(result.facts)
        context.log.info(f"{slug}: {rows.num_rows:,} properties, {result.facts.num_rows:,} facts")
    enrichments, enrichment_facts = pa.concat_tables(wide), pa.concat_tables(facts)
    _report(context, partitions, enrichments, enrichment_facts)
    return enrichments, enrichment_facts


def _report(
    context: dg.AssetExecutionContext,
    partitions: list[tuple[str, str]],
    enrichments: pa.Table,
    facts: pa.Table,
) -> None:
    filled, reasons = filled_shares(enrichments), reason_counts(facts)
    for county, month in partitions:
        key = f"{county}|{month}"
        share = filled.get((county, month))
        shown = {} if share is None else {"filled_share": round(share, 4)}
        context.add_asset_metadata(shown, asset_key="enrichments", partition_key=key)
        counts = {f"reason_{code}": n for code, n in sorted(reasons.get((county, month), Counter()).items())}
        context.add_asset_metadata(counts, asset_key="enrichment_facts", partition_key=key)
        if share is not None:
            context.log.info(f"{county} {month}: {share:.0%} of the enriched fields are filled")


def filled_shares(enrichments: pa.Table) -> dict[tuple[str, str], float]:
    """Share of the enriched fields that have a value, by partition."""
    grouped = enrichments.group_by(["county", "month"]).aggregate([("filled_count", "mean")])
    return {
        (row["county"], row["month"]): row["filled_count_mean"] / len(FIELD_NAMES)
        for row in grouped.to_pylist()
    }


def reason_counts(facts: pa.Table) -> dict[tuple[str, str], Counter]:
    """Facts without a used value by reason code, by partition; USED counts the others."""
    grouped = facts.group_by(["county", "month", "reason_code"]).aggregate([([], "count_all")])
    counts: dict[tuple[str, str], Counter] = {}
    for row in grouped.to_pylist():
        found = counts.setdefault((row["county"], row["month"]), Counter())
        found[row["reason_code"] or "USED"] += row["count_all"]
    return counts


def _empty(spec: TableSpec) -> pa.Table:
    return pa.schema([pa.field(column.name, column.arrow_type) for column in spec.columns]).empty_table()
