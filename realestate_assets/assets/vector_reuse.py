"""Vectors that were made before: found by the text's hash, so that no text is embedded twice.

They are read from the partitions of `embeddings` themselves: nothing is kept beside them that could disagree.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from realestate_assets.domain.core.months import add_months
from resources.errors import PermanentError
from resources.lake.files import partition_file
from resources.lake.store import StoreResource
from resources.partition import Partition

ASSET = "embeddings"
COLUMNS = ["text_sha256", "model_version", "vector"]


@dataclass(frozen=True)
class CachedVectors:
    """Vectors by the hash of their text: `hashes` are distinct, `vectors` are (n, dimension), float32."""

    hashes: pd.Index
    vectors: np.ndarray

    @classmethod
    def none(cls, dimension: int) -> "CachedVectors":
        """Nothing known yet."""
        return cls(pd.Index([], dtype=object), np.zeros((0, dimension), dtype=np.float32))

    def and_also(self, hashes: Iterable[str], vectors: np.ndarray) -> "CachedVectors":
        """These and more; of a hash that is known already the vector stays as it is."""
        found = pd.Index(list(hashes), dtype=object)
        new = ~(found.isin(self.hashes) | found.duplicated())
        return CachedVectors(
            self.hashes.append(found[new]), np.concatenate([self.vectors, vectors[np.asarray(new)]])
        )

    def places(self, hashes: Iterable[str]) -> np.ndarray:
        """Row of each hash in `vectors`; -1 where it is not known."""
        return self.hashes.get_indexer(pd.Index(list(hashes), dtype=object))


def stored_vectors(
    lake: StoreResource, partition: Partition, version: str, dimension: int, warn: Callable[[str], None]
) -> CachedVectors:
    """What an earlier run left in a partition, made by the same model and code; none where it is absent.

    A file that cannot be read, or with vectors that are none, counts as absent: it is replaced anyway.
    """
    path, nothing = partition_file(ASSET, partition), CachedVectors.none(dimension)
    if not lake.exists(path):
        return nothing
    try:
        with lake.open_input(path) as file:
            parquet = pq.ParquetFile(file)
            if not set(COLUMNS) <= set(parquet.schema_arrow.names):
                return nothing
            table = parquet.read(COLUMNS)
    except (pa.ArrowException, PermanentError, OSError) as error:
        warn(f"{path} cannot be read, its texts are embedded again: {error}")
        return nothing
    table = table.filter(pc.equal(table["model_version"], version))
    lengths = pc.list_value_length(table["vector"])
    table = table.filter(pc.equal(lengths, dimension))
    if not table.num_rows:
        return nothing
    vectors = table["vector"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    vectors = vectors.astype(np.float32, copy=False).reshape(-1, dimension)
    sound = np.isfinite(vectors).all(axis=1)
    return nothing.and_also(np.array(table["text_sha256"].to_pylist(), dtype=object)[sound], vectors[sound])


def months_to_look_in(partitions: list[Partition]) -> list[Partition]:
    """The run's own partitions, and of each county the month before its first: where a listing stood last."""
    first = {county: min(m for c, m in partitions if c == county) for county, _ in partitions}
    before = [Partition(county, add_months(month, -1)) for county, month in sorted(first.items())]
    return [*before, *partitions]


class VectorCache:
    """Every vector a run may use instead of making it: those of earlier runs, and its own as it goes."""

    def __init__(
        self,
        lake: StoreResource,
        partitions: list[Partition],
        version: str,
        dimension: int,
        warn: Callable[[str], None],
    ) -> None:
        self._own = {
            partition: stored_vectors(lake, partition, version, dimension, warn)
            for partition in months_to_look_in(partitions)
        }
        self._all = CachedVectors.none(dimension)
        for known in self._own.values():
            self._all = self._all.and_also(known.hashes, known.vectors)

    def vectors(
        self, partition: Partition, texts: list[str], encode: Callable[[list[str]], np.ndarray]
    ) -> tuple[np.ndarray, int]:
        """Vectors of a partition's texts, in their order, and how many distinct texts had to be encoded.

        A partition's own earlier vectors go before those of other partitions, so that what has not changed
        keeps its bytes whatever else is in the run.

        Args:
            partition: county and month.
            texts: one a property.
            encode: makes the vectors of texts that are not known, float32, (n, dimension).
        """
        hashes = [text_hash(text) for text in texts]
        known = self._own[partition].and_also(self._all.hashes, self._all.vectors)
        by_hash = dict(zip(hashes, texts, strict=True))
        missing = [key for key, place in zip(by_hash, known.places(by_hash), strict=True) if place < 0]
        if missing:
            made = encode([by_hash[key] for key in missing])
            known = known.and_also(missing, made)
            self._all = self._all.and_also(missing, made)
        return known.vectors[known.places(hashes)], len(missing)


def text_hash(text: str) -> str:
    """The name a text is known by."""
    return hashlib.sha256(text.encode()).hexdigest()
