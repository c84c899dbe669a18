"""Enrichment: what providers know of each property beyond its record, with the provenance of every value."""

from collections import Counter

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.assets import declare
from realestate_assets.assets.enrichment_report import (
    RequestCounts,
    call_counts,
    fact_counts,
    field_shares,
    filled_shares,
)
from realestate_assets.assets.suppressed import suppressed_owners
from realestate_assets.domain.core.asset_pictures import completeness, image
from realestate_assets.domain.counties.provider_policies import load_policies
from realestate_assets.domain.enrichment.withheld import withheld_facts
from realestate_assets.domain.tables import ENRICHMENT_FACTS, ENRICHMENTS
from realestate_assets.extent import get_county
from realestate_assets.providers.chain import enrich
from realestate_assets.providers.reference import ReferenceTables
from realestate_assets.providers.registry import providers_of
from realestate_assets.providers.run_apis import RunApis
from realestate_assets.settings import get_settings
from resources.http.client import HttpClientResource
from resources.http.provider_asks import note_asks
from resources.lake.store import StoreResource
from resources.partition import Partition


@declare.asset(
    declare.table(
        ENRICHMENTS,
        source="the value used of each field, from the county's provider chains",
        caveat="null means that nobody knew; enrichment_facts says why",
        on_failure="A reference file without its columns, or a reply of another form than before, is named "
        "with provider and field: correct `enrichment.providers` of the county's YAML, or the file in the "
        "reference folder. `realestate doctor` tells what keys and budgets allow. A provider that is only "
        "silent stops nothing: its fields are null.",
    ),
    declare.table(
        ENRICHMENT_FACTS,
        source="what each provider said (`none` where there is no provider), whether it is used, and where "
        "it came from",
        caveat="a value whose vintage lies after the first of the month is kept here and used only where the "
        "county allows that for the provider",
        on_failure="It is made in one step with enrichments and mended with it. Warnings name the provider: "
        "read its reasons in marts.field_provenance; NO_KEY wants its variable set, a spent budget a higher "
        "one in providers.yaml or the next period, a failed one another run.",
    ),
    # One step asks all providers of its county; how often each may be asked is the HTTP client's affair.
    pool="providers",
)
def property_enrichment(
    context: dg.AssetExecutionContext,
    properties: pa.Table,
    reference: StoreResource,
    http: HttpClientResource,
) -> tuple[pa.Table, pa.Table]:
    """Walk the provider chains of each county once for all months of the run."""
    partitions = Partition.parse_all(context.partition_keys)
    tables, settings, asked = ReferenceTables(reference), get_settings(), RequestCounts()
    wide, facts = [ENRICHMENTS.empty()], [ENRICHMENT_FACTS.empty()]
    policies, listed = load_policies(settings.county_config_dir), suppressed_owners(http.warehouse)
    with RunApis(http, policies, settings.asks_api, context.run.run_id) as apis:
        for slug in sorted({county for county, _ in partitions}):
            county = get_county(slug)
            rows = properties.filter(pc.equal(properties["county"], slug))

            def note(provider: str, chosen: pa.Table, slug: str = slug) -> None:
                months = Counter(chosen["month"].to_pylist())
                asked.note(slug, provider, months)
                context.log.info(f"{slug}: {provider} is asked about {chosen.num_rows:,} properties")
                if apis.is_api(slug, provider):
                    note_asks(http.warehouse, context.run.run_id, slug, provider, months)

            def without_listed(facts: pa.Table, slug: str = slug) -> pa.Table:
                return withheld_facts(facts, lambda names: listed.mask(names, slug))

            providers = providers_of(county, tables, apis)
            result = enrich(county, rows, providers, note, without_listed if listed.hashes else None)
            wide.append(result.enrichments)
            facts.append(result.facts)
        calls = call_counts(asked, apis.totals())
    enrichments, enrichment_facts = pa.concat_tables(wide), pa.concat_tables(facts)
    _report(context, partitions, enrichments, enrichment_facts, calls)
    return enrichments, enrichment_facts


def _report(
    context: dg.AssetExecutionContext,
    partitions: list[Partition],
    enrichments: pa.Table,
    facts: pa.Table,
    calls: dict[Partition, dict[str, dict[str, float]]],
) -> None:
    filled, fields, counts = filled_shares(enrichments), field_shares(enrichments), fact_counts(facts)
    for partition in partitions:
        key = partition.key
        share, made = filled.get(partition), calls.get(partition, {})
        shown: dict[str, object] = {}
        if share is not None:
            shown["filled_share"] = round(share, 4)
            shown["completeness"] = dg.MetadataValue.md(image(completeness(fields[partition])))
        context.add_asset_metadata(shown, asset_key="enrichments", partition_key=key)
        metadata = {
            **counts.get(partition, {}),
            "calls": round(sum(done["calls"] for done in made.values()), 3),
            "cached": round(sum(done["cached"] for done in made.values()), 3),
            "calls_by_provider": dg.MetadataValue.json(made),
        }
        context.add_asset_metadata(metadata, asset_key="enrichment_facts", partition_key=key)
        if share is not None:
            context.log.info(f"{partition}: {share:.0%} of the enriched fields are filled")
