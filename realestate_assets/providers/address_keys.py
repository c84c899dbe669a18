"""Keys that properties and rows of an address file share: parcel numbers and addresses in one spelling."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.addresses import normalize_addresses, normalize_zip, unit_keys
from realestate_assets.domain.core.parcel_numbers import is_rounded, normalize_apn, whole_numbers
from realestate_assets.providers.matching import PART

# Doors of one house lie close together. Farther apart than this (some 200 m) they are several houses that
# share a key, such as parcel numbers that lost the hyphens that told them apart.
MAX_SPREAD_DEGREES = 0.002
NOTHING = pa.scalar(None, pa.string())


def parcel_numbers(text: pa.ChunkedArray, groups: tuple[int, ...]) -> pa.Array | pa.ChunkedArray:
    """Parcel numbers in one spelling; with `groups` each part between separators gets its zeros back."""
    if not groups:
        return normalize_apn(text)
    text = pc.if_else(is_rounded(text), NOTHING, whole_numbers(text))
    parts = text.to_pandas().str.strip().str.split(r"[^0-9A-Za-z]+", regex=True, expand=True)
    parts = parts.reindex(columns=range(max(len(groups), parts.shape[1]))).astype(object)
    too_long = parts.iloc[:, len(groups) :].notna().any(axis=1)
    padded = parts[0].str.zfill(groups[0])
    for column, width in list(enumerate(groups))[1:]:
        padded = padded + parts[column].fillna("").str.zfill(width)
    fits = (padded.str.len() == sum(groups)) & ~too_long
    return normalize_apn(pa.array(padded.where(fits), pa.string(), from_pandas=True))


def file_lines(table: pa.Table, state: str) -> pa.Table:
    """Street, unit, city and ZIP of the file's rows, as those of properties are spelled."""
    number = pc.if_else(pc.match_substring_regex(table["number"], "^0+$"), NOTHING, table["number"])
    street = pc.binary_join_element_wise(number, table["street"], " ")
    lines = pa.table({"street": street, "unit": table["unit"], "city": table["city"]})
    return normalize_addresses(lines, state).append_column("zip", normalize_zip(table["postcode"])[0])


def address_levels(table: pa.Table, is_file: bool) -> dict[str, pa.ChunkedArray]:
    """Keys of addresses from the narrowest to the widest: street, unit and ZIP, or city, or neither.

    Without the unit a house counts as a whole. A file that names neither ZIP nor city is joined by the street
    line alone; where that stands in two places, it is told from none.
    """
    unit = unit_keys(table["unit"])
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
