"""A sentence searched for a tenant: the index proposes, the views of the market say what the tenant sees."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.domain.counties.county import County
from realestate_assets.operations.market.columns import KEY, LIST_FIELDS, counties, properties
from realestate_assets.operations.market.filters import put_away
from realestate_assets.operations.search import SearchResult, named_counties, search_properties
from resources.vectors.sentences import Embedder
from resources.vectors.vectors import Vectors


class NoCountyError(ValueError):
    """The search says no county, or one that the tenant does not see.

    Args:
        known: the counties that it can be.
    """

    def __init__(self, known: Sequence[str]) -> None:
        super().__init__("no county")
        self.known = list(known)


@dataclass(frozen=True)
class Searched:
    """What was understood, and the homes of it that the tenant sees, best first.

    A hit has `columns.LIST_FIELDS`, with the status it was searched by and its similarity.
    """

    understood: SearchResult
    hits: list[dict[str, Any]]


def counties_seen(session: Session, known: dict[str, County]) -> dict[str, County]:
    """The configured counties that the tenant of a session sees."""
    seen = set(session.scalars(sa.select(counties.c.county)))
    return {slug: county for slug, county in known.items() if slug in seen}


def chosen_county(query: str, county: str | None, seen: dict[str, County]) -> str:
    """The county that is searched: the one chosen, else the one the sentence names, else the only one.

    Raises:
        NoCountyError: it is none of these, or not seen.
    """
    if county is not None:
        named = [county]
    else:
        named = named_counties(query, seen) if seen else []
        named = named or list(seen)
    if len(named) != 1 or named[0] not in seen:
        raise NoCountyError(list(seen))
    return named[0]


def search_market(
    session: Session,
    query: str,
    county: str | None,
    *,
    known: dict[str, County],
    embedder: Embedder,
    vector_index: Vectors,
    limit: int,
    without: Collection[str] = (),
) -> Searched:
    """Search a county that the tenant sees.

    Args:
        session: of the tenant.
        query: the sentence.
        county: the county; None for the one that the sentence names, or the tenant's only one.
        known: the configured counties.
        embedder: of the words that rank.
        vector_index: proposes.
        limit: at most so many hits.
        without: keys of facts that are not to filter.

    Raises:
        NoCountyError: no county that the tenant sees is chosen or named.
        TransientError: the index does not answer.
    """
    seen = counties_seen(session, known)
    found = search_properties(
        query,
        chosen_county(query, county, seen),
        counties=seen,
        embedder=embedder,
        vector_index=vector_index,
        limit=limit,
        without=without,
    )
    return Searched(found, rows_of(session, found.hits))


def rows_of(session: Session, hits: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of hits in their order; left out is what the tenant does not see, has put away, or is gone."""
    keys = [tuple(hit[name] for name in KEY) for hit in hits]
    if not keys:
        return []
    c = properties.c
    query = sa.select(*(c[name] for name in LIST_FIELDS)).where(
        sa.tuple_(*(c[name] for name in KEY)).in_(keys), sa.not_(put_away())
    )
    rows = {tuple(row[name] for name in KEY): dict(row) for row in session.execute(query).mappings()}
    return [
        rows[key] | {"status": hit.get("status"), "similarity": hit["similarity"]}
        for key, hit in zip(keys, hits, strict=True)
        if key in rows
    ]
