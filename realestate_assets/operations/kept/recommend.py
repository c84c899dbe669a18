"""Homes like those a person saved and less like those dismissed; where none was saved, the best scores."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.searches import PropertyMark
from realestate_assets.domain.search.description import point_ids
from realestate_assets.domain.search.vocabulary import ON_OFFER
from realestate_assets.operations.kept.marks import of_user
from realestate_assets.operations.kept.reasons import reason_of
from realestate_assets.operations.market.columns import LIST_FIELDS, properties
from realestate_assets.operations.market.filters import PropertyFilter
from realestate_assets.operations.market.pages import property_list
from realestate_assets.operations.market.search import rows_of
from realestate_assets.operations.search import FETCH_FACTOR, newest_months
from resources.vectors.points import Condition, Hit, Not, OneOf
from resources.vectors.vectors import Vectors

# The last marks of each kind count.
MOST_MARKS = 50
# A dismissed home repels half as much as a saved one attracts.
REPELS = 0.5
Row = dict[str, Any]


@dataclass(frozen=True)
class Recommended:
    """Homes, each with its `reason`, and what they follow from."""

    basis: Literal["saved_homes", "best_scores"]
    items: list[Row]


def recommend(
    session: Session, user_id: uuid.UUID, county: str | None, *, vector_index: Vectors, limit: int
) -> Recommended:
    """Homes for a person that are not marked yet, on offer where their county has offers.

    Args:
        session: of the tenant, which sees its counties alone.
        user_id: whose marks count.
        county: of the homes; all of the tenant's without it.
        vector_index: holds the descriptions' vectors.
        limit: at most so many.

    Raises:
        TransientError: the index does not answer.
    """
    marks = _marks(session, user_id)
    rows = _newest_rows(session, [each for ids in marks.values() for each in ids])
    saved = [row for row in rows if row["property_id"] in marks["saved"]]
    dismissed = [row for row in rows if row["property_id"] in marks["dismissed"]]
    # All of them, not the last ones alone: what was dismissed is never shown.
    marked = tuple(session.scalars(of_user(user_id).with_only_columns(PropertyMark.property_id)))
    found: list[Row] = []
    for slug in sorted({row["county"] for row in saved if county in (None, row["county"])}):
        liked, disliked = ([row for row in kind if row["county"] == slug] for kind in (saved, dismissed))
        found += _alike(session, slug, liked, disliked, marked, vector_index, limit)
    if found:
        found.sort(key=lambda row: (-row["likeness"], row["property_id"]))
        return Recommended("saved_homes", found[:limit])
    return Recommended("best_scores", _best(session, county, marked, limit))


def _marks(session: Session, user_id: uuid.UUID) -> dict[str, list[str]]:
    found = {}
    for mark in ("saved", "dismissed"):
        query = of_user(user_id).where(PropertyMark.mark == mark).order_by(PropertyMark.marked_at.desc())
        found[mark] = [each.property_id for each in session.scalars(query.limit(MOST_MARKS))]
    return found


def _newest_rows(session: Session, ids: Sequence[str]) -> list[Row]:
    c = properties.c
    query = (
        sa.select(*(c[name] for name in LIST_FIELDS))
        .where(c.property_id.in_(ids))
        .distinct(c.property_id)
        .order_by(c.property_id, c.month.desc())
    )
    return [dict(row) for row in session.execute(query).mappings()] if ids else []


def _alike(
    session: Session,
    slug: str,
    saved: list[Row],
    dismissed: list[Row],
    marked: tuple[str, ...],
    index: Vectors,
    limit: int,
) -> list[Row]:
    with index.held(slug):
        liked, likes = _vectors(index, slug, saved)
        if not liked:
            return []
        disliked, dislikes = _vectors(index, slug, dismissed)
        hits = _candidates(index, slug, likes, dislikes, marked, limit)
        vectors = index.vectors(slug, [hit.id for hit in hits])
    hits = [hit for hit in hits if hit.id in vectors]
    rows = {
        row["property_id"]: row
        for row in rows_of(session, [hit.payload | {"similarity": 0.0} for hit in hits])
    }
    found = []
    for hit in hits:
        row = rows.get(hit.payload["property_id"])
        if row is None:
            continue
        near = likes @ vectors[hit.id]
        away = float(max(dislikes @ vectors[hit.id])) if disliked else 0.0
        best = liked[int(np.argmax(near))]
        told = {name: value for name, value in row.items() if name not in ("similarity", "status")}
        likeness = round(float(near.max()) - REPELS * away, 6)
        found.append(told | {"likeness": likeness, "reason": reason_of(row, best)})
    return found


def _vectors(index: Vectors, slug: str, rows: list[Row]) -> tuple[list[Row], np.ndarray]:
    """Those of the rows that the index knows, with a line of a matrix each."""
    if not rows:
        return [], np.zeros((0, 0), np.float32)
    frame = pd.DataFrame(rows)
    ids = point_ids(frame["property_id"], frame["month"])
    known = index.vectors(slug, ids)
    pairs = [(row, known[each]) for row, each in zip(rows, ids, strict=True) if each in known]
    return [row for row, _ in pairs], np.array([vector for _, vector in pairs], np.float32)


def _candidates(
    index: Vectors,
    slug: str,
    likes: np.ndarray,
    dislikes: np.ndarray,
    marked: tuple[str, ...],
    limit: int,
) -> list[Hit]:
    target = likes.mean(axis=0) - (REPELS * dislikes.mean(axis=0) if len(dislikes) else 0)
    conditions: list[Condition] = [Not(OneOf("property_id", marked))]
    on_offer = OneOf("status", (ON_OFFER,))
    if index.has(slug, [on_offer]):
        conditions.append(on_offer)
    hits = newest_months(index.search(slug, target, max(limit * FETCH_FACTOR, 50), conditions))
    months = index.newest_months(slug, [hit.payload["property_id"] for hit in hits])
    return [hit for hit in hits if months.get(hit.payload["property_id"]) == hit.payload["month"]]


def _best(session: Session, county: str | None, marked: tuple[str, ...], limit: int) -> list[Row]:
    chosen = PropertyFilter(county=[county] if county else [])
    found = property_list(session, chosen, LIST_FIELDS)
    is_offer_first = (properties.c.offer_state == ON_OFFER).desc().nulls_last()
    order = (is_offer_first, found.sorts["bird_dog_score"].desc().nulls_last(), *found.key)
    query = found.statement.where(
        properties.c.property_id.not_in(marked), properties.c.bird_dog_score.is_not(None)
    )
    rows = session.execute(query.order_by(*order).limit(limit)).mappings()
    return [
        dict(row) | {"likeness": None, "reason": f"a score of {row['bird_dog_score']:.0f} of 100"}
        for row in rows
    ]
