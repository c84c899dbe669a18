"""Semantic search: a sentence to properties. What the command line and a notebook call."""

from collections.abc import Iterable

from realestate_assets.domain.search.query import parse_query
from resources.vectors.embedder import EmbedderResource
from resources.vectors.index import VectorIndexResource
from resources.vectors.points import Hit

# A property has a point a month: more are fetched than asked for, because its older months fall away.
FETCH_FACTOR = 8
MAX_FETCH = 2000


def newest_months(hits: Iterable[Hit]) -> list[Hit]:
    """One hit a property, its newest month, most similar first."""
    newest: dict[str, Hit] = {}
    for hit in hits:
        key = hit.payload["property_id"]
        if key not in newest or hit.payload["month"] > newest[key].payload["month"]:
            newest[key] = hit
    return sorted(newest.values(), key=lambda hit: (-hit.score, hit.payload["property_id"]))


def search_properties(
    query: str,
    county_slug: str,
    *,
    embedder: EmbedderResource,
    vector_index: VectorIndexResource,
    limit: int = 10,
    min_price: float | None = None,
    max_price: float | None = None,
    min_bedrooms: float | None = None,
    min_score: float | None = None,
) -> list[dict]:
    """Properties of a county by meaning, most similar first.

    Prices and bedrooms named in the sentence ("under 600k", "3 bedrooms") are filters where no explicit one
    is given.

    Returns:
        Rows with county, month, property_id, similarity and the payload of the index.
    """
    parsed = parse_query(query)
    filters = {
        "min_price": parsed.min_price if min_price is None else min_price,
        "max_price": parsed.max_price if max_price is None else max_price,
        "min_bedrooms": parsed.min_bedrooms if min_bedrooms is None else min_bedrooms,
        "min_score": min_score,
    }
    vector = embedder.encode([parsed.text])[0]
    fetch = max(limit * FETCH_FACTOR, 50)
    while True:
        hits = vector_index.search(county_slug, vector, fetch, **filters)
        found = newest_months(hits)
        if len(found) >= limit or len(hits) < fetch or fetch >= MAX_FETCH:
            break
        fetch = min(fetch * 4, MAX_FETCH)
    return [{**hit.payload, "similarity": round(float(hit.score), 6)} for hit in found[:limit]]
