"""Streets by rule: numbered roads, the grids of Utah, and `[direction] name kind [direction]`.

What these rules read, they read alike however it is written. The rest is left to the library.
"""

import re

from realestate_assets.domain.core.postal.roads import numbered_road
from realestate_assets.domain.core.postal.units import DESIGNATORS, is_unit
from realestate_assets.domain.core.postal.words import DIRECTIONS, STREET_TYPES, direction, ordinal

# Behind these a number that stands alone is more likely the road's than a unit's.
_NUMBERED_KINDS = frozenset({"HWY", "RTE", "FWY", "EXPY", "TPKE", "PIKE", "SPUR"})
_NUMBERED_NAMES = frozenset(
    {"FOREST", "SERVICE", "FS", "FIRE", "INDIAN", "NAVAJO", "MINE", "COUNTY", "STATE"}
)

# Kinds that a direction can be the name of: North Avenue. Elsewhere it is one: N Loop, W Park.
_KINDS_OF_DIRECTIONS = frozenset(
    {
        *("ST", "AVE", "RD", "DR", "LN", "PL", "BLVD", "CIR"),
        *("WAY", "TER", "PKWY", "HWY", "FWY", "EXPY", "TRL", "SQ"),
    }
)

Split = tuple[list[str], list[str]]


def split_street(words: list[str], state: str | None) -> Split | None:
    """The street that a line without its number begins with, in its one spelling, and the unit behind it.

    Args:
        words: words of the line, designators apart from their numbers.
        state: two-letter state.

    Returns:
        None where the words are no such street, or something else than a unit stands behind it.
    """
    road = numbered_road(words, state)
    if road and (not road[1] or (road[1][0] in DESIGNATORS and is_unit(road[1], behind_street=True))):
        return road
    return _grid(words) or _lettered(words) or _plain(words)


def _grid(words: list[str]) -> Split | None:
    """`E 4500 S`, as streets are named by their distance from the middle of town."""
    first = DIRECTIONS.get(words[0]) if words else None
    rest = words[1:] if first else words
    if len(rest) < 2 or not rest[0].isdigit() or rest[1] not in DIRECTIONS:
        return None
    street = [*filter(None, [first]), rest[0], DIRECTIONS[rest[1]]]
    behind = rest[2:]
    fits = not behind or (behind[0] in DESIGNATORS and is_unit(behind, behind_street=True))
    return (street, behind) if fits else None


def _lettered(words: list[str]) -> Split | None:
    """`AVENUE C`, whose kind stands before its name."""
    if len(words) < 2 or words[0] not in ("AVE", "AVENUE") or not re.fullmatch(r"[A-Z]|\d+", words[1]):
        return None
    after, behind = _direction_after(words[2:])
    fits = not behind or (behind[0] in DESIGNATORS and is_unit(behind, behind_street=True))
    return (["AVE", words[1], *after], behind) if fits else None


def _plain(words: list[str]) -> Split | None:
    """The first kind of street with a name before it, and nothing but a direction and a unit behind it."""
    for place in range(1, len(words)):
        kind = STREET_TYPES.get(words[place])
        if not kind or (kind not in _KINDS_OF_DIRECTIONS and all(map(DIRECTIONS.get, words[:place]))):
            continue
        after, behind = _direction_after(words[place + 1 :])
        if behind and not _is_unit_of(words[:place], kind, behind):
            continue
        return [*_name(words[:place]), kind, *after], behind
    return None


def _is_unit_of(name: list[str], kind: str, behind: list[str]) -> bool:
    bare = behind[0] not in DESIGNATORS
    if bare and (name[-1] in DIRECTIONS or kind in _NUMBERED_KINDS):
        return False
    if bare and kind == "RD" and name[-1] in _NUMBERED_NAMES:
        return False
    return is_unit(behind, behind_street=True)


def _name(words: list[str]) -> list[str]:
    """Direction and name: `NORTH WEST 5TH` is NW 5TH, `N WEST` is West Street in the north."""
    two = direction(words[:2]) if len(words) > 2 else None
    if two and len(two) == 2 and (words[2][0].isdigit() or len(words[0]) == len(words[1]) == 1):
        before, name = [two], words[2:]
    elif len(words) > 1 and words[0] in DIRECTIONS:
        before, name = [DIRECTIONS[words[0]]], words[1:]
    else:
        before, name = [], words
    return [*before, ordinal(name[0])] if len(name) == 1 else [*before, *name]


def _direction_after(words: list[str]) -> Split:
    for length in (2, 1):
        if len(words) >= length and (code := direction(words[:length])):
            return [code], words[length:]
    return [], words
