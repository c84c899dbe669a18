"""Search: a sentence to properties, and what was understood of it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.search.facts import OFFER_FIRST, Fact, Understood
from realestate_assets.domain.search.places import gazetteer
from realestate_assets.domain.search.query import understand
from realestate_assets.domain.search.vocabulary import ON_OFFER
from resources.errors import PermanentError
from resources.vectors.points import AnyOf, Condition, Hit, Known, Not, OneOf, Range, Within
from resources.vectors.query_vectors import query_vector
from resources.vectors.sentences import Embedder
from resources.vectors.vectors import Vectors

# A property has a point a month: more are fetched than asked for, because its older months fall away.
FETCH_FACTOR = 8
MAX_FETCH = 2000
NO_COLUMN = "the data have no such column; it ranks by meaning"
NO_COLUMN_NEGATED = "the data have no such column; it is left out of the words that rank"
NOT_KNOWN = "no home in the county's index tells it (an older index: realestate migrate --reindex)"
OTHER_COUNTY = "another county was chosen"


@dataclass(frozen=True)
class NotApplied:
    """Something that was asked and does not filter, with the reason."""

    label: str
    reason: str


@dataclass(frozen=True)
class SearchResult:
    """The hits, best first, with the sentence as it was understood.

    `understood.facts` are those that filtered, each with a key to remove it by; `not_applied` is what was
    asked besides. A hit is the payload of the index with county, month and similarity.
    """

    county: str
    understood: Understood
    not_applied: tuple[NotApplied, ...]
    hits: list[dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        """The result as one JSON object."""
        facts = [
            {
                "key": fact.key,
                "label": fact.label,
                "field": fact.field,
                "words": fact.words,
                "minimum": fact.low,
                "maximum": fact.high,
                "values": list(fact.values),
                "is_negated": fact.is_negated,
            }
            for fact in self.understood.facts
        ]
        return {
            "county": self.county,
            "understood": facts,
            "ranked_by": self.understood.text,
            "not_applied": [{"label": each.label, "reason": each.reason} for each in self.not_applied],
            "hits": self.hits,
        }


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
    county_slug: str | None,
    *,
    counties: dict[str, County],
    embedder: Embedder,
    vector_index: Vectors,
    limit: int = 10,
    without: Collection[str] = (),
    given: Sequence[Fact] = (),
    today: date | None = None,
) -> SearchResult:
    """Properties of a county: the facts of the sentence filter, its other words rank.

    What can still be bought comes first, unless the sentence says a status or `without` has `offer_first`.

    Args:
        query: the sentence.
        county_slug: the county; none where the sentence names one.
        counties: the configured counties, whose places may be named.
        embedder: of the words that rank.
        vector_index: of the embeddings.
        limit: how many properties.
        without: keys of facts that are not to filter.
        given: facts that are chosen beside the sentence; they take the place of its facts of the same column.
        today: the day that "last year" counts from; today.

    Raises:
        PermanentError: neither chosen nor named is a configured county.
    """
    today = today or date.today()
    slug = county_slug or _named_county(query, today, counties)
    places = gazetteer(counties[slug], counties.values())
    understood = understand(query, today, places).without(without)
    chosen = {fact.field for fact in given}
    facts = [fact for fact in understood.facts if fact.field not in chosen] + [
        replace(fact, key=fact.key or fact.field) for fact in given
    ]
    with vector_index.held(slug):
        facts, not_applied = _applicable(facts, slug, vector_index)
        text = _ranking_text(understood, facts, not_applied)
        conditions = [condition for fact in facts for condition in conditions_of(fact)]
        vector = query_vector(embedder.model, text)
        on_offer: Condition = OneOf("status", (ON_OFFER,))
        is_offer_first = OFFER_FIRST not in without and not any(fact.field == "status" for fact in facts)
        if is_offer_first and vector_index.has(slug, [on_offer]):
            facts.append(Fact(OFFER_FIRST, "", key=OFFER_FIRST))
            found = _newest(vector_index, slug, vector, limit, [*conditions, on_offer])
            if len(found) < limit:
                others = [*conditions, Not(on_offer)]
                found += _newest(vector_index, slug, vector, limit - len(found), others)
        else:
            found = _newest(vector_index, slug, vector, limit, conditions)
    told = [_told(each.label, is_negated=each.is_negated) for each in understood.wishes]
    hits = [{**hit.payload, "similarity": round(float(hit.score), 6)} for hit in found]
    told += [each for _, each in not_applied]
    return SearchResult(slug, replace(understood, facts=tuple(facts), text=text), tuple(told), hits)


def _told(label: str, *, is_negated: bool) -> NotApplied:
    return NotApplied(label, NO_COLUMN_NEGATED if is_negated else NO_COLUMN)


def named_counties(query: str, counties: dict[str, County], today: date | None = None) -> list[str]:
    """Slugs of the counties that a sentence names."""
    places = gazetteer(next(iter(counties.values())), counties.values())
    return [
        slug
        for fact in understand(query, today or date.today(), places).facts
        if fact.field == "county" and not fact.is_negated
        for slug in fact.values
    ]


def _named_county(query: str, today: date, counties: dict[str, County]) -> str:
    named = named_counties(query, counties, today)
    if len(named) != 1:
        raise PermanentError(
            "The search names no county, or more than one.",
            field="--county",
            remedy=f"Choose one of: {', '.join(counties)}.",
        )
    return named[0]


def _applicable(
    facts: list[Fact], slug: str, index: Vectors
) -> tuple[list[Fact], list[tuple[Fact, NotApplied]]]:
    """The facts that the county's homes can be held against, and the others with the reason."""
    kept: list[Fact] = []
    others: list[tuple[Fact, NotApplied]] = []
    for fact in facts:
        if fact.field == "county":
            if (slug in fact.values) is not fact.is_negated:
                kept.append(fact)
            else:
                others.append((fact, NotApplied(fact.label, OTHER_COUNTY)))
            continue
        known = AnyOf(tuple(Known(name) for name in _columns(fact)))
        if index.has(slug, [known]):
            kept.append(fact)
        else:
            others.append((fact, NotApplied(fact.label, NOT_KNOWN)))
    return kept, others


def _columns(fact: Fact) -> tuple[str, ...]:
    if fact.field == "near":
        return ("location",)
    if fact.field == "place":
        return ("city", *(("zip",) if fact.zips else ()), *(("location",) if fact.circles else ()))
    return (fact.field,)


def _ranking_text(
    understood: Understood, facts: list[Fact], not_applied: list[tuple[Fact, NotApplied]]
) -> str:
    """The words that rank: what remains, and what is asked and cannot filter; else the facts' own words."""
    unfiltered = [fact.words for fact, _ in not_applied if not fact.is_negated and fact.field != "county"]
    said = [understood.text, *unfiltered] if understood.text or unfiltered else []
    said = said or [fact.words for fact in facts if not fact.is_negated]
    return ", ".join(filter(None, said)) or "home"


def conditions_of(fact: Fact) -> list[Condition]:
    """What the index is asked for a fact."""
    condition: Condition
    if fact.field == "county":
        return []
    if fact.field == "near":
        condition = AnyOf(tuple(Within(c.latitude, c.longitude, c.miles) for c in fact.circles))
    elif fact.field == "place":
        ways: list[Condition] = [OneOf("city", tuple(name.upper() for name in fact.values))]
        ways += [OneOf("zip", fact.zips)] if fact.zips else []
        ways += [Within(c.latitude, c.longitude, c.miles) for c in fact.circles]
        condition = AnyOf(tuple(ways))
    elif fact.values:
        condition = OneOf(fact.field, fact.values)
    else:
        condition = Range(fact.field, fact.low, fact.high)
    return [Not(condition) if fact.is_negated else condition]


def _newest(
    index: Vectors, slug: str, vector: np.ndarray, limit: int, conditions: list[Condition]
) -> list[Hit]:
    """The nearest properties whose newest month fits: what was on offer a month ago and is sold is not."""
    fetch = max(limit * FETCH_FACTOR, 50)
    while True:
        hits = index.search(slug, vector, fetch, conditions)
        found = newest_months(hits)
        months = index.newest_months(slug, [hit.payload["property_id"] for hit in found])
        found = [hit for hit in found if months.get(hit.payload["property_id"]) == hit.payload["month"]]
        if len(found) >= limit or len(hits) < fetch or fetch >= MAX_FETCH:
            return found[:limit]
        fetch = min(fetch * 4, MAX_FETCH)
