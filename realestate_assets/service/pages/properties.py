"""The list of properties beside its map. The filters stand in the address: who sends it sends the list."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Query, Request
from fastapi.responses import Response
from pydantic import ValidationError

from realestate_assets.operations.market.columns import DEFAULT_SORT, LIST_FIELDS, SORTS
from realestate_assets.operations.market.counts import facets, list_counties
from realestate_assets.operations.market.filters import LISTS, RANGES, PropertyFilter
from realestate_assets.operations.market.pages import property_list
from realestate_assets.service.dependencies import TenantSession, requires
from realestate_assets.service.pages import say
from realestate_assets.service.pages.frame import FrameOf, page_router
from realestate_assets.service.pages.save_form import hidden_fields
from realestate_assets.service.paging import DEFAULT_LIMIT, MAX_CURSOR_CHARACTERS, Order, PageRequest, page
from realestate_assets.service.problems import ProblemError

router = page_router()

# Heading, sort, whether figures; the columns of the table.
COLUMNS = (
    ("Property", "street", False),
    ("Ask", "asking_price_usd", True),
    ("Value", "market_value_p50_usd", True),
    ("Below value", "discount_to_value_pct", True),
    ("Score", "bird_dog_score", True),
)
SORT_NAMES = {
    "-bird_dog_score": "Best score",
    "-discount_to_value_pct": "Furthest below value",
    "asking_price_usd": "Lowest ask",
    "-asking_price_usd": "Highest ask",
    "-market_value_p50_usd": "Highest value",
    "-living_area_sqft": "Largest",
    "-year_built": "Newest",
    "days_on_market": "Shortest on the market",
    "street": "Address",
}
FACET_NAMES = {
    "county": "County",
    "offer_state": "Offer",
    "property_type": "Type",
    "score_class": "Class",
    "city": "City",
    "zip": "ZIP",
    "listing_status": "Status",
}
RANGE_NAMES = {
    "price": "Ask, $",
    "value": "Value, $",
    "score": "Score",
    "discount": "Below value, %",
    "bedrooms": "Bedrooms",
    "bathrooms": "Bathrooms",
    "living_area": "Living area, sq ft",
    "lot_area": "Lot, sq ft",
    "year_built": "Year built",
}
FLAGS = {
    "waterfront": "On the water",
    "has_memo": "Memo",
    "needs_review": "To be reviewed",
    "archived": "Put away",
}
# Not filters, but of the page.
OWN = ("sort", "cursor", "from")


def range_fields(name: str) -> tuple[str, str]:
    """The two filters of a range."""
    unit = RANGES[name][1]
    return (f"min_{name}{'_' * bool(unit)}{unit}", f"max_{name}{'_' * bool(unit)}{unit}")


def given(request: Request) -> dict[str, list[str]]:
    """What of the address is a filter and not empty: a form sends its empty fields too."""
    known = set(PropertyFilter.model_fields)
    names = dict.fromkeys(name for name in request.query_params if name in known)
    found = {name: [v for v in request.query_params.getlist(name) if v.strip()] for name in names}
    return {name: values for name, values in found.items() if values}


def chosen_filter(asked: dict[str, list[str]]) -> tuple[PropertyFilter, dict[str, str]]:
    """The filters, and what is wrong with those that were left out for it."""
    asked, wrong = dict(asked), dict[str, str]()
    while True:
        plain = {name: values if name in LISTS else values[0] for name, values in asked.items()}
        try:
            return PropertyFilter.model_validate(plain), wrong
        except ValidationError as error:
            for each in error.errors():
                # What does not go together names no field: the place is what it is about.
                name = str(each["loc"][0]) if each["loc"] else "near"
                wrong[name] = str(each["msg"])
                asked.pop(name, None)
                if not each["loc"]:
                    asked.pop("radius_miles", None)


def pairs(chosen: PropertyFilter) -> list[tuple[str, str]]:
    """The filters as they stand in an address."""
    found: list[tuple[str, str]] = []
    for name, value in chosen.model_dump(exclude_defaults=True).items():
        values = value if isinstance(value, list) else [value]
        found += [(name, _plain(each)) for each in values]
    return found


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def address(held: list[tuple[str, str]], **more: str) -> str:
    """An address of the list."""
    asked = urlencode([*held, *more.items()])
    return f"/properties?{asked}" if asked else "/properties"


def chips(held: list[tuple[str, str]], sort: str) -> list[dict[str, str]]:
    """Each filter in words, with the address of the list without it."""
    words = {end: (label, said) for name in RANGES for end, label, said in _ends(name)}
    found = []
    for place, (name, value) in enumerate(held):
        rest = [pair for at, pair in enumerate(held) if at != place]
        if name == "near":
            rest = [pair for pair in rest if pair[0] != "radius_miles"]
        if name == "radius_miles":
            continue
        if name in words:
            text = f"{words[name][0]} {words[name][1]} {value}"
        elif name == "box":
            text = "The part of the map"
        elif name == "near":
            text = f"Within {dict(held)['radius_miles']} miles of {value}"
        elif name in FLAGS:
            text = f"{FLAGS[name]}: {'yes' if value == 'true' else 'no'}"
        elif name == "month":
            text = say.month(value)
        else:
            text = f"{FACET_NAMES[name]}: {say.code(name, value)}"
        found.append({"text": text, "address": address(rest, **_sorted(sort))})
    return found


def _ends(name: str) -> list[tuple[str, str, str]]:
    least, most = range_fields(name)
    return [(least, RANGE_NAMES[name], "from"), (most, RANGE_NAMES[name], "up to")]


def _sorted(sort: str) -> dict[str, str]:
    return {} if sort == DEFAULT_SORT else {"sort": sort}


def headings(held: list[tuple[str, str]], sort: str) -> list[dict[str, Any]]:
    """Headings of the table with the address that sorts by each: as one reads it, then the other way."""
    found = []
    for label, name, is_figure in COLUMNS:
        first = name if name in ("street", "asking_price_usd") else f"-{name}"
        other = name if first.startswith("-") else f"-{name}"
        turned = other if sort == first else first
        state = {name: "ascending", f"-{name}": "descending"}.get(sort, "none")
        told = {"address": address(held, **_sorted(turned)), "state": state}
        found.append({"label": label, "is_figure": is_figure, **told})
    return found


@router.get("/properties", dependencies=[Depends(requires("properties:read"))])
def properties(
    request: Request,
    framed: FrameOf,
    session: TenantSession,
    sort: str = DEFAULT_SORT,
    cursor: Annotated[str | None, Query(max_length=MAX_CURSOR_CHARACTERS)] = None,
    first: Annotated[int, Query(alias="from", ge=1, le=10**9)] = 1,
) -> Response:
    """The list."""
    chosen, wrong = chosen_filter(given(request))
    if sort.removeprefix("-") not in SORTS:
        sort = DEFAULT_SORT
    held = pairs(chosen)
    found = property_list(session, chosen, LIST_FIELDS)
    order, bound = Order(found.sorts, found.key), chosen.model_dump_json(exclude_defaults=True)
    try:
        asked = PageRequest(DEFAULT_LIMIT, cursor, sort, False)
        rows, following, _ = page(session, found.statement, order, asked, framed.parts.secret, bound)
    except ProblemError:
        # A page of another list: its first one is shown in its place.
        first, asked = 1, PageRequest(DEFAULT_LIMIT, None, sort, False)
        rows, following, _ = page(session, found.statement, order, asked, framed.parts.secret, bound)
    items = [dict(row._mapping) for row in rows]
    counted = facets(session, chosen)
    counties = list_counties(session)
    after = {"cursor": following or "", "from": str(first + len(items))}
    return framed.show(
        "properties",
        "Properties",
        items=items,
        total=counted["total"],
        first=first if items else 0,
        last=first + len(items) - 1 if items else 0,
        next_address=address(held, **_sorted(sort), **after) if following else None,
        first_address=address(held, **_sorted(sort)) if first > 1 else None,
        headings=headings(held, sort),
        sort=sort,
        sort_names=SORT_NAMES,
        held=dict(held),
        chosen=chosen,
        chips=chips(held, sort),
        wrong={name: say.field(name) for name in wrong},
        facets=[(name, FACET_NAMES[name], counted["facets"][name]) for name in FACET_NAMES],
        chosen_lists={name: getattr(chosen, name) for name in LISTS},
        ranges=[(RANGE_NAMES[name], *range_fields(name)) for name in RANGE_NAMES],
        # What the form keeps though it has no field for it.
        kept=[(name, value) for name, value in held if name in ("box", "near", "radius_miles", "month")],
        counties=counties,
        may_save=framed.principal.may("searches:write"),
        save_county=chosen.county[0] if len(chosen.county) == 1 else "",
        hidden=hidden_fields(
            filters=chosen.model_dump(mode="json", exclude_defaults=True, exclude={"county", "month"})
        ),
        map_query=urlencode(held),
        has_simulated=any(row["is_simulated"] for row in items),
        is_back_test=bool(items) and all(row["offer_state"] == "retrospective" for row in items),
    )
