"""All pages of many ArcGIS queries, asked for together."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from realestate_assets.providers.arcgis_rest import Layer, read_features
from realestate_assets.providers.pages import Collected
from resources.http.api import ApiAnswer, ApiClient, ApiRequest, Failure

# More pages than this for one query is a service that repeats itself.
MAX_PAGES = 10_000

Batch = TypeVar("Batch", list, np.ndarray)


def collect(
    client: ApiClient, layer: Layer, queries: Sequence[ApiRequest], expected: Sequence[int] = ()
) -> list[Collected]:
    """All pages of many queries, the next pages of all of them asked for together.

    Queries are ordered by the object id where they say no order: without one, pages may repeat and lack
    records. A failed page fails its query, so that half an answer is never taken for a whole one.

    Args:
        client: the session.
        layer: the layer asked.
        queries: the queries.
        expected: how many records each query has, where that is known: services there are that cut their
            pages and never say so. Pages are then read until they add up or bring nothing new.
    """
    queries = [_ordered(query, layer) for query in queries]
    found = [Collected() for _ in queries]
    waiting = dict(enumerate(queries))
    for _ in range(MAX_PAGES):
        if not waiting:
            return found
        answers = client.send_all(list(waiting.values()))
        following: dict[int, ApiRequest] = {}
        for index, answer in zip(waiting, answers, strict=True):
            before = len(found[index].features)
            found[index], more = _with_page(found[index], answer, layer)
            missing = bool(expected) and before < len(found[index].features) < expected[index]
            if more or (missing and layer.can_page):
                following[index] = _page(queries[index], len(found[index].features), layer)
        waiting = following
    for index in waiting:
        found[index] = replace(found[index], failure=Failure.BAD_ANSWER, message="the pages do not end")
    return found


def _ordered(query: ApiRequest, layer: Layer) -> ApiRequest:
    if not layer.can_page or layer.object_id is None:
        return query
    order = {"orderByFields": layer.object_id}
    return replace(query, form=tuple((order | dict(query.form)).items()))


def _with_page(so_far: Collected, answer: ApiAnswer, layer: Layer) -> tuple[Collected, bool]:
    features, more, failure, message = read_features(answer)
    answers = (*so_far.answers, answer)
    if failure is not None:
        return Collected(answers=answers, failure=failure, message=message), False
    if layer.can_page and so_far.features and not more and _repeats(so_far, features):
        return replace(so_far, answers=answers), False  # it takes no offset, and has said that this was all
    if more and layer.can_page and (not features or _repeats(so_far, features)):
        return Collected(
            answers=answers, failure=Failure.BAD_ANSWER, message="the service repeats its pages"
        ), False
    # An old server cuts without a word: a full page is taken for a cut one.
    is_cut = not layer.can_page and (more or len(features) >= layer.page_size)
    collected = Collected([*so_far.features, *features], answers, is_cut=is_cut)
    return collected, more and layer.can_page


def _repeats(so_far: Collected, features: list[dict]) -> bool:
    return bool(so_far.features) and so_far.features[-len(features) :] == features


def _page(query: ApiRequest, offset: int, layer: Layer) -> ApiRequest:
    paging = {"resultOffset": str(offset), "resultRecordCount": str(layer.page_size)}
    return replace(query, form=tuple((dict(query.form) | paging).items()))


def collect_batches(
    client: ApiClient, layer: Layer, batches: Sequence[Batch], query: Callable[[Batch], ApiRequest]
) -> list[tuple[Batch, Collected]]:
    """Every batch with all its features; one that the service cuts is asked for in halves.

    Args:
        client: the session.
        layer: the layer asked.
        batches: keys or points, as arrays or lists; never empty ones.
        query: the query for a batch.

    Returns:
        The batches as they were asked in the end. One of a single item that is still cut is as it is.
    """
    done: list[tuple[Batch, Collected]] = []
    waiting: list[tuple[Batch, tuple[ApiAnswer, ...]]] = [(batch, ()) for batch in batches]
    while waiting:
        halves: list[tuple[Batch, tuple[ApiAnswer, ...]]] = []
        answers = collect(client, layer, [query(batch) for batch, _ in waiting])
        for (batch, before), found in zip(waiting, answers, strict=True):
            # Calls whose answer was cut cost what they cost: they stay with the first half.
            calls: tuple[ApiAnswer, ...] = before + found.answers
            if found.is_cut and len(batch) > 1:
                middle = len(batch) // 2
                halves += [(batch[:middle], calls), (batch[middle:], ())]
            else:
                done.append((batch, replace(found, answers=calls)))
        waiting = halves
    return done
