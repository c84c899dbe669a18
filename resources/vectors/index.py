"""The vector index of property descriptions: Qdrant Edge in a folder, or a Qdrant server by URL."""

from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
from pydantic import Field, PrivateAttr

from resources.errors import PermanentError
from resources.home import data_home
from resources.partition import Partition
from resources.vectors.edge import EdgeIndex
from resources.vectors.points import (
    BEDROOMS_FIELD,
    PRICE_FIELD,
    SCORE_FIELD,
    Hit,
    Range,
    VectorIndex,
    checked_points,
)


class VectorIndexResource(dg.ConfigurableResource):
    """Points with cosine similarity, replaced by partition.

    An id is a UUID string and belongs to one partition: make it from property and month. Searched payload
    fields are `asking_price_usd`, `bedrooms` and `bird_dog_score`; county and month are added here.
    """

    url: str = Field(default="", description="Address of a Qdrant server; empty: embedded.")
    api_key: str = Field(default="", repr=False, description="Key of that server.")
    root: str = Field(default="", description="Folder of the embedded index.")

    _index: VectorIndex | None = PrivateAttr(default=None)

    def replace_partition(
        self, partition: Partition, ids: list[str], vectors: np.ndarray, payloads: list[dict[str, Any]]
    ) -> None:
        """Make these points the only ones of the partition; none at all empties it."""
        self._chosen().replace(checked_points(partition, ids, vectors, payloads))

    def search(
        self,
        county_slug: str,
        vector: np.ndarray,
        limit: int,
        *,
        min_price: float | None = None,
        max_price: float | None = None,
        min_bedrooms: float | None = None,
        min_score: float | None = None,
    ) -> list[Hit]:
        """Nearest properties of a county, best first; a property without the field fails its bound."""
        ranges = [
            Range(PRICE_FIELD, min_price, max_price),
            Range(BEDROOMS_FIELD, min_bedrooms, None),
            Range(SCORE_FIELD, min_score, None),
        ]
        given = [r for r in ranges if r.minimum is not None or r.maximum is not None]
        hits = self._chosen().search(county_slug, vector, limit, given)
        return sorted(hits, key=lambda hit: (-hit.score, hit.id))

    def count(self, county_slug: str, month: str | None = None) -> int:
        """Points of a county, or of one of its months."""
        return self._chosen().count(county_slug, month)

    def clear(self) -> None:
        """Remove all points of all counties."""
        self._chosen().clear()

    def _chosen(self) -> VectorIndex:
        if self._index is None:
            self._index = (
                self._server() if self.url else EdgeIndex(Path(self.root or data_home() / "vectors"))
            )
        return self._index

    def _server(self) -> VectorIndex:
        # Its models take half a second to import, which few installations need.
        from qdrant_client import QdrantClient

        from resources.vectors.server import ServerIndex

        try:
            # Skips a request at start that only compares versions.
            client = QdrantClient(
                url=self.url, api_key=self.api_key or None, timeout=60, check_compatibility=False
            )
        except ValueError as error:
            raise PermanentError(
                "The address of the Qdrant server cannot be read.",
                field="QDRANT_URL",
                remedy="Expected http://host:6333.",
            ) from error
        return ServerIndex(client)
