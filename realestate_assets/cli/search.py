"""The `search` command: the search of this machine's index, what was understood, and the results."""

from collections.abc import Collection, Sequence

from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from realestate_assets.domain.search.facts import Fact
from realestate_assets.extent import counties
from realestate_assets.operations.search import SearchResult, search_properties
from realestate_assets.operations.services import build_services
from realestate_assets.settings import get_settings
from resources.errors import PermanentError


def chosen_facts(
    min_price: float | None, max_price: float | None, bedrooms: float | None, min_score: float | None
) -> list[Fact]:
    """What the options say, as facts; a range of both prices is one."""
    facts = [
        Fact("asking_price_usd", "", min_price, max_price),
        Fact("bedrooms", "", bedrooms),
        Fact("bird_dog_score", "", min_score),
    ]
    return [fact for fact in facts if fact.low is not None or fact.high is not None]


def find(
    query: str, county_slug: str | None, *, limit: int, without: Collection[str], given: Sequence[Fact]
) -> SearchResult:
    """Search one county's properties; see `search_properties`.

    Raises:
        PermanentError: no such county, or nothing is indexed for it yet.
    """
    known = counties()
    if county_slug is not None and county_slug not in known:
        raise PermanentError(
            f"{county_slug} is not a configured county.",
            field="--county",
            remedy=f"Configured are: {', '.join(known)}.",
        )
    resources = build_services(get_settings())
    index = resources["vector_index"]
    result = search_properties(
        query,
        county_slug,
        counties=known,
        embedder=resources["embedder"],
        vector_index=index,
        limit=limit,
        without=without,
        given=given,
    )
    if not result.hits and not index.count(result.county):
        raise PermanentError(
            f"Nothing is indexed for {result.county} yet.",
            remedy=f"Run: realestate run --county {result.county} --months FROM:TO",
        )
    return result


def print_result(result: SearchResult, console: Console) -> None:
    """What was understood, then the results, best first."""
    for fact in result.understood.facts:
        console.print(Text.assemble("  ", (f" {fact.label} ", "reverse"), f"  --without {fact.key}"))
    console.print(Text(f"  ranked by: {result.understood.text}"))
    for each in result.not_applied:
        console.print(Text(f"  not filtered: {each.label}: {each.reason}"))
    if not result.hits:
        console.print("Nothing fits. Take a filter away with --without.")
        return
    table = Table()
    columns: tuple[tuple[str, JustifyMethod], ...] = (
        ("property", "left"), ("ZIP", "left"), ("month", "left"), ("type", "left"), ("year", "right"),
        ("status", "left"), ("beds", "right"), ("baths", "right"), ("sq ft", "right"), ("price", "right"),
        ("score", "right"), ("alike", "right"),
    )  # fmt: skip
    for name, justify in columns:
        table.add_column(name, justify=justify)
    for hit in result.hits:
        table.add_row(
            Text(hit.get("street") or hit["property_id"]),
            hit.get("zip") or "",
            hit["month"],
            (hit.get("property_type") or "").replace("_", " "),
            _figure(hit, "year_built", ".0f"),
            (hit.get("status") or "").replace("_", " "),
            _figure(hit, "bedrooms", "g"),
            _figure(hit, "bathrooms", "g"),
            _figure(hit, "living_area_sqft", ",.0f"),
            f"${price}" if (price := _figure(hit, "asking_price_usd", ",.0f")) else "",
            _figure(hit, "bird_dog_score", ".1f"),
            f"{hit['similarity']:.3f}",
        )
    console.print(table)


def _figure(hit: dict, name: str, form: str) -> str:
    value = hit.get(name)
    return "" if value is None else format(float(value), form)
