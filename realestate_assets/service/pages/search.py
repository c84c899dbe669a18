"""Search by a sentence: what was understood as marks that can be taken away, and the homes that fit."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Query
from fastapi.responses import Response
from markupsafe import Markup

from realestate_assets.operations.market.counts import list_counties
from realestate_assets.operations.market.search import NoCountyError
from realestate_assets.service.dependencies import TenantSession, requires
from realestate_assets.service.pages.frame import FrameOf, page_router
from realestate_assets.service.pages.save_form import hidden_fields
from realestate_assets.service.routers.search import answer_of
from resources.errors import TransientError

router = page_router()

HITS = 50
MAX_CHARACTERS, MAX_FACTS = 300, 30
EXAMPLES = (
    "3 beds under 600k with a garage",
    "waterfront house built after 2010",
    "cheap condo near downtown, no pool",
)


def address(q: str, county: str, without: list[str]) -> str:
    """The address of a search."""
    held = [("q", q), *([("county", county)] if county else []), *(("without", key) for key in without)]
    return f"/search?{urlencode(held)}"


@router.get("/search", dependencies=[Depends(requires("search:run"))])
def search(
    framed: FrameOf,
    session: TenantSession,
    q: Annotated[str, Query(max_length=MAX_CHARACTERS)] = "",
    county: Annotated[str, Query(max_length=60)] = "",
    without: Annotated[list[str] | None, Query(max_length=MAX_FACTS)] = None,
) -> Response:
    """The page."""
    sentence = "".join(character for character in q if character.isprintable()).strip()
    left_out = [key for key in without or [] if key.isprintable() and len(key) <= 60]
    found: dict[str, Any] | None = None
    trouble = ""
    if sentence:
        try:
            found = answer_of(framed.parts, session, sentence, county or None, left_out, HITS)
        except NoCountyError as error:
            trouble = (
                "Choose a county, or name one in the sentence."
                if error.known
                else "Your tenant sees no county with data yet."
            )
        except TransientError:
            trouble = "The search index does not answer just now. Try again in a moment."
    chips = [
        {"text": chip["label"], "address": address(sentence, county, [*left_out, chip["key"]])}
        for chip in (found or {}).get("understood", [])
    ]
    return framed.show(
        "search",
        "Search",
        q=sentence,
        county=county,
        counties=list_counties(session),
        found=found,
        trouble=trouble,
        chips=chips,
        left_out=left_out if found else [],
        whole=address(sentence, county, []),
        examples=[{"text": text, "address": address(text, county, [])} for text in EXAMPLES],
        may_save=framed.principal.may("searches:write"),
        hidden=hidden_fields(sentence=sentence, without=left_out) if found else Markup(),
    )
