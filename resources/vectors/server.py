"""The vector index on a Qdrant server: one collection behind an alias, the county a payload filter."""

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Literal, TypeVar
from uuid import uuid4

import numpy as np
from pydantic import ValidationError
from qdrant_client import QdrantClient, models
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from resources.errors import PermanentError, TransientError
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

COLLECTION, ALIAS = "properties", "properties_current"
Quantization = Literal["none", "int8", "binary"]
# In memory one byte or one bit a dimension in the place of four bytes; the full vectors lie on the disk.
QUANTIZED: dict[str, Any] = {
    "none": None,
    "int8": models.ScalarQuantization(
        scalar=models.ScalarQuantizationConfig(type=models.ScalarType.INT8, quantile=0.99, always_ram=True)
    ),
    "binary": models.BinaryQuantization(binary=models.BinaryQuantizationConfig(always_ram=True)),
}
# Twice as many candidates, put in order by their full vectors.
RESCORED = models.SearchParams(quantization=models.QuantizationSearchParams(rescore=True, oversampling=2.0))
BATCH = 500
ATTEMPTS = 5
NOT_FOUND, CONFLICT, TOO_MANY, SERVER_ERROR = 404, 409, 429, 500
DENIED = (401, 403)

Result = TypeVar("Result")


class ServerIndex:
    """One collection of a server, made at the first write; the county is a payload filter.

    It is called `properties`. Once it was made anew, that name is free and the alias `properties_current`
    says which collection it is: an alias is moved at once, while others search.

    Args:
        client: of the server.
        quantization: how vectors are kept in memory; for collections that are made from now on.
        collection: where to read and write, in the place of what the alias says.
    """

    def __init__(
        self, client: QdrantClient, quantization: Quantization = "none", collection: str | None = None
    ) -> None:
        self.client, self.quantization, self._collection = client, quantization, collection
        self._indexed: set[str] = set()

    def replace(self, points: Points) -> None:
        """Upsert the partition's points, then delete its stale ones: no moment without an answer."""
        name = self._name()
        if not self._exists(name):
            if not points.ids:
                return
            self._create(name, points.vectors.shape[1])
        self._index_payload(name)
        for start in range(0, len(points.ids), BATCH):
            some = slice(start, start + BATCH)
            batch = models.Batch(
                ids=points.ids[some],
                vectors=points.vectors[some].tolist(),
                payloads=points.payloads[some],
            )
            _patiently(partial(self.client.upsert, name, batch, wait=True))
        stale = models.Filter(
            must=[_is("county", points.partition.county_slug), _is("month", points.partition.month)],
            must_not=[models.HasIdCondition(has_id=points.ids)] if points.ids else None,
        )
        selector = models.FilterSelector(filter=stale)
        _patiently(lambda: self.client.delete(name, selector, wait=True))

    def search(
        self, county_slug: str, vector: np.ndarray, limit: int, conditions: Sequence[Condition]
    ) -> list[Hit]:
        """Nearest points of a county of which all conditions hold; none where nothing was stored yet."""
        name = self._name()
        if not self._exists(name):
            return []
        found = _patiently(
            lambda: self.client.query_points(
                name,
                query=np.asarray(vector, dtype=np.float32).tolist(),
                query_filter=_all(county_slug, conditions),
                limit=limit,
                with_payload=True,
                search_params=None if self.quantization == "none" else RESCORED,
            )
        )
        return [Hit(str(p.id), float(p.score), dict(p.payload or {})) for p in found.points]

    def count(self, county_slug: str, conditions: Sequence[Condition]) -> int:
        """Points of a county of which all conditions hold."""
        name = self._name()
        if not self._exists(name):
            return 0
        chosen = _all(county_slug, conditions)
        return _patiently(lambda: self.client.count(name, chosen, exact=True)).count

    def payloads(
        self, county_slug: str, conditions: Sequence[Condition], fields: Sequence[str], batch: int = BATCH
    ) -> Iterator[dict[str, Any]]:
        """These fields of all points of a county of which all conditions hold."""
        name = self._name()
        if not self._exists(name):
            return
        chosen, wanted, offset = _all(county_slug, conditions), list(fields), None
        while True:
            scroll = partial(
                self.client.scroll,
                name,
                chosen,
                batch,
                offset=offset,
                with_payload=wanted,
                with_vectors=False,
            )
            records, offset = _patiently(scroll)
            yield from (dict(record.payload or {}) for record in records)
            if offset is None:
                return

    def vectors(self, county_slug: str, ids: Sequence[str]) -> dict[str, np.ndarray]:
        """Vectors of some points by id; one that is not there is left out."""
        name = self._name()
        if not ids or not self._exists(name):
            return {}
        found = _patiently(
            lambda: self.client.retrieve(name, list(ids), with_payload=False, with_vectors=True)
        )
        return {str(each.id): np.asarray(each.vector, dtype=np.float32) for each in found}

    def held(self, county_slug: str) -> contextlib.AbstractContextManager[None]:
        """Nothing to hold: a server is always open."""
        return contextlib.nullcontext()

    def clear(self) -> None:
        """Remove all points of all counties."""
        self._delete(self._target() or COLLECTION)
        self._sweep()

    @contextlib.contextmanager
    def rebuilt(self) -> Iterator["ServerIndex"]:
        """A collection beside the one that is searched, which takes its place when the block ends well.

        One rebuild at a time: what another one left is removed. A block that fails leaves all as it was; one
        that was killed leaves a collection that nobody reads, which the next rebuild removes.
        """
        self._sweep()
        name = f"{COLLECTION}-{uuid4().hex[:12]}"
        building = ServerIndex(self.client, self.quantization, name)
        try:
            yield building
        except BaseException:
            with contextlib.suppress(TransientError, PermanentError):
                self._delete(name)
            raise
        if not self._exists(name):
            # Nothing was written: there is nothing to search.
            self.clear()
            return
        moves: list[Any] = [models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=ALIAS))]
        moves = moves if self._target() else []
        made = models.CreateAlias(collection_name=name, alias_name=ALIAS)
        moves.append(models.CreateAliasOperation(create_alias=made))
        _patiently(lambda: self.client.update_collection_aliases(moves))
        self._sweep()

    def _name(self) -> str:
        """What to read and write: the alias where there is one, which may move meanwhile."""
        return self._collection or (ALIAS if self._target() else COLLECTION)

    def _target(self) -> str | None:
        """The collection that the alias stands for."""
        aliases = _patiently(self.client.get_aliases).aliases
        return next((each.collection_name for each in aliases if each.alias_name == ALIAS), None)

    def _sweep(self) -> None:
        """Remove collections of ours that nobody reads."""
        target = self._target()
        for each in _patiently(self.client.get_collections).collections:
            is_built = each.name.startswith(f"{COLLECTION}-")
            if each.name != target and (is_built or (target and each.name == COLLECTION)):
                self._delete(each.name)

    def _delete(self, name: str) -> None:
        if self._exists(name):
            _patiently(lambda: self.client.delete_collection(name))

    def _exists(self, name: str) -> bool:
        return name == ALIAS or _patiently(lambda: self.client.collection_exists(name))

    def _create(self, name: str, dimension: int) -> None:
        vectors = models.VectorParams(size=dimension, distance=models.Distance.COSINE)
        quantized = QUANTIZED[self.quantization]
        _make(
            lambda: self.client.create_collection(name, vectors_config=vectors, quantization_config=quantized)
        )

    def _index_payload(self, name: str) -> None:
        """Index what is searched by, where that was not done or was broken off; looked at once a process."""
        if name in self._indexed:
            return
        there = _patiently(lambda: self.client.get_collection(name)).payload_schema or {}
        kinds = dict.fromkeys(KEYWORD_FIELDS, models.PayloadSchemaType.KEYWORD)
        kinds |= dict.fromkeys(NUMBER_FIELDS, models.PayloadSchemaType.FLOAT)
        kinds[LOCATION_FIELD] = models.PayloadSchemaType.GEO
        for field, kind in kinds.items():
            if field not in there:
                _make(partial(self.client.create_payload_index, name, field, kind))
        self._indexed.add(name)


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
            if isinstance(error.source, ValidationError):
                raise _no_qdrant("an answer of another form") from None
            raise TransientError(f"Qdrant does not answer: {error}") from error
        except json.JSONDecodeError:
            raise _no_qdrant("no JSON") from None
        except AssertionError:
            # The client library's own, where an answer has no result.
            raise _no_qdrant("an answer of another form") from None
        except ResourceExhaustedResponse as error:
            raise TransientError("Qdrant answers 429 Too Many Requests.") from error
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
    if status not in DENIED and not _is_qdrants(error.content):
        return _no_qdrant(f"HTTP {status}")
    if status == NOT_FOUND:
        # It was made anew while this was on its way; the next try finds the new one.
        return TransientError("The collection is gone from the Qdrant server.")
    remedy = "Check QDRANT_API_KEY." if status in DENIED else None
    detail = error.content.decode(errors="replace")[:300]
    return PermanentError(f"Qdrant answers {status} {error.reason_phrase}: {detail}", remedy=remedy)


def _is_qdrants(body: bytes) -> bool:
    """True for an answer with a status of Qdrant's form, such as of a collection that is not there."""
    try:
        return "status" in json.loads(body)
    except (ValueError, TypeError):
        return False


def _no_qdrant(what: str) -> PermanentError:
    return PermanentError(
        f"What answers there is no Qdrant server: {what}.",
        field="QDRANT_URL",
        remedy="Expected http://host:6333, the port of its REST interface, with a proxy's path if any.",
    )


def _is(field: str, value: str) -> models.FieldCondition:
    return models.FieldCondition(key=field, match=models.MatchValue(value=value))


def _all(county_slug: str, conditions: Sequence[Condition]) -> models.Filter:
    return models.Filter(must=[_is("county", county_slug), *(_condition(each) for each in conditions)])


def _condition(condition: Condition) -> models.FieldCondition | models.Filter:
    if isinstance(condition, Range):
        bounds = models.Range(gte=condition.minimum, lte=condition.maximum)
        return models.FieldCondition(key=condition.field, range=bounds)
    if isinstance(condition, OneOf):
        return models.FieldCondition(key=condition.field, match=models.MatchAny(any=list(condition.values)))
    if isinstance(condition, Within):
        center = models.GeoPoint(lon=condition.longitude, lat=condition.latitude)
        circle = models.GeoRadius(center=center, radius=condition.miles * METERS_PER_MILE)
        return models.FieldCondition(key=LOCATION_FIELD, geo_radius=circle)
    if isinstance(condition, Known):
        empty = models.IsEmptyCondition(is_empty=models.PayloadField(key=condition.field))
        return models.Filter(must_not=[empty])
    if isinstance(condition, AnyOf):
        return models.Filter(should=[_condition(each) for each in condition.conditions])
    return models.Filter(must_not=[_condition(condition.condition)])
