"""Addresses, ZIPs and states in one spelling, so that equal ones compare equal, and others do not.

All that compares addresses does it by this module: identities, duplicates, providers' matches, owners' mail.
Street lines follow USPS Publication 28: numbered roads, grids, units and plain streets by the rules of
`postal`, the rest as the library scourgify reads it. A line that neither can read keeps its own words, in
plain upper case: no row is lost for an odd address, and none becomes another. All functions are idempotent.
"""

from typing import TypeAlias

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scourgify.address_constants import STATE_ABBREVIATIONS

from realestate_assets.domain.core.convert import Converted, to_mask
from realestate_assets.domain.core.postal.lines import StreetLine, read_line
from realestate_assets.domain.core.postal.units import unit_key

Texts: TypeAlias = "pa.Array | pa.ChunkedArray"

# Between the parts of a key; no street, unit or place has it.
_PART = "|"


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
    frame = pd.DataFrame({"street": street.to_pandas(), "unit": unit.to_pandas()}).fillna("")
    codes, distinct = pd.factorize(frame["street"] + "\0" + frame["unit"])
    parts = [key.split("\0", 1) for key in distinct]
    pairs = [read_line(line, column, state) for line, column in parts]
    at = pa.array(codes)
    streets, units = (pa.array([pair[part] for pair in pairs], pa.string()) for part in (0, 1))
    return pc.take(streets, at), pc.take(units, at)


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
    codes, distinct = pd.factorize(unit.to_pandas().fillna(""))
    return pc.take(pa.array([unit_key(text) for text in distinct], pa.string()), pa.array(codes))
