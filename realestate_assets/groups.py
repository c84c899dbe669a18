"""Which asset belongs to which group and who reads it: the one place that says so.

Groups and tags are given here and not in decorators, so that the graph's stages can be read in one screen.
"""

import re
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


GRAIN = "**Grain:**"
# Who reads an asset: the operator unless said here. A tag finds them in the catalog: `tag:reader=investor`.
READERS = {
    "marts": "analyst",
    "features": "analyst",
    "ratio_studies": "analyst",
    "model_cards": "analyst",
    "dbt_docs": "analyst",
    "memos": "investor",
    "boards": "investor",
}
# Assets that hold names or mailing addresses of owners, for whoever decides on access and retention.
PERSONAL_DATA = frozenset(
    {
        "raw_listings",
        "properties",
        "property_rejects",
        "enrichments",
        "enrichment_facts",
        "stg_raw__properties",
        "memos",
    }
)


def laid_out(description: str) -> str:
    """A description for catalog and page: the grain as a plain first line, then key, source and caveat.

    The catalog shows the first words of a description as they stand, Markdown and all.
    """
    if not description.startswith(GRAIN):
        return description
    grain, *rest = re.split(r"\s*(?=\*\*(?:Key|Source|Caveat):\*\*)", description.removeprefix(GRAIN).strip())
    return f"{grain[0].upper()}{grain[1:]}\n\n" + "\n".join(f"- {part}" for part in rest)


def _placed(spec: dg.AssetSpec, group: str) -> dg.AssetSpec:
    name = spec.key.path[-1]
    tags = {"reader": READERS.get(name) or READERS.get(group, "operator")}
    if name in PERSONAL_DATA:
        tags["personal_data"] = "owners"
    return spec.replace_attributes(
        group_name=group, tags={**spec.tags, **tags}, description=laid_out(spec.description or "")
    )


def grouped_assets() -> Iterable[dg.AssetsDefinition]:
    """Every asset, with the group and the tags the registry gives it, and a link to its code."""
    for group, definitions in GROUPS.items():
        for definition in dg.with_source_code_references(definitions):
            yield definition.map_asset_specs(lambda spec, group=group: _placed(spec, group))
