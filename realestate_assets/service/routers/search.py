"""Search by a sentence."""

from collections.abc import Collection
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import StringConstraints
from sqlalchemy.orm import Session

from realestate_assets.operations.market.filters import PRINTABLE, CountySlug
from realestate_assets.operations.market.search import NoCountyError, search_market
from realestate_assets.service import etags
from realestate_assets.service.dependencies import PartsOf, TenantSession, requires
from realestate_assets.service.parts import Parts
from realestate_assets.service.problems import ProblemError, unfit
from realestate_assets.service.routers.of_property import shown
from realestate_assets.service.schemas.search import SEARCHED, Chip, SearchAnswer

MAX_HITS = 100
Sentence = Annotated[
    str,
    Query(
        min_length=1,
        max_length=300,
        pattern=PRINTABLE,
        description="What is looked for, in words: facts filter, the rest ranks by meaning.",
    ),
]
Key = Annotated[str, StringConstraints(max_length=60)]

router = APIRouter(tags=["search"], dependencies=[Depends(requires("search:run"))])


def no_county(error: NoCountyError, field: str) -> ProblemError:
    """422: the search says no county that the tenant sees."""
    known = ", ".join(error.known[:20]) or "none yet"
    return unfit(field, f"Choose one county, or name it in the sentence. Yours are: {known}.")


@router.get(
    "/search", name="search", response_model=SearchAnswer, responses=shown(SEARCHED, 401, 403, 422, 503)
)
def search(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    q: Sentence,
    county: Annotated[
        CountySlug | None, Query(description="The one named in the sentence without it.")
    ] = None,
    without: Annotated[list[Key] | None, Query(max_length=30, description="Facts to leave out.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_HITS)] = 20,
) -> Response:
    """Homes of a county by a sentence, with what was understood of it and what was not applied and why."""
    try:
        found = answer_of(parts, session, q, county, without or (), limit)
    except NoCountyError as error:
        raise no_county(error, "query.county") from None
    return etags.answer(request, found)


def answer_of(
    parts: Parts, session: Session, sentence: str, county: str | None, without: Collection[str], limit: int
) -> dict[str, Any]:
    """A search as it is answered.

    Raises:
        NoCountyError: no county that the tenant sees is chosen or named.
    """
    found = search_market(
        session,
        sentence,
        county,
        known=parts.county_files,
        embedder=parts.resources["embedder"],
        vector_index=parts.vector_index,
        limit=limit,
        without=without,
    )
    told = found.understood
    chips = [
        Chip(key=fact.key, label=fact.label, words=fact.words, field=fact.field)
        for fact in told.understood.facts
    ]
    return {
        "county": told.county,
        "understood": [chip.model_dump() for chip in chips],
        "ranked_by": told.understood.text,
        "not_applied": [{"label": each.label, "reason": each.reason} for each in told.not_applied],
        "items": found.hits,
    }
