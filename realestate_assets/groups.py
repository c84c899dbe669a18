"""Which asset belongs to which group: the one place that says so.

Groups are given here and not in decorators, so that the graph's stages can be read in one screen; so is
who reads an asset. A group needs only what stands in it or before it: the graph reads from left to right.
Freshness policies and automation conditions stand in modules of their own.
"""

from collections.abc import Iterable
from functools import partial

import dagster as dg

from realestate_assets.assets import (
    boards,
    comparable_sales,
    contributions,
    discovery,
    documents,
    enrichment,
    entered,
    equity_studies,
    model_cards,
    offers,
    ownership,
    promotion,
    ratio_studies,
    rents,
    sales,
    scoring,
    search,
    transform,
    tuning,
    valuation,
)
from realestate_assets.automation import condition_of
from realestate_assets.freshness import POLICIES

# Who reads an asset: the operator unless said here. A tag finds them in the catalog: `tag:reader=investor`.
READERS = {
    "marts": "analyst",
    "features": "analyst",
    "ratio_studies": "analyst",
    "equity_studies": "analyst",
    "model_cards": "analyst",
    "dbt_docs": "analyst",
    "memos": "investor",
    "boards": "investor",
}

GROUPS: dict[str, tuple[dg.AssetsDefinition, ...]] = {
    # What no run makes.
    "people": (entered.ENTERED,),
    "discovery": (discovery.listings, discovery.canonical_properties),
    "enrichment": (enrichment.property_enrichment, ownership.owner_signals),
    "transform": (sales.sale_validity, valuation.nearby_sales, transform.dbt_transform),
    "valuation": (
        valuation.valuation_models,
        promotion.model_promotion,
        comparable_sales.comparables,
        offers.offer_models,
        rents.property_rents,
        scoring.scores,
        contributions.value_contributions,
        ratio_studies.ratio_studies,
        equity_studies.equity_studies,
        model_cards.model_cards,
        tuning.tuning_study,
    ),
    "search": (search.embeddings,),
    "documents": (documents.memos,),
    "marts": (transform.dbt_marts, boards.boards, documents.dbt_docs),
}


def grouped_assets() -> Iterable[dg.AssetsDefinition]:
    """Every asset, with its group, its reader, freshness and automation."""
    for group, definitions in GROUPS.items():
        for definition in definitions:
            yield definition.map_asset_specs(partial(_complete, group=group))


def _complete(spec: dg.AssetSpec, group: str) -> dg.AssetSpec:
    name = spec.key.path[-1]
    return spec.replace_attributes(
        group_name=group,
        tags={**spec.tags, "reader": READERS.get(name) or READERS.get(group, "operator")},
        freshness_policy=POLICIES.get(name),
        automation_condition=condition_of(name, group),
    )
