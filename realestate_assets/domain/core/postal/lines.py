"""A street line and its unit, read: by rule where a rule fits, else by the library, else in its own words."""

import re
from functools import lru_cache

from realestate_assets.domain.core.postal.boxes import spell_box
from realestate_assets.domain.core.postal.parser import parsed_street
from realestate_assets.domain.core.postal.streets import split_street
from realestate_assets.domain.core.postal.units import (
    DESIGNATORS,
    Part,
    is_unit,
    merge_units,
    read_unit,
    spell_unit,
    unit_words,
)
from realestate_assets.domain.core.postal.words import DIRECTIONS, clean, split_number

CACHED_STREETS = 200_000
# Rounds of reading until nothing changes any more; a line that never settles keeps its own words.
MAX_ROUNDS = 4
# Behind the only comma a word with a digit is a unit, whatever the street, unless it is a ZIP.
_UNIT_BEHIND_COMMA = re.compile(r"^([^,]*\S) ?, ?#? ?((?!\d{5}$)[A-Z]{0,3}\d[\w-]*)$")
# `712-#67 MAIN ST`: the unit stands beside the number.
_UNIT_BESIDE_NUMBER = re.compile(r"^(\d+\w?)-? ?# ?([\w-]+) (.+)")

StreetLine = tuple[str | None, str | None]


def read_line(street: str, unit: str | None, state: str | None) -> StreetLine:
    """Street and unit in one spelling; the street None where there is no word in it.

    Args:
        street: street line as it came, which may hold the unit.
        unit: unit where the source has it in a column of its own.
        state: two-letter state.
    """
    line, column = clean(street, keep=","), clean(unit or "")
    line = _UNIT_BEHIND_COMMA.sub(r"\1 # \2", line).replace(",", " ")
    line = _UNIT_BESIDE_NUMBER.sub(r"\1 \3 # \2", " ".join(line.split()))
    if not line:
        return None, column or None
    first = before = (line, column or None)
    for _ in range(MAX_ROUNDS):
        after = _read_once(*before, state)
        if after == before:
            return after
        before = after
    return first


def _read_once(line: str, unit: str | None, state: str | None) -> tuple[str, str | None]:
    column = read_unit(unit_words(unit)) if unit else []
    number, given = split_number(line)
    box = spell_box(line)
    if number and given and not box:
        street, own = _street_and_unit(" ".join(given), state)
        return f"{number} {street}".strip(), spell_unit(merge_units(own, column))
    alone = spell_unit(merge_units(column, []))
    return box or (not number and _corner(given, state)) or line, alone


@lru_cache(maxsize=CACHED_STREETS)
def _street_and_unit(line: str, state: str | None) -> tuple[str, list[Part]]:
    """Street and unit behind a house number; a street that nobody can read keeps its own words.

    Houses of one street are many: each street is worked on once.
    """
    words = unit_words(line)
    if by_rule := split_street(words, state):
        return " ".join(by_rule[0]), read_unit(by_rule[1])
    named = next((place for place, word in enumerate(words, start=1) if word not in DIRECTIONS), len(words))
    begins = (place for place in range(named, len(words)) if words[place] in DESIGNATORS)
    cut = next((place for place in begins if is_unit(words[place:], behind_street=False)), len(words))
    street = " ".join(words[:cut])
    return parsed_street(street, state) or street, read_unit(words[cut:])


def _corner(words: list[str], state: str | None) -> str | None:
    """Both streets of a corner, `4TH & MAIN ST`; None for a line that is none."""
    places = [place for place, word in enumerate(words) if word in ("&", "AND")]
    if len(places) != 1 or not 0 < places[0] < len(words) - 1:
        return None
    return " & ".join(_street(part, state) for part in (words[: places[0]], words[places[0] + 1 :]))


def _street(words: list[str], state: str | None) -> str:
    by_rule = split_street(words, state)
    return " ".join(by_rule[0] if by_rule and not by_rule[1] else words)
