"""Units of a building in one spelling: APT 5, UNIT 5, BLDG 2 APT 5, REAR; and the key they compare by.

An apartment, a unit, `No. 5` and `#5` are one kind of place. A lot, a suite, a hangar or a slip is another:
number 4 of each are four places.
"""

import re
from functools import lru_cache

from realestate_assets.domain.core.postal.words import DIRECTIONS, STREET_TYPES

CACHED_UNITS = 200_000
# Designators of Publication 28 and how they are written; `#` and NO say no more than "unit".
_NUMBERED = {
    "APT": "APT APARTMENT APPT APTMT",
    "UNIT": "UNIT # NO NUMBER",
    "BLDG": "BLDG BLD BUILDING",
    "DEPT": "DEPT DEPARTMENT",
    "FL": "FL FLR FLOOR",
    "HNGR": "HNGR HGR HANGAR HANGER",
    "KEY": "KEY",
    "LOT": "LOT",
    "PIER": "PIER",
    "RM": "RM ROOM",
    "SLIP": "SLIP",
    "SPC": "SPC SPACE SP",
    "STE": "STE SUITE",
    "STOP": "STOP",
    "TRLR": "TRLR TRAILER",
}
# Places that need no number.
_PLACES = {
    "BSMT": "BSMT BASEMENT",
    "FRNT": "FRNT FRONT",
    "LBBY": "LBBY LOBBY",
    "LOWR": "LOWR LOWER",
    "OFC": "OFC OFFICE",
    "PH": "PH PENTHOUSE",
    "REAR": "REAR",
    "SIDE": "SIDE",
    "UPPR": "UPPR UPPER",
}
DESIGNATORS = {word: name for name, words in (_NUMBERED | _PLACES).items() for word in words.split()}
PLAIN = frozenset({"APT", "UNIT", ""})
# These begin a unit wherever they stand in a line.
_CERTAIN = frozenset({"APT", "APARTMENT", "UNIT", "#", "STE", "SUITE"})
# These are kinds of streets or names as well: the first begin a unit only with a number, the second only
# behind the kind of a street.
_KINDS = frozenset({"KEY", "PIER", "STOP"})
_NAMES = _KINDS | {"SP", *(word for words in _PLACES.values() for word in words.split())}
# The larger place stands first, the door last.
_ORDER = {"BLDG": 0, "FL": 1} | dict.fromkeys(PLAIN, 3)

_GLUED = re.compile(r"\b(APT|UNIT|STE|SUITE|BLDG|SPC|LOT|TRLR|RM|PH)-?(?=\d)|\b(APT|UNIT|STE)-(?=\w)")
_FLOOR = re.compile(r"\b(\d+)(?:ST|ND|RD|TH) (?:FLOOR|FLR|FL)\b")
_CONDO = re.compile(r"\bCONDO (?=[A-Z]?\d|[A-Z]$)")
# A number behind a designator; without one it needs a digit or is one letter. AVENUE 134TH is a street, and
# five digits are a ZIP.
_NUMBER = re.compile(r"\w{0,2}\d[\w/.-]*|[A-Z]{1,2}")
_NUMBER_ALONE = re.compile(r"(?!\d+(?:ST|ND|RD|TH)$|\d{5}$)[A-Z]{0,2}\d[\w/.-]*|[A-Z]")

Part = tuple[str, str]


def unit_words(line: str) -> list[str]:
    """Words of a cleaned line with the designators told from the numbers they are glued to."""
    line = _FLOOR.sub(r"FL \1", _GLUED.sub(r"\1\2 ", line.replace("#", " # ")))
    return [word for word in _CONDO.sub("UNIT ", line).split() if word.strip("-./")]


def read_unit(words: list[str]) -> list[Part]:
    """Designator and number of each part of a unit, the designator empty where none is given."""
    parts: list[tuple[str, list[str]]] = [("", [])]
    for word in words:
        name, numbers = parts[-1]
        found = DESIGNATORS.get(word)
        if not found:
            numbers.append(_number(word, name))
        elif name and not numbers and (word in ("#", "NO") or {name, found} <= PLAIN):
            continue  # APT # 5, LOT NO 5, UNIT APT 5
        else:
            parts.append((found, []))
    return [(name, " ".join(numbers)) for name, numbers in parts if numbers or name not in PLAIN]


def merge_units(line: list[Part], column: list[Part]) -> list[Part]:
    """The parts that a street line and a unit column name, each once."""
    merged: list[Part] = []
    for part in [*line, *column]:
        same = next((place for place, other in enumerate(merged) if _same(part, other)), None)
        if same is None:
            merged.append(part)
        elif not merged[same][0] and part[0] not in PLAIN:
            merged[same] = part
    return sorted(merged, key=lambda part: (_ORDER.get(part[0], 2), "" if part[0] in PLAIN else part[0]))


def spell_unit(parts: list[Part]) -> str | None:
    """The parts as text; what has no designator is a unit."""
    return " ".join(f"{name or 'UNIT'} {number}".strip() for name, number in parts) or None


@lru_cache(maxsize=CACHED_UNITS)
def unit_key(unit: str) -> str:
    """What tells a unit from others of its building: the designator only where it is no plain one."""
    parts = merge_units(read_unit(unit_words(unit)), [])
    if len(parts) == 1 and parts[0][0] in PLAIN:
        return parts[0][1]
    return spell_unit([("" if name in PLAIN else name, number) for name, number in parts]) or ""


def is_unit(words: list[str], behind_street: bool) -> bool:
    """Whether the words at the end of a line are a unit.

    Args:
        words: the rest of a line, from a word on that may begin a unit.
        behind_street: the words before are a street with its kind, so that these are no part of its name.
    """
    parts, first = read_unit(words), words[0]
    if not parts:
        return behind_street and DESIGNATORS.get(first) in PLAIN
    if any(not number and name not in _PLACES for name, number in parts):
        return False
    numbers = [number.split() for _, number in parts if number]
    if first not in DESIGNATORS:
        alone = len(numbers[0]) == 1 and first not in DIRECTIONS and _NUMBER_ALONE.fullmatch(first)
        return behind_street and bool(alone) and _fit(numbers)
    if first in _CERTAIN:
        return behind_street or not {*STREET_TYPES, *DIRECTIONS}.intersection(*numbers[0][:1])
    if behind_street and first not in _KINDS:
        return _fit(numbers)
    numbered = bool(numbers) and all(re.search(r"\d", number[0]) for number in numbers)
    return numbered and _fit(numbers) and (behind_street or first not in _NAMES)


def _fit(numbers: list[list[str]]) -> bool:
    words = [word for number in numbers for word in number]
    return all(_NUMBER.fullmatch(word) and word not in STREET_TYPES for word in words)


def _same(part: Part, other: Part) -> bool:
    """Equal, or with the same number and no designator on one side."""
    both = {"" if name in PLAIN else name for name in (part[0], other[0])}
    return part[1] == other[1] and (len(both) == 1 or "" in (part[0], other[0]))


def _number(word: str, designator: str) -> str:
    """A number without the zeros a table pads it with; a floor's without its ending."""
    word = re.sub(r"^0+(?=\d)", "", word.strip("-./"))
    return re.sub(r"^(\d+)(?:ST|ND|RD|TH)$", r"\1", word) if designator == "FL" else word
