"""What is wrong with rows, gathered while they are mapped: a code, a field and a sentence for each fault."""

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

# Longest piece of a received value quoted in a reason.
QUOTED_CHARACTERS = 60


@dataclass
class Faults:
    """Faults of `size` rows, in the order they are added; the first of a row is the one it is refused for."""

    size: int
    _rows: list[np.ndarray] = field(default_factory=list)
    _codes: list[np.ndarray] = field(default_factory=list)
    _fields: list[np.ndarray] = field(default_factory=list)
    _reasons: list[np.ndarray] = field(default_factory=list)

    def add(
        self,
        mask: np.ndarray,
        code: str,
        column: str | None,
        sentence: str,
        value: pa.Array | pa.ChunkedArray | None = None,
    ) -> None:
        """Add a fault for the rows of `mask`; `{}` in the sentence becomes the row's value."""
        rows = np.flatnonzero(mask)
        if not len(rows):
            return
        self._rows.append(rows)
        self._codes.append(np.full(len(rows), code, dtype=object))
        self._fields.append(np.full(len(rows), column, dtype=object))
        self._reasons.append(_sentences(sentence, value, rows))

    def mask(self) -> np.ndarray:
        """Rows with at least one fault."""
        found = np.zeros(self.size, dtype=bool)
        for rows in self._rows:
            found[rows] = True
        return found

    def mask_of(self, column: str) -> np.ndarray:
        """Rows with a fault in a column."""
        found = np.zeros(self.size, dtype=bool)
        for rows, fields in zip(self._rows, self._fields, strict=True):
            found[rows[fields == column]] = True
        return found

    def take(self, others: "Faults", without: Collection[str] = ()) -> None:
        """Add the faults another one has gathered, but those in the columns of `without`."""
        parts = (others._rows, others._codes, others._fields, others._reasons)
        for rows, codes, fields, reasons in zip(*parts, strict=True):
            kept = ~np.isin(fields.astype(str), list(without)) if without else np.ones(len(rows), dtype=bool)
            if kept.any():
                self._rows.append(rows[kept])
                self._codes.append(codes[kept])
                self._fields.append(fields[kept])
                self._reasons.append(reasons[kept])

    def by_row(self) -> pd.DataFrame:
        """One row a faulty row, by row number: reason_code, reason_codes, field, reason."""
        columns = ["row", "reason_code", "field", "reason"]
        if not self._rows:
            return pd.DataFrame(columns=[*columns, "reason_codes"], dtype=object).set_index("row")
        parts = (self._rows, self._codes, self._fields, self._reasons)
        frame = pd.DataFrame(dict(zip(columns, map(np.concatenate, parts), strict=True)))
        frame = frame.sort_values("row", kind="stable")
        first = frame.drop_duplicates("row").set_index("row")
        distinct = frame.drop_duplicates(["row", "reason_code"])
        first["reason_codes"] = distinct.groupby("row")["reason_code"].agg(",".join)
        return first


def _sentences(sentence: str, value: pa.Array | pa.ChunkedArray | None, rows: np.ndarray) -> np.ndarray:
    if value is None:
        return np.full(len(rows), sentence, dtype=object)
    before, _, after = sentence.partition("{}")
    shown = pc.utf8_slice_codeunits(pc.take(value, pa.array(rows)).cast(pa.string()), 0, QUOTED_CHARACTERS)
    joined = pc.binary_join_element_wise(before, pc.fill_null(shown, ""), after, "")
    return joined.to_numpy(zero_copy_only=False) if isinstance(joined, pa.Array) else joined.to_numpy()
