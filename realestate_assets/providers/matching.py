"""Whose record is it: the records that came for a property, and the one of them that most speaks for."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.addresses import normalize_lines, unit_keys
from realestate_assets.domain.core.convert import to_mask

# What speaks for a record being the property's; a parcel number says more than a street line.
BY_APN, BY_STREET = 2, 1
# Between street and unit; in no address, whatever its source wrote.
PART = "\x1f"


@dataclass(frozen=True)
class Pairs:
    """Properties and the records that may be theirs.

    Args:
        owner: property of each pair.
        record: record of each pair.
        rivals: records that may be the same property's, this one included.
    """

    owner: np.ndarray
    record: np.ndarray
    rivals: np.ndarray

    @classmethod
    def of_calls(cls, asked: np.ndarray, of_call: np.ndarray, allowed: np.ndarray) -> "Pairs":
        """All records of the call that was made for a property.

        Args:
            asked: call of each property; -1 where none was made.
            of_call: call each record came from.
            allowed: mask of the records that may be anybody's.
        """
        records = np.flatnonzero(allowed)
        records = records[np.argsort(of_call[records], kind="stable")]
        calls = of_call[records]
        low, high = np.searchsorted(calls, asked), np.searchsorted(calls, asked, side="right")
        counts = np.where(asked >= 0, high - low, 0)
        owner = np.repeat(np.arange(len(asked)), counts)
        within = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
        return cls(owner, records[low[owner] + within], counts[owner])

    def where(self, mask: np.ndarray) -> "Pairs":
        """Some of the pairs; rivals are counted anew among them."""
        owner = self.owner[mask]
        return Pairs(owner, self.record[mask], np.bincount(owner)[owner] if len(owner) else owner)

    def best(self, evidence: np.ndarray, properties: int) -> tuple[np.ndarray, np.ndarray]:
        """The record of each property with the most evidence, -1 where there is none, and that evidence."""
        order = np.lexsort((self.record, -evidence, self.owner))
        first = order[np.unique(self.owner[order], return_index=True)[1]]
        record, why = np.full(properties, -1), np.zeros(properties, dtype=int)
        record[self.owner[first]], why[self.owner[first]] = self.record[first], evidence[first]
        return record, why


def same_streets(properties: pa.Table, lines: pa.ChunkedArray, pairs: Pairs, state: str) -> np.ndarray:
    """Mask of the pairs whose record has the property's street and unit, however it spells them.

    What is equal as it stands is not worked on.

    Args:
        properties: have normalised street and unit.
        lines: street line of each record, which may hold the unit.
        pairs: see Pairs.
        state: two-letter state of the county.
    """
    ours, theirs = pa.array(pairs.owner), pc.take(lines, pa.array(pairs.record))
    plain = pc.binary_join_element_wise(properties["street"], pc.fill_null(properties["unit"], ""), " ")
    alike = to_mask(pc.equal(pc.take(pc.utf8_trim_whitespace(plain), ours), pc.utf8_upper(theirs)))
    others = theirs.filter(pa.array(~alike))
    street, unit = normalize_lines(others, pa.nulls(len(others), pa.string()), state)
    own = pc.take(_line(properties["street"], properties["unit"]), ours.filter(pa.array(~alike)))
    alike[~alike] = to_mask(pc.equal(own, _line(street, unit)))
    return alike


def _line(street: pa.Array | pa.ChunkedArray, unit: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Street and unit as one text, `UNIT 5` and `APT 5` alike; null without a street."""
    return pc.binary_join_element_wise(street, unit_keys(unit), PART)
