"""Values of enrichment fields from the rows of a dataset, by the rules of a provider's configuration.

A table holds text columns, its rows in the order of parcel, vintage and the provider's own order. What is
text stays text here: the type and range of a field are checked where providers are settled.
"""

import string

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.addresses import normalize_addresses, normalize_state, normalize_zip
from realestate_assets.domain.core.convert import clean, first_of, to_mask, to_number
from realestate_assets.domain.counties.column_map import UNIT_FACTORS
from realestate_assets.domain.counties.providers.socrata import FieldRule, HomeRule, columns_of_line
from realestate_assets.domain.enrichment.ownership import OWNER_OCCUPIED, UNKNOWN, occupancy
from realestate_assets.domain.tables import OCCUPANCIES

NOTHING = pa.scalar(None, pa.string())


def row_values(rule: FieldRule, table: pa.Table, parcel: np.ndarray, year: np.ndarray) -> pa.Array:
    """The value of a field in each row of a dataset.

    Args:
        rule: how the field is made.
        table: the dataset's columns as text.
        parcel: number of the parcel of each row, rows of one parcel together and by year.
        year: year of each row; for a rule about tenure.
    """
    if rule.constant is not None:
        return pa.repeat(pa.scalar(rule.constant), table.num_rows)
    columns = {name: clean(table[name], rule.null_values) for name in rule.columns}
    if rule.unbroken:
        return _since(columns[rule.unbroken], parcel, year)
    if rule.home:
        return _at_home(rule.home, columns)
    if rule.line:
        return _line(rule.line, columns)
    if rule.sum:
        return _sum(rule, columns, table.num_rows)
    text = first_of(list(columns.values()))
    return text if rule.unit == "count" else _scaled(to_number(text)[0], rule.unit)


def combine(rule: FieldRule, values: pa.Array, first: np.ndarray) -> pa.Array:
    """One value a group from those of its rows; `first` holds the position of each group's first row."""
    if rule.combine == "first" or not len(first):
        return pc.take(values, pa.array(first))
    numbers = to_number(values)[0]
    there = to_mask(pc.is_valid(numbers))
    total = np.add.reduceat(np.where(there, np.asarray(pc.fill_null(numbers, 0.0)), 0.0), first)
    return _text(total, np.add.reduceat(there, first) > 0)


def _line(template: str, columns: dict[str, pa.Array]) -> pa.Array:
    """The text with the columns in it; what a missing column leaves is tidied up."""
    parts: list[pa.Array | str] = []
    for literal, name, _, _ in string.Formatter().parse(template):
        parts += [literal] if literal else []
        parts += [pc.fill_null(columns[name], "")] if name is not None else []
    line = pc.binary_join_element_wise(*parts, "")
    for pattern, tidy in ((r"\s+", " "), (r"\s+,", ","), (r",(\s*,)+", ","), (r"^[\s,]+|[\s,]+$", "")):
        line = pc.replace_substring_regex(line, pattern, tidy)
    return pc.if_else(pc.is_valid(columns[columns_of_line(template)[0]]), line, NOTHING)


def _at_home(rule: HomeRule, columns: dict[str, pa.Array]) -> pa.Array:
    """Whether the mailing address is the property's own, compared as `ownership` compares addresses."""
    count = len(columns[rule.street])
    address = {
        "street": columns[rule.street],
        "unit": pa.nulls(count, pa.string()),
        "city": columns[rule.city],
    }
    state = normalize_state(columns[rule.state])[0]
    usual = pc.unique(state.drop_null()).to_pylist()
    own = normalize_addresses(pa.table(address), usual[0] if usual else "")
    situs = own.append_column("zip", normalize_zip(columns[rule.zip])[0]).append_column("state", state)
    nothing = pd.Series([None] * count, dtype="object")
    where = occupancy(situs.to_pandas(), _line(rule.mailing, columns).to_pandas(), nothing, nothing)
    flags = where.map(dict.fromkeys(OCCUPANCIES, "false") | {OWNER_OCCUPIED: "true", UNKNOWN: None})
    return pa.array(flags.astype("object"), pa.string(), from_pandas=True)


def _sum(rule: FieldRule, columns: dict[str, pa.Array], count: int) -> pa.Array:
    total, there = np.zeros(count), np.zeros(count, dtype=bool)
    for name, factor in rule.sum.items():
        numbers = to_number(columns[name])[0]
        known = to_mask(pc.is_valid(numbers))
        total[known] += np.asarray(numbers.filter(pa.array(known))) * factor
        there |= known
    return _scaled(pa.array(total, mask=~there), rule.unit)


def _scaled(numbers: pa.Array, unit: str) -> pa.Array:
    known = to_mask(pc.is_valid(numbers))
    return _text(np.asarray(pc.fill_null(numbers, 0.0)) * UNIT_FACTORS[unit], known)


def _text(numbers: np.ndarray, known: np.ndarray) -> pa.Array:
    text = pa.array(numbers, pa.float64(), mask=~known).cast(pa.string())
    return pc.replace_substring_regex(text, r"\.0$", "")


def _since(names: pa.Array, parcel: np.ndarray, year: np.ndarray) -> pa.Array:
    """First of January of the year since which a parcel's rows have named the same, letters and digits alone.

    A row that names nobody does not break a tenure that goes on after it, and has none itself.
    """
    plain = pc.replace_substring_regex(pc.utf8_upper(names), r"[^\p{L}\p{N}]+", "")
    frame = pd.DataFrame({"parcel": parcel, "year": year, "name": plain.to_pandas()})
    named = frame[frame["name"].fillna("") != ""]
    changes = (named["parcel"] != named["parcel"].shift()) | (named["name"] != named["name"].shift())
    first = named.groupby(changes.cumsum())["year"].transform("first").reindex(frame.index)
    text = first.map("{:04.0f}-01-01".format, na_action="ignore").astype(object)
    return pa.array(text, pa.string(), from_pandas=True)
