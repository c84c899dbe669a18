"""One spelling for what a row says of its place: parcel number, ZIP, state, street, unit, city."""

import pyarrow as pa

from realestate_assets.domain.core.addresses import normalize_addresses, normalize_state, normalize_zip
from realestate_assets.domain.core.faults import Faults
from realestate_assets.domain.core.parcel_numbers import read_apn
from realestate_assets.domain.core.postal.tails import split_tails

CHECKS = {
    "apn": (
        read_apn,
        "APN_ROUNDED",
        "apn '{}' is a rounded number: its last digits are lost. Land the column as text.",
    ),
    "zip": (normalize_zip, "ZIP_UNREADABLE", "zip '{}' is not a ZIP code."),
    "state": (normalize_state, "STATE_UNREADABLE", "state '{}' is not a state of the USA."),
}


def one_spelling(table: pa.Table, state: str, faults: Faults) -> pa.Table:
    """The rows with one spelling; what one line says stands in its own fields.

    Args:
        table: canonical rows with street, unit, city, state and zip; apn where they have one.
        state: two-letter state of the county.
        faults: gets what cannot be read.
    """
    for name, (normalize, code, sentence) in CHECKS.items():
        if name in table.column_names:
            values, bad = normalize(table[name])
            faults.add(bad, code, name, sentence, table[name])
            table = replaced(table, name, values)
    names = ("street", "city", "state", "zip")
    street, city, own_state, zip_code = (table[name] for name in names)
    for name, values in zip(names, split_tails(street, city, own_state, zip_code, state), strict=True):
        table = replaced(table, name, values)
    return normalize_addresses(table, state)


def replaced(table: pa.Table, name: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    """The table with other values in a column."""
    return table.set_column(table.column_names.index(name), name, values)
