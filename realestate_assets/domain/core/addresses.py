"""Addresses, ZIPs, states and parcel numbers in one spelling, so that equal ones compare equal.

Street lines follow USPS Publication 28 as the library scourgify applies it. A line the library cannot parse
keeps its own words, in plain upper case: no row is lost for an odd address. All functions are idempotent.
"""

import re
import unicodedata
from functools import lru_cache

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scourgify.address_constants import STATE_ABBREVIATIONS
from scourgify.exceptions import AddressNormalizationError
from scourgify.normalize import normalize_addr_str

from realestate_assets.domain.core.convert import Converted, to_mask

# Rounds of normalising until nothing changes any more; a line that never settles keeps its own words.
MAX_ROUNDS = 4
CACHED_LINES = 200_000
# Designators that say no more than "a unit of the building": they do not tell two addresses apart.
PLAIN_UNITS = r"^(UNIT|APT|STE|#)\s*"

StreetLine = tuple[str, str | None]


def normalize_street(
    street: str, unit: str | None = None, state: str | None = None
) -> tuple[str | None, str | None]:
    """Street line and unit in USPS spelling: upper case, abbreviated, the unit split off.

    Args:
        street: street line, which may hold the unit.
        unit: unit where the source has it in a column of its own.
        state: two-letter state; decides whether CT is Court or Connecticut.
    """
    line, rest = _plain(street), _unit(_plain(unit or "")) or None
    if not line:
        return None, rest
    settled = before = (line, rest)
    for _ in range(MAX_ROUNDS):
        settled = _standard(*before, state)
        if settled == before:
            return settled
        before = settled
    return line, rest


def normalize_addresses(table: pa.Table, state: str) -> pa.Table:
    """`street`, `unit` and `city` of a canonical table, each distinct address worked on once.

    Args:
        table: a table with street, unit and city.
        state: two-letter state of the county.
    """
    frame = table.select(["street", "unit"]).to_pandas()
    keys = frame["street"].fillna("") + "\0" + frame["unit"].fillna("")
    codes, distinct = pd.factorize(keys)
    parts = [key.split("\0", 1) for key in distinct]
    pairs = [normalize_street(street, unit, state) for street, unit in parts]
    street = pa.array([pair[0] for pair in pairs], pa.string())
    unit = pa.array([pair[1] for pair in pairs], pa.string())
    at = pa.array(codes)
    city = pc.utf8_upper(pc.replace_substring_regex(table["city"], r"\s+", " "))
    for name, column in (("street", pc.take(street, at)), ("unit", pc.take(unit, at)), ("city", city)):
        table = table.set_column(table.column_names.index(name), name, column)
    return table


def normalize_apn(apn: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Parcel numbers without separators, upper case, leading zeros kept; all zeros is a placeholder: null."""
    plain = pc.replace_substring_regex(pc.utf8_upper(apn), r"[^0-9A-Z]", "")
    useless = pc.match_substring_regex(plain, "^0*$")
    return pc.if_else(useless, pa.scalar(None, pa.string()), plain)


def normalize_zip(code: pa.Array | pa.ChunkedArray) -> Converted:
    """Five-digit ZIPs: ZIP+4 shortened, `98178.0` read, zeros lost by a spreadsheet given back.

    All zeros is a placeholder and becomes null.
    """
    code = pc.if_else(pc.match_substring_regex(code, r"^0+(\.0+)?$"), pa.scalar(None, pa.string()), code)
    plain = pc.replace_substring_regex(code, r"\.0+$", "")
    plain = pc.replace_substring_regex(plain, r"[\s-]", "")
    fits = pc.match_substring_regex(plain, r"^(\d{3,5}|\d{9})$")
    digits = pc.if_else(fits, plain, pa.scalar(None, pa.string()))
    five = pc.utf8_slice_codeunits(pc.utf8_lpad(digits, 5, "0"), 0, 5)
    return five, to_mask(pc.and_(pc.is_valid(code), pc.is_null(five)))


def normalize_state(state: pa.Array | pa.ChunkedArray) -> Converted:
    """Two-letter states from names and abbreviations."""
    names = {**STATE_ABBREVIATIONS, **{code: code for code in STATE_ABBREVIATIONS.values()}}
    plain = pc.utf8_upper(pc.replace_substring_regex(pc.utf8_trim_whitespace(state), r"\.|\s+$", ""))
    position = pc.index_in(plain, value_set=pa.array(list(names), pa.string()))
    values = pc.take(pa.array(list(names.values()), pa.string()), position)
    return values, to_mask(pc.and_(pc.is_valid(state), pc.is_null(values)))


def address_key(table: pa.Table) -> pa.ChunkedArray:
    """What tells addresses apart: street, unit and ZIP (city where there is none); null without a street."""
    unit = pc.replace_substring_regex(pc.fill_null(table["unit"], ""), PLAIN_UNITS, "")
    place = pc.fill_null(pc.coalesce(table["zip"], table["city"]), "")
    return pc.binary_join_element_wise(table["street"], unit, place, "|")


def _plain(text: str) -> str:
    """Upper case without accents, control characters, odd punctuation and double blanks."""
    letters = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    upper = re.sub(r"[^\w\s#&/.-]|_", " ", re.sub(r"['\u2019`]", "", letters.upper()))
    return " ".join(re.sub(r"\.(?!\d)", " ", upper).split())


@lru_cache(maxsize=CACHED_LINES)
def _standard(street: str, unit: str | None, state: str | None) -> StreetLine:
    """One round: the library's reading of the line, or the line as it is where it has none."""
    whole = f"{street}, {unit}" if unit else street
    try:
        parsed = normalize_addr_str(whole, state=state)
    except (AddressNormalizationError, KeyError, ValueError, IndexError, AttributeError, TypeError):
        return street, unit
    line = _plain(parsed["address_line_1"] or "")
    rest = _plain(parsed["address_line_2"] or "")
    if not line or _words(f"{line} {rest}") < _words(whole):
        return street, unit  # the library dropped a word it took for a city or state
    return line, _unit(rest) or None


def _words(text: str) -> int:
    return len(text.replace(",", " ").replace("#", "# ").split())


def _unit(text: str) -> str:
    """`# 5` and `#5` as UNIT 5."""
    return re.sub(r"^#\s*", "UNIT ", text)
