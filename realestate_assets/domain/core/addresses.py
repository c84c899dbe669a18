"""Addresses, ZIPs and states in one spelling, so that equal ones compare equal, and others do not.

All that compares addresses does it by this module: identities, duplicates, providers' matches, owners' mail.
Street lines follow USPS Publication 28: numbered roads, grids, units and plain streets by the rules of
`postal`, the rest as the library scourgify reads it. A line that neither can read keeps its own words, in
plain upper case: no row is lost for an odd address, and none becomes another. All functions are idempotent.
"""

from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
from scourgify.address_constants import STATE_ABBREVIATIONS

from realestate_assets.domain.core.convert import Converted, one_chunk, to_mask
from realestate_assets.domain.core.postal.lines import StreetLine, read_line
from realestate_assets.domain.core.postal.units import unit_key

Texts: TypeAlias = "pa.Array | pa.ChunkedArray"

# Between the parts of a key; no street, unit or place has it.
_PART = "|"
# A house number and what follows it; other lines are read one by one.
_NUMBERED_LINE = r"(?s)^(?P<number>[0-9]{1,6}) +(?P<rest>[A-Za-z0-9].*)$"
_ANY_NUMBER = "1"


def normalize_street(street: str, unit: str | None = None, state: str | None = None) -> StreetLine:
    """Street line and unit in USPS spelling: upper case, abbreviated, the unit split off.

    Args:
        street: street line, which may hold the unit.
        unit: unit where the source has it in a column of its own.
        state: two-letter state; some roads are named by it.
    """
    return read_line(street, unit, state)


def normalize_lines(street: Texts, unit: Texts, state: str) -> tuple[pa.Array, pa.Array]:
    """Streets and units of many lines, each distinct pair read once; null streets give null.

    Args:
        street: street lines, which may hold the unit.
        unit: units where the source has them in a column of their own.
        state: two-letter state of the county.
    """
    number, behind = _house_numbers(one_chunk(street))
    key = pc.binary_join_element_wise(pc.fill_null(behind, ""), pc.fill_null(one_chunk(unit), ""), "\0")
    encoded = pc.dictionary_encode(key)
    parts = [text.split("\0", 1) for text in encoded.dictionary.to_pylist()]
    pairs = [read_line(line, column, state) for line, column in parts]
    streets, units = (
        pc.take(pa.array([pair[part] for pair in pairs], pa.string()), encoded.indices) for part in (0, 1)
    )
    own = pc.binary_join_element_wise(number, pc.utf8_slice_codeunits(streets, len(_ANY_NUMBER)), "")
    return pc.coalesce(own, streets), units


def _house_numbers(street: pa.Array) -> tuple[pa.Array, pa.Array]:
    """House numbers of plain digits, null elsewhere, and the lines with the same number in place of each.

    Houses of one street are many, and no rule of `read_line` looks at more of such a number than that it is
    one: what is read of one house, with its number put back, is what is read of the others.
    """
    found = pc.extract_regex(street, _NUMBERED_LINE)
    number, rest = (pc.struct_field(found, name) for name in ("number", "rest"))
    return number, pc.coalesce(pc.binary_join_element_wise(_ANY_NUMBER, rest, " "), street)


def normalize_addresses(table: pa.Table, state: str) -> pa.Table:
    """`street`, `unit` and `city` of a canonical table.

    Args:
        table: a table with street, unit and city.
        state: two-letter state of the county.
    """
    street, unit = normalize_lines(table["street"], table["unit"], state)
    city = pc.utf8_upper(pc.replace_substring_regex(table["city"], r"\s+", " "))
    for name, column in (("street", street), ("unit", unit), ("city", city)):
        table = table.set_column(table.column_names.index(name), name, column)
    return table


def normalize_zip(code: Texts) -> Converted:
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


def normalize_state(state: Texts) -> Converted:
    """Two-letter states from names and abbreviations."""
    names = {**STATE_ABBREVIATIONS, **{code: code for code in STATE_ABBREVIATIONS.values()}}
    plain = pc.utf8_upper(pc.replace_substring_regex(pc.utf8_trim_whitespace(state), r"\.|\s+$", ""))
    position = pc.index_in(plain, value_set=pa.array(list(names), pa.string()))
    values = pc.take(pa.array(list(names.values()), pa.string()), position)
    return values, to_mask(pc.and_(pc.is_valid(state), pc.is_null(values)))


def address_key(table: pa.Table) -> pa.ChunkedArray:
    """What tells addresses apart: street, unit and ZIP (city where there is none); null without a street."""
    place = pc.fill_null(pc.coalesce(table["zip"], table["city"]), "")
    return pc.binary_join_element_wise(table["street"], unit_keys(table["unit"]), place, _PART)


def unit_keys(unit: Texts) -> pa.Array:
    """What tells units of a building apart, empty for none: APT 5 and #5 are one, LOT 5 is another."""
    encoded = pc.dictionary_encode(pc.fill_null(one_chunk(unit), ""))
    keys = [unit_key(text) for text in encoded.dictionary.to_pylist()]
    return pc.take(pa.array(keys, pa.string()), encoded.indices)
