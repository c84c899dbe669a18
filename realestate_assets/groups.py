"""Which asset belongs to which group: the one place that says so.

Groups are given here and not in decorators, so that the graph's stages can be read in one screen; so is
what the catalog shows of an asset: who reads it, what needs care, its description laid out. Freshness
policies and automation conditions stand in modules of their own.
"""

import inspect
import re
from collections.abc import Iterable
from pathlib import Path

import dagster as dg

from realestate_assets.assets import (
    boards,
    comparable_sales,
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
    tuning,
    valuation,
)
from realestate_assets.automation import condition_of
from realestate_assets.freshness import POLICIES
from resources import retries

CODE = "dagster/code_references"
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

GROUPS: dict[str, tuple[dg.AssetsDefinition, ...]] = {
    "discovery": (discovery.listings, discovery.canonical_properties),
    "enrichment": (enrichment.property_enrichment, ownership.owner_signals),
    "transform": (sales.sale_validity, valuation.nearby_sales, transform.dbt_transform),
    "valuation": (
        valuation.valuation_models,
        promotion.model_promotion,
        comparable_sales.comparables,
        scoring.scores,
        contributions.value_contributions,
        ratio_studies.ratio_studies,
        model_cards.model_cards,
        tuning.tuning_study,
    ),
    "search": (search.embeddings,),
    "documents": (documents.memos, boards.boards, documents.dbt_docs),
    "marts": (transform.dbt_marts,),
}


def grouped_assets() -> Iterable[dg.AssetsDefinition]:
    """Every asset, with its group, what the catalog shows, a link to its code, freshness and automation."""
    for group, definitions in GROUPS.items():
        for definition in dg.with_source_code_references(definitions):
            code = inspect.getsourcefile(inspect.unwrap(definition.node_def.compute_fn.decorated_fn))
            yield definition.map_asset_specs(lambda spec, args=(group, code): _complete(spec, *args))


def _complete(spec: dg.AssetSpec, group: str, code: str) -> dg.AssetSpec:
    name = spec.key.path[-1]
    return spec.replace_attributes(
        group_name=group,
        tags={**spec.tags, **catalog_tags(name, group)},
        metadata={**spec.metadata, CODE: _below_decorators(spec.metadata[CODE], code)},
        description=laid_out(spec.description or ""),
        freshness_policy=POLICIES.get(name),
        automation_condition=condition_of(name, group),
    )


def _below_decorators(found: dg.CodeReferencesMetadataValue, code: str) -> dg.CodeReferencesMetadataValue:
    """The links with the asset's own file: Dagster takes the file of `retried` for those it decorates."""
    links = [
        dg.LocalFileCodeReference(file_path=code, line_number=link.line_number, label=link.label)
        if Path(link.file_path) == Path(retries.__file__)
        else link
        for link in found.code_references
    ]
    return dg.CodeReferencesMetadataValue(code_references=links)


def laid_out(description: str) -> str:
    """A description for catalog and page: the grain as a plain first line, then key, source and caveat.

    The catalog shows the first words of a description as they stand, Markdown and all.
    """
    if not description.startswith(GRAIN):
        return description
    grain, *rest = re.split(r"\s+(?=\*\*(?:Key|Source|Caveat):\*\*)", description.removeprefix(GRAIN).strip())
    return f"{grain[0].upper()}{grain[1:]}\n\n" + "\n".join(f"- {part}" for part in rest)


def catalog_tags(name: str, group: str) -> dict[str, str]:
    """The tags of an asset: its reader, and whether it holds personal data."""
    tags = {"reader": READERS.get(name) or READERS.get(group, "operator")}
    return tags | ({"personal_data": "owners"} if name in PERSONAL_DATA else {})
