"""property_id: the same property gets the same id in every run, month, source and process."""

from uuid import NAMESPACE_URL, uuid5

import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.addresses import address_key
from realestate_assets.domain.core.convert import one_chunk
from realestate_assets.domain.core.name_uuids import uuid5_texts

# Fixed for ever: another namespace would give every property another id.
# Beside the canonical columns: what identifies a row of a source whose homes are told apart by their place.
POSITION = "_position"
# Python's texts take several times the room of Arrow's.
KEYS_AT_ONCE = 50_000
NAMESPACE = uuid5(NAMESPACE_URL, "https://realestate-os.example/property")


def property_ids(table: pa.Table, fips: str, home_unit: pa.ChunkedArray | None = None) -> pa.Array:
    """Ids of the rows of a canonical table: by APN and unit, or by address where there is no APN.

    The county's FIPS code is part of every key: parcel numbers are unique in their county only.

    Args:
        table: canonical rows with normalised apn, street, unit, city and zip.
        fips: five-digit FIPS code of the county.
        home_unit: the unit that tells homes on one parcel apart; null where the parcel number does.
    """
    encoded = pc.dictionary_encode(one_chunk(identity_keys(table, home_unit)))
    # A row without identity never gets this far, but would be null and not another's id.
    keys = encoded.dictionary
    pieces = (keys.slice(begin, KEYS_AT_ONCE).to_pylist() for begin in range(0, len(keys), KEYS_AT_ONCE))
    ids = uuid5_texts(NAMESPACE, (f"{fips}:{key}" for piece in pieces for key in piece))
    return pc.take(ids, encoded.indices)


def identity_keys(table: pa.Table, home_unit: pa.ChunkedArray | None = None) -> pa.ChunkedArray:
    """`apn:…`, `apn:…:unit`, `addr:…`, or `geo:…` where the source says so; null where a row has none."""
    by_apn = pc.binary_join_element_wise("apn", table["apn"], ":")
    if home_unit is not None:
        by_apn = pc.coalesce(pc.binary_join_element_wise(by_apn, home_unit, ":"), by_apn)
    by_address = pc.binary_join_element_wise("addr", address_key(table), ":")
    if POSITION not in table.column_names:
        return pc.coalesce(by_apn, by_address)
    return pc.coalesce(by_apn, by_address, pc.binary_join_element_wise("geo", table[POSITION], ":"))


def positions(table: pa.Table) -> pa.Array:
    """Latitude and longitude to about a metre, and the unit, as one text; null without both coordinates."""
    degrees = [pc.round(table[name], 5).cast(pa.string()) for name in ("latitude", "longitude")]
    place = pc.binary_join_element_wise(*degrees, ",")
    return pc.coalesce(pc.binary_join_element_wise(place, table["unit"], ":"), place)
