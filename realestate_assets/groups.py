"""Which asset belongs to which group: the one place that says so.

Groups are given here and not in decorators, so that the graph's stages can be read in one screen.
"""

from collections.abc import Iterable

import dagster as dg

from realestate_assets.assets import (
    boards,
    contributions,
    discovery,
    documents,
    enrichment,
    model_cards,
    ownership,
    promotion,
    ratio_studies,
    sales,
    scoring,
    search,
    transform,
    valuation,
)

GROUPS: dict[str, tuple[dg.AssetsDefinition, ...]] = {
    "discovery": (discovery.listings, discovery.canonical_properties),
    "enrichment": (enrichment.property_enrichment, ownership.owner_signals),
    "transform": (sales.sale_validity, valuation.nearby_sales, transform.dbt_transform),
    "valuation": (
        valuation.valuation_models,
        promotion.model_promotion,
        valuation.comparables,
        scoring.scores,
        contributions.value_contributions,
        ratio_studies.ratio_studies,
        model_cards.model_cards,
    ),
    "search": (search.embeddings,),
    "documents": (documents.memos, boards.boards, documents.dbt_docs),
    "marts": (transform.dbt_marts,),
}


def grouped_assets() -> Iterable[dg.AssetsDefinition]:
    """Every asset, with the group the registry gives it."""
    for group, definitions in GROUPS.items():
        for definition in definitions:
            yield definition.map_asset_specs(
                lambda spec, group=group: spec.replace_attributes(group_name=group)
            )
