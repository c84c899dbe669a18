"""Several records of one property in one month become one: who wins a field, and who is a duplicate of whom.

Records are matched by APN and unit, then by address, then by place: within 30 m with the same living area and
number of bedrooms, where one record lacks the APN, the other the address, and no third one fits as well. The
newest record wins a field (observed date, then listing date, then source, file and row, so that the result
does not depend on the order of the rows); what it leaves open is filled from the next newest. A deed that is
no market sale wins over none: a quit-claim of the same month must not take the place of the sale.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.addresses import address_key
from realestate_assets.domain.core.convert import one_chunk, to_mask
from realestate_assets.domain.core.identity import POSITION
from realestate_assets.domain.tables.columns import SALE_COLUMNS

NEARBY_METRES = 30.0
# Mean radius of the earth, IUGG.
EARTH_METRES = 6_371_008.8
# Keeps unequal areas, bedroom counts and partitions further apart than any distance that counts.
APART = 1_000.0
PARTITIONS_APART = 1e9

# Values that belong together and come from one record; the first says whether a record has them.
BUNDLES = (
    SALE_COLUMNS,
    ("last_sale_price_usd", "last_sale_date"),
    ("latitude", "longitude"),
    ("street", "unit"),
    ("list_price_usd", "is_list_price_assumed"),
)
# Say where the winning record comes from, so never filled from another one.
OWN_COLUMNS = (
    "county",
    "month",
    "source",
    "source_id",
    "source_file",
    "source_row",
    "is_simulated",
    "observed_date",
)
PLACE_IN_FILE = ("source_file", "source_row")
# Beside the canonical columns, for this step alone: whether the row's deed is no market sale, and the unit
# that tells homes on one parcel apart (null where the source's parcel numbers do).
IS_TRANSFER, HOME_UNIT = "_is_transfer", "_home_unit"
# What records are matched by.
MATCHED = (
    "county", "month", "apn", HOME_UNIT, "street", "unit", "city", "zip", POSITION, "latitude", "longitude",
    "living_area_sqft", "bedrooms",
)  # fmt: skip
DEED = ("sale_date", "sale_price_usd", "sale_document_id")


@dataclass(frozen=True)
class Deduplicated:
    """Merged records, and for each input row the record it went into and the winner of that.

    `code` is None for a winner, else why the row is a duplicate.
    """

    records: pa.Table
    record_of: np.ndarray
    winner_of: np.ndarray
    code: np.ndarray


def deduplicate(table: pa.Table, received: pa.Table, at: np.ndarray | None = None) -> Deduplicated:
    """Merge the records of each partition that describe one property.

    Args:
        table: accepted canonical rows, normalised, with IS_TRANSFER and HOME_UNIT; any number of partitions,
            in any order.
        received: these rows as they were received, without their place in a file.
        at: where each row of `table` stands in `received`; None where both have the same rows.
    """
    order = _newest_first(table)
    # Of the other columns each is put into its order once, where it is merged.
    names = [name for name in table.column_names if name in MATCHED]
    ranked = table.select(names).take(pa.array(order))
    keys = _keys(ranked)
    by_key = _match_by_key(keys)
    group = _match_nearby(ranked, keys, by_key)
    del ranked
    winner, record = np.unique(group, return_inverse=True)
    records = _merge(table, order, group, winner)
    code = _codes(table, received, order if at is None else at[order], order, keys, by_key, group)
    # Back from ranks to rows of the input.
    back = np.argsort(order)
    return Deduplicated(records, record[back], order[group][back], code[back])


def _newest_first(table: pa.Table) -> np.ndarray:
    """Row numbers, the record that wins first."""
    sales = [(IS_TRANSFER, "ascending", "at_end")]
    newest = [(name, "descending", "at_end") for name in ("observed_date", "list_date")]
    keys = sales + newest + [(name, "ascending", "at_end") for name in ("source", *PLACE_IN_FILE)]
    return np.asarray(pc.sort_indices(table, sort_keys=keys))


def _keys(ranked: pa.Table) -> pd.DataFrame:
    """Partition, APN with unit, and address of each row as numbers; -1 where there is none."""
    partition = _coded(pc.binary_join_element_wise(ranked["county"], ranked["month"], "|"))
    address = address_key(ranked)
    if POSITION in ranked.column_names:
        address = pc.coalesce(address, ranked[POSITION])
    home = _homes(partition, _coded(ranked["apn"]), ranked[HOME_UNIT])
    return pd.DataFrame({"partition": partition, "apn": home, "address": _coded(address)})


def _coded(column: pa.ChunkedArray) -> np.ndarray:
    """Numbers for the distinct texts in the order of their first appearance; -1 for none."""
    encoded = pc.dictionary_encode(one_chunk(column))
    return np.asarray(pc.fill_null(encoded.indices, -1)).astype(np.int64)


def _homes(partition: np.ndarray, apn: np.ndarray, units: pa.ChunkedArray) -> np.ndarray:
    """APN and unit of each row as one number; a row without a unit goes to the only one of its parcel."""
    unit = _coded(units)
    known = np.flatnonzero((unit >= 0) & (apn >= 0))
    if len(known):
        parcel = pd.Series(partition * (apn.max() + 1) + apn)
        own = pd.Series(unit[known]).groupby(parcel[known].to_numpy())
        least, largest = own.min(), own.max()
        only = parcel.map(least[least == largest]).fillna(-1).to_numpy(np.int64)
        is_empty = to_mask(pc.equal(units, ""))
        nothing = unit[is_empty][:1]
        unit = np.where(unit >= 0, unit, only)
        unit[np.isin(unit, nothing)] = -1
    return np.where(apn >= 0, apn * (unit.max(initial=-1) + 2) + unit + 1, -1)


def _match_by_key(keys: pd.DataFrame) -> np.ndarray:
    """The rank of the winner of each row's group, by APN and then by address.

    Two parcel numbers at one address stay two properties; a record without APN joins the better ranked.
    """
    rank = pd.Series(np.arange(len(keys)))
    has_apn = (keys["apn"] >= 0).to_numpy()
    first_of_apn = rank.groupby([keys["partition"], keys["apn"]]).transform("min").to_numpy()
    group = np.where(has_apn, first_of_apn, rank)
    at_address = [keys["partition"], keys["address"]]
    none = len(keys)
    with_apn = rank.where(has_apn, none).groupby(at_address).transform("min").to_numpy()
    without = rank.where(~has_apn, none).groupby(at_address).transform("min").to_numpy()
    by_address = ~has_apn & (keys["address"] >= 0).to_numpy()
    joins = by_address & (with_apn < none)
    group[by_address] = without[by_address]
    group[joins] = group[with_apn[joins]]
    return _winners(group)


def _winners(group: np.ndarray) -> np.ndarray:
    """Each group named by its best rank."""
    return pd.Series(np.arange(len(group))).groupby(group).transform("min").to_numpy()


def _match_nearby(ranked: pa.Table, keys: pd.DataFrame, group: np.ndarray) -> np.ndarray:
    """Join groups without address to groups without APN where place, area and bedrooms leave one choice."""
    apn = _first_with(group, (keys["apn"] >= 0).to_numpy())
    address = _first_with(group, (keys["address"] >= 0).to_numpy())
    points, located = _points(ranked, keys, group)
    is_group = group == np.arange(len(group))
    by_apn = np.flatnonzero(is_group & located & (apn >= 0) & (address < 0))
    by_address = np.flatnonzero(is_group & located & (apn < 0) & (address >= 0))
    if not len(by_apn) or not len(by_address):
        return group
    there = _only_neighbour(points[by_apn], points[by_address])
    back = _only_neighbour(points[by_address], points[by_apn])
    mutual = np.flatnonzero((there >= 0) & (back[there] == np.arange(len(there))))
    left, right = by_apn[mutual], by_address[there[mutual]]
    renamed = np.arange(len(group))
    renamed[left] = renamed[right] = np.minimum(left, right)
    return renamed[group]


def _only_neighbour(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The one of `others` within reach of each point; -1 where there is none, or more than one."""
    # Heavy to import: not at each start.
    from scipy.spatial import cKDTree

    distance, at = cKDTree(others).query(points, k=2, distance_upper_bound=NEARBY_METRES)
    return np.where(np.isfinite(distance[:, 0]) & ~np.isfinite(distance[:, 1]), at[:, 0], -1)


def _points(ranked: pa.Table, keys: pd.DataFrame, group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each group's place in metres (chords of the sphere), with area, bedrooms and partition beside it."""
    values = {}
    for name in ("latitude", "longitude", "living_area_sqft", "bedrooms"):
        column = ranked[name].to_numpy()
        source = _first_with(group, ~np.isnan(column))
        values[name] = np.where(source >= 0, column[source], np.nan)
    lat, lon = np.radians(values["latitude"]), np.radians(values["longitude"])
    points = np.column_stack(
        [
            EARTH_METRES * np.cos(lat) * np.cos(lon),
            EARTH_METRES * np.cos(lat) * np.sin(lon),
            EARTH_METRES * np.sin(lat),
            values["living_area_sqft"] * APART,
            values["bedrooms"] * APART,
            keys["partition"].to_numpy() * PARTITIONS_APART,
        ]
    )
    return points, ~np.isnan(points).any(axis=1)


def _first_with(group: np.ndarray, present: np.ndarray) -> np.ndarray:
    """By group name: the best ranked row of the group that has a value; -1 where none has."""
    rows = np.flatnonzero(present)
    names, first = np.unique(group[rows], return_index=True)
    found = np.full(len(group), -1)
    found[names] = rows[first]
    return found


def _merge(table: pa.Table, order: np.ndarray, group: np.ndarray, winner: np.ndarray) -> pa.Table:
    """One row a group: each bundle of columns from the best ranked record that has it."""
    bundled = {name: bundle for bundle in BUNDLES for name in bundle}
    columns: dict[str, pa.ChunkedArray] = {}
    for name in table.column_names:
        bundle = bundled.get(name, (name,))
        if name in OWN_COLUMNS:
            source = winner
        elif name == bundle[0]:
            source = _sources(table, order, bundle, group, winner)
        else:
            continue  # taken with the first column of its bundle
        at = pa.array(order[source])
        columns |= {other: pc.take(table[other], at) for other in (name, *bundle[1:])}
    return pa.table({name: columns[name] for name in table.column_names})


def _sources(
    table: pa.Table, order: np.ndarray, bundle: tuple[str, ...], group: np.ndarray, winner: np.ndarray
) -> np.ndarray:
    """For each group the row a bundle is taken from: the winner where no record has it."""
    if len(winner) == len(group):
        return winner
    present = to_mask(pc.is_valid(table[bundle[0]]))[order]
    found = _first_with(group, present)[winner]
    if bundle[0] == "list_price_usd":
        # An asking price that was only assumed gives way to one that was asked.
        asked = present & ~to_mask(table["is_list_price_assumed"])[order]
        really = _first_with(group, asked)[winner]
        found = np.where(really >= 0, really, found)
    return np.where(found >= 0, found, winner)


def _codes(
    table: pa.Table,
    received: pa.Table,
    at: np.ndarray,
    order: np.ndarray,
    keys: pd.DataFrame,
    by_key: np.ndarray,
    group: np.ndarray,
) -> np.ndarray:
    """Why each row is a duplicate, seen from the record that won; None for winners."""
    rank = np.arange(len(group))
    lost = np.flatnonzero(group != rank)
    code = np.full(len(group), None, dtype=object)
    apn, address = keys["apn"].to_numpy(), keys["address"].to_numpy()
    same = {
        "DUPLICATE_APN": (apn >= 0) & (apn == apn[group]),
        "DUPLICATE_ADDRESS": (address >= 0) & (address == address[group]),
        "DUPLICATE_NEARBY": by_key != group,
    }
    # What is left was matched through a third record: by its APN if it has one, else by its address.
    otherwise = np.where(apn >= 0, "DUPLICATE_APN", "DUPLICATE_ADDRESS")
    reasons = np.select(list(same.values()), list(same), otherwise)
    code[lost] = reasons[lost]
    code[lost[_is_other_deed(table, order[lost], order[group[lost]])]] = "OTHER_DEED"
    several = np.flatnonzero(np.isin(group, group[lost]))
    copies = received.take(pa.array(at[several])).to_pandas().duplicated().to_numpy()
    code[several[copies]] = "EXACT_COPY"
    return code


def _is_other_deed(table: pa.Table, lost: np.ndarray, winner: np.ndarray) -> np.ndarray:
    """Mask of the lost rows that report another sale than the record which won."""
    own, kept = (table.select(DEED).take(pa.array(rows)).to_pandas() for rows in (lost, winner))
    both = own["sale_price_usd"].notna() & kept["sale_price_usd"].notna()
    differs = [(own[name] != kept[name]) & own[name].notna() & kept[name].notna() for name in DEED]
    return (both & np.any(differs, axis=0)).to_numpy(dtype=bool)
