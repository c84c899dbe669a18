"""Keys that properties and rows of an address file share: parcel numbers and addresses in one spelling."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.addresses import (
    PLAIN_UNITS,
    normalize_apn,
    normalize_street,
    normalize_zip,
)
from realestate_assets.providers.matching import PART

# Doors of one house lie close together. Farther apart than this (some 200 m) they are several houses that
# share a key, such as parcel numbers that lost the hyphens that told them apart.
MAX_SPREAD_DEGREES = 0.002
NOTHING = pa.scalar(None, pa.string())


def parcel_numbers(text: pa.ChunkedArray, groups: tuple[int, ...]) -> pa.Array | pa.ChunkedArray:
    """Parcel numbers in one spelling; with `groups` each part between separators gets its zeros back."""
    if not groups:
        return normalize_apn(text)
    parts = text.to_pandas().str.strip().str.split(r"[^0-9A-Za-z]+", regex=True, expand=True)
    parts = parts.reindex(columns=range(max(len(groups), parts.shape[1]))).astype(object)
    too_long = parts.iloc[:, len(groups) :].notna().any(axis=1)
    padded = parts[0].str.zfill(groups[0])
    for column, width in list(enumerate(groups))[1:]:
        padded = padded + parts[column].fillna("").str.zfill(width)
    fits = (padded.str.len() == sum(groups)) & ~too_long
    return normalize_apn(pa.array(padded.where(fits), pa.string(), from_pandas=True))


def file_lines(table: pa.Table, state: str) -> pa.Table:
    """Street, unit, city and ZIP of the file's rows, as those of properties are spelled.

    A county's file has a million addresses and some ten thousand streets: each street is worked on once.
    """
    street = _each_once(table["street"], lambda text: _street_name(text, state))
    unit = _each_once(table["unit"], lambda text: normalize_street("1 MAIN ST", text, state)[1])
    number = pc.utf8_upper(table["number"])
    number = pc.if_else(pc.match_substring_regex(number, "^0+$"), NOTHING, number)
    return pa.table(
        {
            "street": pc.binary_join_element_wise(number, street, " "),
            "unit": unit,
            "city": pc.utf8_upper(pc.replace_substring_regex(table["city"], r"\s+", " ")),
            "zip": normalize_zip(table["postcode"])[0],
        }
    )


def address_levels(table: pa.Table, is_file: bool) -> dict[str, pa.ChunkedArray]:
    """Keys of addresses from the narrowest to the widest: street, unit and ZIP, or city, or neither.

    Without the unit a house counts as a whole. A file that names neither ZIP nor city is joined by the street
    line alone; where that stands in two places, it is told from none.
    """
    unit = pc.replace_substring_regex(pc.fill_null(table["unit"], ""), PLAIN_UNITS, "")
    nowhere = pc.and_(pc.is_null(table["zip"]), pc.is_null(table["city"]))
    levels = {}
    for name, line in (
        ("unit", pc.binary_join_element_wise(table["street"], unit, PART)),
        ("house", pc.binary_join_element_wise(table["street"], "", PART)),
    ):
        for place in ("zip", "city"):
            levels[f"{name} {place}"] = pc.binary_join_element_wise(line, table[place], PART)
        levels[f"{name} alone"] = pc.if_else(nowhere, line, NOTHING) if is_file else line
    return levels


def places_of(keys: pa.Array | pa.ChunkedArray, table: pa.Table) -> pa.Table:
    """Each key once, with the first of its rows; without those whose rows lie too far apart."""
    frame = pd.DataFrame({"key": keys.to_pandas(), "lon": table["lon"], "lat": table["lat"]})
    frame["row"] = np.arange(len(frame))
    grouped = frame[frame["key"].notna()].groupby("key", sort=False)
    spread = (grouped[["lon", "lat"]].max() - grouped[["lon", "lat"]].min()).max(axis=1)
    first = grouped["row"].first()[spread <= MAX_SPREAD_DEGREES]
    return pa.table(
        {"key": pa.array(first.index, pa.string()), "row": pa.array(first.to_numpy(), pa.int64())}
    )


def _each_once(text: pa.ChunkedArray, change: Callable[[str], str | None]) -> pa.Array:
    encoded = text.combine_chunks().dictionary_encode()
    changed = pa.array([change(value) for value in encoded.dictionary.to_pylist()], pa.string())
    return pc.take(changed, encoded.indices)


def _street_name(street: str, state: str) -> str | None:
    """A street without number as it stands in a normalised line."""
    line = normalize_street(f"1 {street}", None, state)[0]
    return line.removeprefix("1 ") if line else None
