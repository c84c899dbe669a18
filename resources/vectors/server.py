"""The vector index on a Qdrant server: one collection, the county a payload filter."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import numpy as np
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from resources.errors import PermanentError, TransientError
from resources.vectors.points import KEYWORD_FIELDS, NUMBER_FIELDS, Hit, Points, Range

COLLECTION = "properties"
BATCH = 500
ATTEMPTS = 5
CONFLICT, TOO_MANY, SERVER_ERROR = 409, 429, 500
DENIED = (401, 403)

Result = TypeVar("Result")


class ServerIndex:
    """The collection `properties` of a server; made at the first write."""

    def __init__(self, client: QdrantClient) -> None:
        self.client = client

    def replace(self, points: Points) -> None:
        """Upsert the partition's points, then delete its stale ones: no moment without an answer."""
        if not self._exists():
            if not points.ids:
                return
            self._create(points.vectors.shape[1])
        for start in range(0, len(points.ids), BATCH):
            some = slice(start, start + BATCH)
            batch = models.Batch(
                ids=points.ids[some],
                vectors=points.vectors[some].tolist(),
                payloads=points.payloads[some],
            )
            _patiently(partial(self.client.upsert, COLLECTION, batch, wait=True))
        stale = models.Filter(
            must=[_is("county", points.partition.county_slug), _is("month", points.partition.month)],
            must_not=[models.HasIdCondition(has_id=points.ids)] if points.ids else None,
        )
        selector = models.FilterSelector(filter=stale)
        _patiently(lambda: self.client.delete(COLLECTION, selector, wait=True))

    def search(self, county_slug: str, vector: np.ndarray, limit: int, ranges: list[Range]) -> list[Hit]:
        """Nearest points of a county within the ranges; none where nothing was stored yet."""
        if not self._exists():
            return []
        conditions = [_is("county", county_slug)]
        conditions += [
            models.FieldCondition(key=r.field, range=models.Range(gte=r.minimum, lte=r.maximum))
            for r in ranges
        ]
        found = _patiently(
            lambda: self.client.query_points(
                COLLECTION,
                query=np.asarray(vector, dtype=np.float32).tolist(),
                query_filter=models.Filter(must=conditions),
                limit=limit,
                with_payload=True,
            )
        )
        return [Hit(str(p.id), float(p.score), dict(p.payload or {})) for p in found.points]

    def count(self, county_slug: str, month: str | None) -> int:
        """Points of a county, or of one of its months."""
        if not self._exists():
            return 0
        chosen = [_is("county", county_slug)] + ([_is("month", month)] if month else [])
        condition = models.Filter(must=chosen)
        return _patiently(lambda: self.client.count(COLLECTION, condition, exact=True)).count

    def clear(self) -> None:
        """Remove all points of all counties."""
        if self._exists():
            _patiently(lambda: self.client.delete_collection(COLLECTION))

    def _exists(self) -> bool:
        return _patiently(lambda: self.client.collection_exists(COLLECTION))

    def _create(self, dimension: int) -> None:
        vectors = models.VectorParams(size=dimension, distance=models.Distance.COSINE)
        _make(lambda: self.client.create_collection(COLLECTION, vectors_config=vectors))
        kinds = dict.fromkeys(KEYWORD_FIELDS, models.PayloadSchemaType.KEYWORD)
        kinds |= dict.fromkeys(NUMBER_FIELDS, models.PayloadSchemaType.FLOAT)
        for name, kind in kinds.items():
            _make(partial(self.client.create_payload_index, COLLECTION, name, kind))


def _make(call: Callable[[], object]) -> None:
    """`call` with retries; fine where another process has made the same thing meanwhile."""

    def attempt() -> None:
        try:
            call()
        except UnexpectedResponse as error:
            if error.status_code != CONFLICT:
                raise

    _patiently(attempt)


def _patiently(call: Callable[[], Result]) -> Result:
    """`call` with retries."""

    def attempt() -> Result:
        try:
            return call()
        except ResponseHandlingException as error:
            raise TransientError(f"Qdrant does not answer: {error}") from error
        except UnexpectedResponse as error:
            raise _translated(error) from error

    return Retrying(
        retry=retry_if_exception_type(TransientError),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_random_exponential(multiplier=0.2, max=5),
        reraise=True,
    )(attempt)


def _translated(error: UnexpectedResponse) -> TransientError | PermanentError:
    status = error.status_code or 0
    if status == TOO_MANY or status >= SERVER_ERROR:
        return TransientError(f"Qdrant answers {status} {error.reason_phrase}.")
    remedy = "Check QDRANT_API_KEY." if status in DENIED else None
    detail = error.content.decode(errors="replace")[:300]
    return PermanentError(f"Qdrant answers {status} {error.reason_phrase}: {detail}", remedy=remedy)


def _is(field: str, value: str) -> models.FieldCondition:
    return models.FieldCondition(key=field, match=models.MatchValue(value=value))
