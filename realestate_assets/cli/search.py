"""The `search` command: the search of this machine's index, and its results as a table."""

import os

from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from realestate_assets.operations.search import search_properties
from realestate_assets.operations.services import build_services
from realestate_assets.partitions import counties
from realestate_assets.settings import get_settings
from resources.errors import PermanentError


def find(
    query: str,
    county_slug: str,
    *,
    limit: int,
    min_price: float | None,
    max_price: float | None,
    min_bedrooms: float | None,
    min_score: float | None,
) -> list[dict]:
    """Search one county's properties; filters as in `search_properties`.

    Raises:
        PermanentError: no such county, or nothing is indexed for it yet.
    """
    if county_slug not in counties():
        raise PermanentError(
            f"{county_slug} is not a configured county.",
            field="--county",
            remedy=f"Configured are: {', '.join(counties())}.",
        )
    resources = build_services(get_settings(), secret=os.environ.__getitem__)
    index = resources["vector_index"]
    if not index.count(county_slug):
        raise PermanentError(
            f"Nothing is indexed for {county_slug} yet.",
            remedy=f"Run: realestate run --county {county_slug} --months FROM:TO",
        )
    return search_properties(
        query,
        county_slug,
        embedder=resources["embedder"],
        vector_index=index,
        limit=limit,
        min_price=min_price,
        max_price=max_price,
        min_bedrooms=min_bedrooms,
        min_score=min_score,
    )


def print_hits(hits: list[dict], console: Console) -> None:
    """The results, most alike first."""
    if not hits:
        console.print("Nothing fits. Loosen the filters.")
        return
    table = Table()
    columns: tuple[tuple[str, JustifyMethod], ...] = (
        ("property", "left"), ("ZIP", "left"), ("month", "left"), ("price", "right"),
        ("beds", "right"), ("score", "right"), ("alike", "right"),
    )  # fmt: skip
    for name, justify in columns:
        table.add_column(name, justify=justify)
    for hit in hits:
        price, beds, score = hit.get("asking_price_usd"), hit.get("bedrooms"), hit.get("bird_dog_score")
        table.add_row(
            Text(hit.get("street") or hit["property_id"]),
            hit.get("zip") or "",
            hit["month"],
            "" if price is None else f"${price:,.0f}",
            "" if beds is None else f"{beds:g}",
            "" if score is None else f"{score:.1f}",
            f"{hit['similarity']:.3f}",
        )
    console.print(table)
