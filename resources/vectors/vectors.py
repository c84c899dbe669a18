"""The vector index of property descriptions: Qdrant Edge in a folder, or a Qdrant server by URL."""

import contextlib
import warnings
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from resources.errors import PermanentError
from resources.home import data_home
from resources.partition import Partition
from resources.vectors.copies import EdgeCopies
from resources.vectors.edge import EdgeIndex
from resources.vectors.points import Condition, Hit, OneOf, VectorIndex, checked_points


class Vectors(BaseModel):
    """Points with cosine similarity, replaced by partition.

    An id is a UUID string and belongs to one partition: make it from property and month. The payload fields
    that are searched by are named in points.py; county and month are added here.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(default="", description="Address of a Qdrant server; empty: embedded.")
    api_key: str = Field(default="", repr=False, description="Key of that server.")
    root: str = Field(default="", description="Folder of the embedded index.")
    quantization: Literal["none", "int8", "binary"] = Field(
        default="none", description="How a server keeps vectors in memory; for an index that is made anew."
    )

    _index: VectorIndex | None = PrivateAttr(default=None)

    def replace_partition(
        self, partition: Partition, ids: list[str], vectors: np.ndarray, payloads: list[dict[str, Any]]
    ) -> None:
        """Make these points the only ones of the partition; none at all empties it."""
        self._chosen().replace(checked_points(partition, ids, vectors, payloads))

    def search(
        self, county_slug: str, vector: np.ndarray, limit: int, conditions: Sequence[Condition] = ()
    ) -> list[Hit]:
        """Nearest properties of a county of which all conditions hold, best first."""
        hits = self._chosen().search(county_slug, vector, limit, conditions)
        return sorted(hits, key=lambda hit: (-hit.score, hit.id))

    def count(self, county_slug: str, month: str | None = None, conditions: Sequence[Condition] = ()) -> int:
        """Points of a county, or of one of its months, of which all conditions hold."""
        of_month = [OneOf("month", (month,))] if month else []
        return self._chosen().count(county_slug, [*of_month, *conditions])

    def has(self, county_slug: str, conditions: Sequence[Condition]) -> bool:
        """Whether all conditions hold of a point of the county; a count looks at all of them."""
        found = self._chosen().payloads(county_slug, conditions, ("month",), batch=1)
        return next(iter(found), None) is not None

    def newest_months(self, county_slug: str, property_ids: Collection[str]) -> dict[str, str]:
        """The newest month that the index holds of each of these properties."""
        if not property_ids:
            return {}
        newest: dict[str, str] = {}
        asked = [OneOf("property_id", tuple(property_ids))]
        for payload in self._chosen().payloads(county_slug, asked, ("property_id", "month")):
            key = payload["property_id"]
            newest[key] = max(newest.get(key, ""), payload["month"])
        return newest

    def vectors(self, county_slug: str, ids: Sequence[str]) -> dict[str, np.ndarray]:
        """Vectors of some points of a county by id, unit length; one that is not there is left out."""
        return self._chosen().vectors(county_slug, ids)

    def held(self, county_slug: str) -> AbstractContextManager[None]:
        """A block that asks several things of one county: the embedded index is opened once for it."""
        return self._chosen().held(county_slug)

    def kept_open(self, folder: Path) -> "Vectors":
        """The same index for a process that answers many: the embedded one from an open copy in `folder`.

        It writes nothing. A server is answered by as it is.
        """
        if self.url:
            return self
        copied = Vectors(root=self.root)
        copied._index = EdgeCopies(Path(self.root or data_home() / "vectors"), folder)
        return copied

    def clear(self) -> None:
        """Remove all points of all counties."""
        self._chosen().clear()

    @contextlib.contextmanager
    def rebuilt(self) -> Iterator["Vectors"]:
        """An empty index to fill, which takes the place of this one when the block ends well.

        A server answers from the old one meanwhile; the embedded index lacks what is not filled in yet. One
        rebuild at a time: the caller sees to it.
        """
        with self._chosen().rebuilt() as index:
            empty = Vectors(url=self.url, root=self.root)
            empty._index = index
            yield empty

    @property
    def open_key(self) -> str:
        """That the server's key goes over the network unencrypted, as a sentence; empty where it does not."""
        parts = urlsplit(self.url)
        if not self.api_key or parts.scheme != "http" or _is_loopback(parts.hostname or ""):
            return ""
        return f"QDRANT_API_KEY goes unencrypted to {parts.netloc}: use https:// on a shared network"

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
            with warnings.catch_warnings():
                # Said in our own words.
                warnings.filterwarnings("ignore", message="Api key is used with an insecure connection")
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
        if self.open_key:
            # A step's log takes it in; only here is Dagster needed.
            from dagster import get_dagster_logger

            get_dagster_logger().warning(f"{self.open_key}.")
        return ServerIndex(client, self.quantization)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
