"""Mailing addresses in one line, taken apart: street, unit, city, state, ZIP; and streets taken into words.

Lines come as `12 Elm St, Reno, NV 89501`, `12 ELM ST RENO NV 89501-1234`, `C/O BANK, PO BOX 16, …` or as a
street alone. Streets are brought into the spelling of `addresses`, so that equal ones compare equal.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, TypeVar

import pandas as pd
import usaddress
from scourgify.address_constants import STATE_ABBREVIATIONS

from realestate_assets.domain.core.addresses import normalize_street
from realestate_assets.domain.core.postal.boxes import is_box, spell_box
from realestate_assets.domain.core.postal.units import DESIGNATORS, is_unit, unit_key, unit_words
from realestate_assets.domain.core.postal.words import DIRECTIONS, STREET_TYPES, clean, split_number
from realestate_assets.domain.core.states import MAIL_STATES, state_of_zip

CACHED_LINES = 200_000
# Names of states that scourgify spells out, longest first: WEST VIRGINIA before VIRGINIA.
_NAMES = {name: code for name, code in STATE_ABBREVIATIONS.items() if code in MAIL_STATES}
_STATE = "|".join(sorted((*_NAMES, *MAIL_STATES), key=len, reverse=True))
_COUNTRY = r"(?:[\s,]+(?:USA|US|UNITED STATES(?: OF AMERICA)?))?[\s,]*$"
STATE_AND_ZIP = re.compile(
    rf"^(?P<rest>.*?)[\s,]+(?P<state>{_STATE})[\s,]*(?P<zip>\d{{5}})(?:-?\d{{4}})?{_COUNTRY}"
)
ZIP_ALONE = re.compile(rf"^(?P<rest>.*?)[\s,]+(?P<zip>\d{{5}})(?:-\d{{4}})?{_COUNTRY}")
# Only behind a comma: `12 ELM CT` is a court, not Connecticut.
STATE_ALONE = re.compile(rf"^(?P<rest>.*,.*?)[\s,]+(?P<state>{_STATE}){_COUNTRY}")
CARE_OF = re.compile(r"^(?:C ?/ ?O\b|%|ATTN\b:?|CARE OF\b)[^0-9]*")
INITIALS = re.compile(r"\b(?:[A-Z]\.){2,}")
# Post offices of the armed forces and of embassies stand where a city would.
MILITARY_CITIES = ("APO", "FPO", "DPO")
# Part of a house, not of the city behind it: `12 ELM ST REAR RENO`. FRONT and UPPER begin names of cities.
PARTS_OF_HOUSES = frozenset(
    {
        *("REAR", "SIDE", "BSMT", "BASEMENT", "FRNT", "LBBY", "LOBBY"),
        *("LOWR", "UPPR", "OFC", "OFFICE", "PH", "PENTHOUSE"),
    }
)
CITIES_OF_SUCH_NAMES = ("SIDE LAKE",)


class Mailing(NamedTuple):
    """A mailing address in parts; None for what the line does not say."""

    street: str | None = None
    unit: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    is_box: bool = False


class Street(NamedTuple):
    """A street line in words: house number, name, direction, kind; the name without blanks."""

    number: str | None = None
    name: str | None = None
    direction: str | None = None
    kind: str | None = None


@lru_cache(maxsize=CACHED_LINES)
def parse_mailing(line: str) -> Mailing:
    """Take a line apart; what cannot be made out is None, so that nothing follows from it."""
    dotless = INITIALS.sub(lambda found: found[0].replace(".", ""), line.upper())
    text = clean(dotless, keep=",%:").strip(" ,")
    rest, state, code = _tail(text)
    street, unit, city = _street_and_city(rest, state, code)
    if city in MILITARY_CITIES:
        state = state_of_zip(code) or state  # `APO NY 09012`, as it was written once
    waits = is_box(street)
    if waits and not state:
        code = None  # `PO BOX 60614`: the number is the box's
    line_1, line_2 = normalize_street(street, unit, state) if street and not waits else (None, None)
    return Mailing(line_1, plain_unit(line_2), city, state or state_of_zip(code), code, waits)


@lru_cache(maxsize=CACHED_LINES)
def parse_street(line: str) -> Street:
    """Words of a street line in USPS spelling; nothing where it does not begin with a house number."""
    words = line.split()
    if len(words) < 2 or not words[0][0].isdigit():
        return Street()
    number, name = words[0], words[1:]
    direction = kind = None
    if len(name) > 1 and name[0] in DIRECTIONS:
        direction, name = name[0], name[1:]
    if len(name) > 1 and name[-1] in DIRECTIONS:
        direction, name = (direction or "") + name[-1], name[:-1]
    if len(name) > 1 and name[-1] in STREET_TYPES:
        kind, name = name[-1], name[:-1]
    return Street(number, "".join(re.sub(r"\W", "", word) for word in name) or None, direction, kind)


Parts = TypeVar("Parts", Street, Mailing)


def plain_unit(unit: str | None) -> str | None:
    """A unit without the designators that say no more than "a unit"."""
    return unit_key(unit) or None if unit else None


def in_parts(values: pd.Series, parse: Callable[[str], Parts], parts: type[Parts]) -> pd.DataFrame:
    """Columns of `parts` for each text, each distinct one parsed once; missing text gives missing parts."""
    codes, distinct = pd.factorize(values)
    rows = [parse(text) for text in distinct] + [parts()]
    frame = pd.DataFrame(rows, columns=parts._fields)
    return frame.iloc[codes].set_axis(values.index)  # -1 is the last row: no text


def _tail(text: str) -> tuple[str, str | None, str | None]:
    """The line without state and ZIP, and those."""
    for pattern in (STATE_AND_ZIP, ZIP_ALONE, STATE_ALONE):
        if found := pattern.match(text):
            parts = found.groupdict()
            state = parts.get("state")
            return parts["rest"].strip(" ,"), _NAMES.get(state, state), parts.get("zip")
    return text, None, None


def _street_and_city(rest: str, state: str | None, code: str | None) -> tuple[str, str | None, str | None]:
    parts = [part.strip() for part in rest.split(",") if part.strip()]
    # Before the street stand names: `C/O SMITH MGMT, 12 ELM ST, RENO`.
    start = next((k for k, part in enumerate(parts) if _begins_address(part)), 0)
    parts = parts[start:] or [""]
    street, others = CARE_OF.sub("", parts[0]), parts[1:]
    if not others and (state or code):
        street, others = _split_city(street, state, code)
    city = others.pop() if others and not _is_unit(others[-1]) else None
    return street, " ".join(others) or None, city


def _begins_address(part: str) -> bool:
    return bool(split_number(part)[0] or is_box(part) or spell_box(part))


def _is_unit(part: str) -> bool:
    words = unit_words(part)
    return bool(words) and words[0] in DESIGNATORS and is_unit(words, behind_street=True)


def _split_city(street: str, state: str | None, code: str | None) -> tuple[str, list[str]]:
    """`12 ELM ST RENO` as street and city, as usaddress reads the whole line; no city where it sees none."""
    before, _, last = street.rpartition(" ")
    if before and last in MILITARY_CITIES:
        return before, [last]
    try:
        tagged, _ = usaddress.tag(" ".join(filter(None, (street, state, code))))
    except usaddress.RepeatedLabelError:
        return street, []
    city = _without_part_of_house(tagged.get("PlaceName", "").strip(" ,"))
    if not city or not street.endswith(city) or street == city:
        return street, []
    return street.removesuffix(city).strip(" ,"), [city]


def _without_part_of_house(city: str) -> str:
    words = city.split()
    while len(words) > 1 and words[0] in PARTS_OF_HOUSES and " ".join(words) not in CITIES_OF_SUCH_NAMES:
        words = words[1:]
    return " ".join(words)
