"""Events of properties made of their rows, a whole column at a time: those that EVENT_SQL makes of the table.

Postgres takes 30 to 60 microseconds a row to bring one into JSON and back into text; here it is a tenth.
"""

import hashlib

import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.json_text import jsonb_texts
from realestate_assets.domain.core.name_uuids import uuid_texts

# A record as text takes half a kilobyte: so many rows are in work at once.
ROWS_AT_ONCE = 10_000
SEPARATOR = "\x1f"
TOLD = (
    "source", "source_file", "source_row", "listing_status", "observed_date", "list_price_usd",
    "sale_price_usd", "is_simulated",
)  # fmt: skip


def discovered(properties: pa.Table) -> pa.Table | None:
    """county, month, event_id, property_id and payload of the event `property.discovered` of each row.

    Args:
        properties: rows of raw.properties.

    Returns:
        None where a value is one that Postgres alone knows to write.
    """
    parts = []
    for begin in range(0, max(properties.num_rows, 1), ROWS_AT_ONCE):
        made = _discovered(properties.slice(begin, ROWS_AT_ONCE))
        if made is None:
            return None
        parts.append(made)
    return pa.concat_tables(parts)


def _discovered(rows: pa.Table) -> pa.Table | None:
    record = jsonb_texts(rows)
    if record is None:
        return None
    told = {name: rows[name] for name in TOLD} | {"is_ready": _is_ready(rows), "record": _md5_texts(record)}
    payload = jsonb_texts(pa.table(told))
    if payload is None:
        return None
    said = {"county": rows["county"], "month": rows["month"], "property_id": rows["property_id"]}
    hashed = pc.binary_join_element_wise("property.discovered", *said.values(), payload, SEPARATOR)
    sha256 = hashlib.sha256
    digests = b"".join([sha256(text).digest()[:16] for text in _octets(hashed)])
    return pa.table({**said, "event_id": uuid_texts(digests, 8), "payload": payload})


def _is_ready(rows: pa.Table) -> pa.ChunkedArray:
    """Whether the home can be valued by its record alone, as the statement says it."""
    placed = pc.and_(pc.is_valid(rows["latitude"]), pc.is_valid(rows["longitude"]))
    return pc.and_(pc.is_valid(rows["living_area_sqft"]), pc.or_(pc.is_valid(rows["zip"]), placed))


def _md5_texts(texts: pa.Array) -> pa.Array:
    """The MD5 of each text in hexadecimal; it tells two records apart and guards nothing."""
    md5 = hashlib.md5
    return pa.array([md5(text, usedforsecurity=False).hexdigest() for text in _octets(texts)], pa.string())


def _octets(texts: pa.Array | pa.ChunkedArray) -> list[bytes]:
    return texts.cast(pa.binary()).to_pylist()
