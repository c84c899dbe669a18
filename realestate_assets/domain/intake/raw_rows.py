"""The rows a source sent: what every reader and the generator hand on, whatever the file was.

Source columns are text exactly as received; META_COLUMNS say where a row comes from and what is wrong with
it, `county` and `month` the partition it belongs to.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.counties.sample_source import RawSource
from realestate_assets.domain.intake.columns import PLATFORM_COLUMNS, absent_words
from realestate_assets.domain.intake.file_bytes import Place
from realestate_assets.domain.tables import SOURCE_FILES

FAULT_CODES = {
    "ROW_TOO_SHORT": "The row has fewer columns than the header.",
    "ROW_TOO_LONG": "The row has more columns than the header.",
    "QUOTE_UNBALANCED": "A quote of the row is not closed, or not where a quote may be.",
    "ENCODING_BROKEN": "The row is not valid UTF-8 text.",
    "JSON_UNREADABLE": "The line is not a JSON object.",
}
ROW_ORDER = ("county", "month", "_source", "_file", "_row")
EMPTY = pa.schema(
    [(name, pa.int64() if name == "_row" else pa.string()) for name in PLATFORM_COLUMNS]
).empty_table()

# What a row stands for: itself (null), or the offer that preceded the sale it tells of.
RECORD, OFFER = "_record", "offer"

# Key of the schema's metadata under which the reader's notes go along with the rows.
NOTES = b"notes"

# Row number -> code of FAULT_CODES, and the row's text where it stands in no column.
RowFaults = dict[int, tuple[str, str | None]]


class Split(NamedTuple):
    """A file cut into rows and columns, which is what a format's reader gives.

    Attributes:
        values: the text columns of the rows that could be split.
        rows: row number of each of them, the first data row being 1.
        faults: faults by row number; rows that are not in `values` become rows of nulls.
        notes: what a person should know about how the file was read, a sentence each.
    """

    values: pa.Table
    rows: np.ndarray
    faults: RowFaults
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RawRows:
    """Rows of one file, each in the month it belongs to.

    Args:
        place: the file.
        source: its source.
        table: the rows, in their order in the file.
        sent: rows of the whole file, of all months.
        sha256: hash of the file's bytes.
        by_month: rows of the whole file by the month each was put into.
        undated: those of them without a readable date, by the month in which they are refused.
        told: months for which the file is counted although it may have no row of them.
        offers: records beside the rows, of homes that were on offer in a month before that of their sale.
    """

    place: Place
    source: RawSource
    table: pa.Table
    sent: int
    sha256: str
    by_month: Mapping[str, int] = field(default_factory=dict)
    undated: Mapping[str, int] = field(default_factory=dict)
    told: tuple[str, ...] = ()
    offers: int = 0

    @property
    def months(self) -> tuple[str, ...]:
        """Months of the rows, sorted."""
        return tuple(sorted(pc.unique(self.table["month"]).to_pylist()))

    @property
    def broken(self) -> int:
        """Rows that could not be split or decoded."""
        return self.table.num_rows - self.table["_fault"].null_count

    @property
    def warnings(self) -> list[str]:
        """What its reader noted, and the mapped columns the file does not have and can do without."""
        noted = notes_of(self.table)
        absent = absent_words(self.source, self.table.column_names)
        return [*noted, *([f"it has no column {', '.join(absent)}: left null"] if absent else [])]

    def of_months(self, months: Sequence[str], told: Sequence[str] = ()) -> "RawRows":
        """The rows of these months, counted for `told` too."""
        chosen = pc.is_in(self.table["month"], value_set=pa.array(months, pa.string()))
        kept = self.table if pc.all(chosen).as_py() else self.table.filter(chosen)
        own = pc.unique(kept["month"]).to_pylist()
        return replace(self, table=kept, told=tuple(sorted({*own, *told})))

    def counted(self, month: str) -> dict[str, int]:
        """The records of the whole file as one month sees them: its own, of others, undated elsewhere."""
        undated = sum(rows for lie, rows in self.undated.items() if lie != month)
        others = sum(rows for own, rows in self.by_month.items() if own != month)
        return {
            "rows_received": self.by_month.get(month, 0),
            "rows_of_other_months": others - undated,
            "rows_undated": undated,
        }


def assemble(split: Split, place: Place, sha256: str) -> pa.Table:
    """Rows in their order in the file, with META_COLUMNS beside them.

    Args:
        split: what the reader gave.
        place: the file.
        sha256: hash of its bytes.
    """
    values, row, faults, notes = split
    extra = np.setdiff1d(np.array(sorted(faults), dtype=np.int64), row)
    if len(extra):
        empty = pa.table({name: pa.nulls(len(extra), pa.string()) for name in values.column_names})
        values = pa.concat_tables([values, empty])
        row = np.concatenate([row, extra])
        order = np.argsort(row, kind="stable")
        values, row = values.take(order), row[order]
    count = len(row)
    code, text = np.full(count, None, dtype=object), np.full(count, None, dtype=object)
    at = np.searchsorted(row, sorted(faults))
    for position, number in zip(at, sorted(faults), strict=True):
        code[position], text[position] = faults[number]
    meta = {
        "_source": pa.repeat(pa.scalar(place.source), count),
        "_file": pa.repeat(pa.scalar(place.file), count),
        "_file_sha256": pa.repeat(pa.scalar(sha256), count),
        "_row": pa.array(row, pa.int64()),
        "_fault": pa.array(code, pa.string()),
        "_fault_text": pa.array(text, pa.string()),
    }
    for name, array in meta.items():
        values = values.append_column(name, array)
    return with_notes(values.replace_schema_metadata(None), notes)


def notes_of(rows: pa.Table) -> list[str]:
    """What `with_notes` has put to rows."""
    return json.loads((rows.schema.metadata or {}).get(NOTES, b"[]"))


def with_notes(rows: pa.Table, notes: Sequence[str]) -> pa.Table:
    """Rows with further notes of what a person should know about how they were read."""
    told = [*notes_of(rows), *notes]
    return rows.replace_schema_metadata({NOTES: json.dumps(told)} if told else None)


def raw_table(received: Iterable[RawRows]) -> pa.Table:
    """All rows as one table: a row's place in it depends on where it comes from alone."""
    table = pa.concat_tables([EMPTY, *(rows.table for rows in received)], promote_options="default")
    return table.sort_by([(name, "ascending") for name in ROW_ORDER])


def source_files(received: Iterable[RawRows]) -> pa.Table:
    """Rows of source_files: what the rows of each file are, seen from each partition it is counted for."""
    found = [
        {
            "county": rows.place.county_slug,
            "month": month,
            "source": rows.place.source,
            "source_file": rows.place.file,
            "file_sha256": rows.sha256,
            **rows.counted(month),
            "file_rows": rows.sent,
            "file_offers": rows.offers,
            "is_simulated": rows.source.is_simulated,
        }
        for rows in received
        for month in rows.told
    ]
    return pa.Table.from_pylist(found, schema=SOURCE_FILES.plain_schema)
