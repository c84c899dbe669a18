"""The embedded vector index: Qdrant Edge, one shard folder a county, opened only while it is used.

A shard is open in one process at a time. Ours take turns by a lock file, with a bounded wait; whatever is
written survives `kill -9` by Qdrant's write-ahead log.
"""

import contextlib
import fcntl
import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import qdrant_edge as edge
from tenacity import RetryError, Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from resources.errors import PermanentError, RealEstateError, TransientError
from resources.home import make_folder
from resources.partition import checked_county
from resources.vectors.points import (
    KEYWORD_FIELDS,
    LOCATION_FIELD,
    METERS_PER_MILE,
    NUMBER_FIELDS,
    AnyOf,
    Condition,
    Hit,
    Known,
    OneOf,
    Points,
    Range,
    Within,
)

WAIT_SECONDS = 30.0
BATCH = 2_000
# Below this a shard is searched exactly: 4 ms for 20,000 points (2026-11), and no graph to build. In KB.
HNSW_FROM_KB = 150_000


class EdgeIndex:
    """Shards under `root`."""

    def __init__(self, root: Path, wait_seconds: float = WAIT_SECONDS) -> None:
        self.root = Path(root)
        self.wait_seconds = wait_seconds
        self._held = threading.local()

    def replace(self, points: Points) -> None:
        """Upsert the partition's points, then delete its stale ones: no moment without an answer."""
        exists = self._folder(points.partition.county_slug).exists()
        if not points.ids and not exists:
            return
        with self._shard(points.partition.county_slug, points.vectors.shape[1]) as shard:
            for start in range(0, len(points.ids), BATCH):
                some = slice(start, start + BATCH)
                rows = zip(
                    points.ids[some], points.vectors[some].tolist(), points.payloads[some], strict=True
                )
                batch = [edge.Point(each, vector, payload) for each, vector, payload in rows]
                shard.update(edge.UpdateOperation.upsert_points(batch))
            stale = edge.Filter(
                must=[_is("month", points.partition.month)],
                must_not=[edge.HasIdCondition(set(points.ids))] if points.ids else None,
            )
            shard.update(edge.UpdateOperation.delete_points_by_filter(stale))
            shard.optimize()
            shard.flush()
        self.stamp(points.partition.county_slug).touch()

    def search(
        self, county_slug: str, vector: np.ndarray, limit: int, conditions: Sequence[Condition]
    ) -> list[Hit]:
        """Nearest points of a county of which all conditions hold; none where the county has no shard."""
        if not self._folder(county_slug).exists():
            return []
        request = edge.QueryRequest(
            query=edge.Query.Nearest(np.asarray(vector, dtype=np.float32).tolist()),
            limit=limit,
            filter=_all(conditions),
            with_payload=True,
        )
        with self._shard(county_slug) as shard:
            return [Hit(str(p.id), float(p.score), dict(p.payload or {})) for p in shard.query(request)]

    def count(self, county_slug: str, conditions: Sequence[Condition]) -> int:
        """Points of a county of which all conditions hold."""
        if not self._folder(county_slug).exists():
            return 0
        with self._shard(county_slug) as shard:
            return shard.count(edge.CountRequest(exact=True, filter=_all(conditions)))

    def payloads(
        self, county_slug: str, conditions: Sequence[Condition], fields: Sequence[str], batch: int = BATCH
    ) -> Iterator[dict[str, Any]]:
        """These fields of all points of a county of which all conditions hold."""
        if not self._folder(county_slug).exists():
            return
        chosen, offset = _all(conditions), None
        with self._shard(county_slug) as shard:
            while True:
                request = edge.ScrollRequest(
                    offset=offset, limit=batch, filter=chosen, with_payload=list(fields), with_vector=False
                )
                records, offset = shard.scroll(request)
                yield from (dict(record.payload or {}) for record in records)
                if offset is None:
                    return

    def vectors(self, county_slug: str, ids: Sequence[str]) -> dict[str, np.ndarray]:
        """Vectors of some points by id; one that is not there is left out."""
        if not ids or not self._folder(county_slug).exists():
            return {}
        with self._shard(county_slug) as shard:
            records = shard.retrieve(list(ids), with_payload=False, with_vector=True)
            return {str(each.id): np.asarray(each.vector, dtype=np.float32) for each in records}

    @contextlib.contextmanager
    def held(self, county_slug: str) -> Iterator[None]:
        """Whatever this thread asks of the county within the block opens its shard once.

        An opening took 1.1 s for 20,000 points, a question 4 ms (2026-11).
        """
        if not self._folder(county_slug).exists():
            yield
            return
        with self._opened(county_slug) as shard:
            self._held.county_slug, self._held.shard = county_slug, shard
            try:
                yield
            finally:
                del self._held.county_slug, self._held.shard

    @contextlib.contextmanager
    def rebuilt(self) -> Iterator["EdgeIndex"]:
        """This index, emptied: it lies on one machine, and there is nothing beside it to search meanwhile."""
        self.clear()
        yield self

    def clear(self) -> None:
        """Remove all points of all counties."""
        shards = [path for path in self.root.glob("*") if path.is_dir() and not path.name.startswith(".")]
        for folder in shards:
            with self._turn(folder.name):
                # Out of its place first: one that is half deleted is none.
                leaving = folder.with_name(f".{folder.name}.old")
                shutil.rmtree(leaving, ignore_errors=True)
                folder.rename(leaving)
                shutil.rmtree(leaving)
            self.stamp(folder.name).touch()

    def stamp(self, county_slug: str) -> Path:
        """A file whose time tells copies of the shard that it was written to."""
        return self.root / f".{checked_county(county_slug)}.written"

    def _folder(self, county_slug: str) -> Path:
        return self.root / checked_county(county_slug)

    @contextlib.contextmanager
    def _shard(self, county_slug: str, dimension: int | None = None) -> Iterator[edge.EdgeShard]:
        """The open shard: the held one, or one that is opened for this question."""
        is_held = getattr(self._held, "county_slug", None) == county_slug
        held = contextlib.nullcontext(self._held.shard) if is_held else self._opened(county_slug, dimension)
        with held as shard:
            try:
                yield shard
            except RealEstateError:
                raise
            except Exception as error:
                # The library raises nothing more specific.
                folder = self._folder(county_slug)
                raise PermanentError(
                    f"The vector shard in {folder} refuses: {error}",
                    county=county_slug,
                    remedy=f"If it stays so, delete {folder} and materialize embeddings again.",
                ) from error

    @contextlib.contextmanager
    def _opened(self, county_slug: str, dimension: int | None = None) -> Iterator[edge.EdgeShard]:
        """A shard in its turn, made first where it is missing and a dimension is given."""
        with self._turn(county_slug):
            shard = self._open(county_slug, self._folder(county_slug), dimension)
            try:
                yield shard
            finally:
                shard.close()

    def _open(self, county_slug: str, folder: Path, dimension: int | None) -> edge.EdgeShard:
        try:
            if not folder.exists():
                self._create(folder, dimension or 0)
            return edge.EdgeShard.load(str(folder), _config(dimension) if dimension else None)
        except Exception as error:
            if "WouldBlock" in str(error):
                raise self._busy(county_slug) from error
            raise PermanentError(
                f"The vector shard in {folder} cannot be opened: {error}",
                county=county_slug,
                remedy=f"Delete {folder} and materialize embeddings again.",
            ) from error

    def _create(self, folder: Path, dimension: int) -> None:
        # Made beside its place and moved there: a killed process leaves no half shard under the name.
        unfinished = folder.with_name(f".{folder.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        shard = edge.EdgeShard.create(str(unfinished), _config(dimension))
        for name in KEYWORD_FIELDS:
            shard.update(edge.UpdateOperation.create_field_index(name, edge.PayloadSchemaType.Keyword))
        for name in NUMBER_FIELDS:
            shard.update(edge.UpdateOperation.create_field_index(name, edge.PayloadSchemaType.Float))
        shard.update(edge.UpdateOperation.create_field_index(LOCATION_FIELD, edge.PayloadSchemaType.Geo))
        shard.flush()
        shard.close()
        unfinished.rename(folder)

    @contextlib.contextmanager
    def _turn(self, county_slug: str) -> Iterator[None]:
        """Exclusive use of a county's shard, among processes and threads."""
        make_folder(self.root)
        with (self.root / f".{county_slug}.lock").open("w") as file:
            retrying = Retrying(
                retry=retry_if_exception_type(BlockingIOError),
                stop=stop_after_delay(self.wait_seconds),
                wait=wait_fixed(0.05),
            )
            try:
                retrying(fcntl.flock, file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except RetryError as error:
                raise self._busy(county_slug) from error
            yield

    def _busy(self, county_slug: str) -> TransientError:
        return TransientError(
            f"county {county_slug}: the vector shard {self._folder(county_slug)} is used by another process; "
            f"waited {self.wait_seconds:g} s. Try again when it has ended, or set QDRANT_URL to use a server."
        )


def _config(dimension: int) -> edge.EdgeConfig:
    return edge.EdgeConfig(
        vectors=edge.EdgeVectorParams(size=dimension, distance=edge.Distance.Cosine),
        optimizers=edge.EdgeOptimizersConfig(indexing_threshold=HNSW_FROM_KB),
    )


def _is(field: str, value: str) -> edge.FieldCondition:
    return edge.FieldCondition(field, match=edge.MatchValue(value))


def _all(conditions: Sequence[Condition]) -> edge.Filter | None:
    return edge.Filter(must=[_translated(each) for each in conditions]) if conditions else None


def _translated(
    condition: Condition,
) -> edge.FieldCondition | edge.Filter:
    if isinstance(condition, Range):
        bounds = edge.RangeFloat(gte=condition.minimum, lte=condition.maximum)
        return edge.FieldCondition(condition.field, range=bounds)
    if isinstance(condition, OneOf):
        return edge.FieldCondition(condition.field, match=edge.MatchAny(list(condition.values)))
    if isinstance(condition, Within):
        center = edge.GeoPoint(lon=condition.longitude, lat=condition.latitude)
        circle = edge.GeoRadius(center=center, radius=condition.miles * METERS_PER_MILE)
        return edge.FieldCondition(LOCATION_FIELD, geo_radius=circle)
    if isinstance(condition, Known):
        return edge.Filter(must_not=[edge.IsEmptyCondition(condition.field)])
    if isinstance(condition, AnyOf):
        return edge.Filter(should=[_translated(each) for each in condition.conditions])
    return edge.Filter(must_not=[_translated(condition.condition)])
