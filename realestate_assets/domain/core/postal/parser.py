"""What usaddress and scourgify make of a street that no rule reads, and whether that may be believed.

The libraries guess each word's part from examples. They take the number of a road for a unit and a suffix for
a city, add the state to a line, and drop the second street of a corner. So a reading counts only if it holds
the same words in the same order: nothing lost, nothing added, nothing moved to a unit.
"""

from functools import lru_cache

from scourgify.exceptions import AddressNormalizationError
from scourgify.normalize import normalize_addr_str

from realestate_assets.domain.core.postal.words import DIRECTIONS, STREET_TYPES, clean

CACHED_STREETS = 200_000
# Houses of one street are read alike: the library sees this number for all of them.
_ANY_NUMBER = "100"


@lru_cache(maxsize=CACHED_STREETS)
def parsed_street(street: str, state: str | None) -> str | None:
    """A street without number and unit as the library abbreviates it; None where it is not to be believed."""
    try:
        read = normalize_addr_str(f"{_ANY_NUMBER} {street}", state=state)
    except (AddressNormalizationError, KeyError, ValueError, IndexError, AttributeError, TypeError):
        return None
    line = clean(read["address_line_1"] or "").removeprefix(f"{_ANY_NUMBER} ")
    kept = not read["address_line_2"] and _same_words(line.split(), street.split())
    return line if kept else None


def _same_words(read: list[str], given: list[str]) -> bool:
    return len(read) == len(given) and all(
        one == other or {_code(one), one} & {_code(other), other}
        for one, other in zip(read, given, strict=True)
    )


def _code(word: str) -> str:
    return DIRECTIONS.get(word) or STREET_TYPES.get(word, word)
