"""The asset `rent_estimates`: what each property rents for, by the advertisements before its month."""

import json
import time

import dagster as dg
import pandas as pd

from realestate_assets.assets import declare
from realestate_assets.domain.core.months import add_months
from realestate_assets.domain.rents.learned import learn_rents, rent_estimates
from realestate_assets.domain.rents.params import load_rent_params
from realestate_assets.domain.rents.published import PUBLISHED
from realestate_assets.domain.tables import ENRICHMENT_FACTS, RENT_ESTIMATES, RENTS
from realestate_assets.extent import get_county
from resources.partition import IN_PARTITIONS, Partition, partitions_json
from resources.warehouse.frames import partition_rows
from resources.warehouse.resource import WarehouseResource

RENTS_SQL = """
select * from raw.rents
where month >= $1 and month < $2 and county in (select jsonb_array_elements_text($3::jsonb))
"""
FACTS_SQL = f"""
select county, month, property_id, field, vintage, is_later_vintage from raw.enrichment_facts
where {IN_PARTITIONS} and is_used and field in (select jsonb_array_elements_text($2::jsonb))
"""  # noqa: S608


@declare.asset(
    declare.table(
        RENT_ESTIMATES,
        source="the county's rental advertisements before the month (rents), learned by bedrooms, area, kind "
        "and place; else HUD's rent by bedrooms or the ZIP's median of enrichments, less the county's "
        "allowance for utilities; parameters in domain/rents/params.yaml",
        caveat="learned rents are asked, not paid; advertisements of earlier months are read as they stand "
        "in the warehouse. `is_rent_later_vintage` marks a published figure of a later day than the month",
        on_failure="Few advertisements are a result, not a failure: published rents take their place. A "
        "parameter that cannot be is named with its key. Land advertisements of earlier months and run those "
        "months first.",
    ),
    deps=["features", "rents", "enrichment_facts"],
)
def property_rents(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> pd.DataFrame:
    """Learn from each county's earlier advertisements, and tell every property of the run its rent."""
    partitions, params = Partition.parse_all(context.partition_keys), load_rent_params()
    warehouse.ensure_tables([RENTS, ENRICHMENT_FACTS])
    months = [partition.month for partition in partitions]
    slugs = json.dumps(sorted({partition.county_slug for partition in partitions}))
    span = (add_months(min(months), -params.months), max(months), slugs)
    ads = warehouse.read(RENTS_SQL, span).to_pandas(date_as_object=False)
    features = warehouse.read_partitions("marts", "features", partitions).to_pandas(date_as_object=False)
    bound = (partitions_json(partitions), json.dumps(list(PUBLISHED.values())))
    facts = warehouse.read(FACTS_SQL, bound).to_pandas(date_as_object=False)
    frames = []
    for partition in partitions:
        started = time.monotonic()
        subjects = partition_rows(features, partition)
        own = ads[ads["county"] == partition.county_slug]
        learned = learn_rents(own, partition.month, params)
        terms = get_county(partition.county_slug).underwriting
        found = rent_estimates(subjects, learned, partition_rows(facts, partition), terms, params)
        frames.append(found)
        sources = found["rent_source"].value_counts().to_dict()
        metadata = {
            "rents_learned_from": learned.rents,
            "is_learned": learned.model is not None,
            "unbelievable_amounts": learned.unbelievable,
            "reposts": learned.reposts,
            "without_rent": int(found["rent_monthly_usd"].isna().sum()),
            **{f"from_{name}": int(count) for name, count in sources.items()},
        }
        context.add_asset_metadata(metadata, partition_key=partition.key)
        context.log.info(
            f"{partition}: {learned.rents:,} earlier rents, {len(found):,} properties, "
            f"{time.monotonic() - started:.1f} s"
        )
    return (
        pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=RENT_ESTIMATES.column_names)
    )
