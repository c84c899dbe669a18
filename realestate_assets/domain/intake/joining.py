"""Columns of another table added to a file's rows by a key: an assessor's roll to its sales."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.parcel_numbers import normalize_apn, padded
from realestate_assets.domain.counties.sources import JoinedTable
from realestate_assets.domain.intake.columns import raw_name
from realestate_assets.domain.intake.file_bytes import Place
from realestate_assets.domain.intake.formats.registry import FORMATS
from realestate_assets.domain.intake.raw_rows import notes_of, with_notes


def read_table(data: bytes, table: JoinedTable, place: Place) -> pa.Table:
    """The rows of a file of a joined table, its columns as text.

    Rows that could not be read are left out, and a note of the table says how many.
    """
    split = FORMATS[table.format].read(data, table, place)
    broken = [f"{len(split.faults):,} rows of {place.file} cannot be read whole"] if split.faults else []
    return with_notes(split.values.replace_schema_metadata(None), [*split.notes, *broken])


def join(rows: pa.Table, parts: Sequence[pa.Table], table: JoinedTable, place: Place) -> pa.Table:
    """Rows with the columns of the table, named `table.column`, of the row that has the same key.

    Args:
        rows: raw rows of a file of the source.
        parts: the files of the table.
        table: how they are joined.
        place: the file of the rows, for the message.

    Raises:
        PermanentError: the key's column is missing here or there.
    """
    (own, other) = next(iter(table.key.items()))
    if not parts:
        raise place.error(
            f"is joined to {table.name}, of which no file has landed.",
            f"Put it into the folder {place.county_slug}/{table.name} of the landing area.",
        )
    found = pa.concat_tables(parts, promote_options="default")
    for name, columns in ((own, rows.column_names), (raw_name(other), found.column_names)):
        if raw_name(name) not in columns:
            raise place.error(
                f"cannot be joined to {table.name}: there is no column {name}.",
                "Correct `key` of the joined table in the county's YAML.", name,
            )  # fmt: skip
    keys = _keys(found[raw_name(other)], table)
    first = found.append_column("_key", keys).append_column("_at", pa.array(range(found.num_rows)))
    at = pc.index_in(_keys(rows[raw_name(own)], table), value_set=pc.unique(keys.drop_null()))
    firsts = (
        first.filter(pc.is_valid(first["_key"]))
        .group_by("_key", use_threads=False)
        .aggregate([("_at", "min")])
    )
    position = pc.take(_in_order(firsts, pc.unique(keys.drop_null())), at)
    for name in found.column_names:
        rows = rows.append_column(f"{table.name}.{name}", pc.take(found[name], position))
    lonely = rows.num_rows - pc.count(position).as_py()
    repeated = found.num_rows - keys.null_count - firsts.num_rows
    notes = [f"{table.name}: {note}" for part in parts for note in notes_of(part)]
    if lonely:
        notes.append(f"{lonely:,} of {rows.num_rows:,} rows find no row of {table.name} by {own}")
    if repeated:
        notes.append(f"{repeated:,} rows of {table.name} repeat a key: the first of each counts")
    return with_notes(rows, notes)


def _keys(text: pa.ChunkedArray, table: JoinedTable) -> pa.Array:
    """Keys in one spelling: letters and digits alone, as parcel numbers are compared."""
    plain = normalize_apn(text.combine_chunks().cast(pa.string()))
    return padded(plain, table.pad) if table.pad else plain


def _in_order(firsts: pa.Table, order: pa.Array) -> pa.Array:
    """Position of the first row of each key, in the order of `order`."""
    return pc.take(firsts["_at_min"], pc.index_in(order, value_set=firsts["_key"].combine_chunks()))
