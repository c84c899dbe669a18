"""Asking Regrid for parcels: which calls a request needs, and all pages of them.

Parcel numbers go one a call, as the API takes them; points go many into one.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.convert import to_mask
from realestate_assets.domain.counties.providers.regrid import RegridProvider
from realestate_assets.providers.pages import Collected
from realestate_assets.providers.regrid_records import BY_NUMBER, BY_POINT, read_parcels
from resources.http.api import ApiAnswer, ApiClient, ApiRequest, Failure, Pairs

# Few parcels of a county share a number, and the records of a reply may be what is billed.
RECORDS_BY_NUMBER, RECORDS_BY_POINT = 10, 1_000
DECIMALS = 6  # 0.1 m
# Rows of points a hundredth of a degree high: neighbours come into one call.
STRIP = 100
# Additions that some plans put into the reply; nothing of them is read.
PLAIN = tuple((f"return_{part}", "false") for part in ("matched_buildings", "matched_addresses", "zoning"))


@dataclass(frozen=True)
class PlannedCalls:
    """The calls for some properties.

    Args:
        requests: each once; those by number come first.
        call: position of the call of each property; -1 where it has no key, or is not asked for.
        by_point: mask of the properties that are asked for by their position.
        points_in: points of each call; 0 for one by number.
    """

    requests: list[ApiRequest]
    call: np.ndarray
    by_point: np.ndarray
    points_in: np.ndarray


def calls_for(rows: pa.Table, left: np.ndarray, config: RegridProvider, path: str) -> PlannedCalls:
    """The calls for the properties that are left to ask for, each by the first key it has."""
    located = pc.and_(pc.is_valid(rows["latitude"]), pc.is_valid(rows["longitude"]))
    has = {"apn": to_mask(pc.is_valid(rows["apn"])), "point": to_mask(located)}
    use = {"apn": np.zeros(len(left), dtype=bool), "point": np.zeros(len(left), dtype=bool)}
    for key in config.ask_by:
        use[key] = has[key] & left
        left = left & ~has[key]
    call = np.full(len(left), -1)
    numbers = pc.dictionary_encode(rows["apn"].combine_chunks().filter(pa.array(use["apn"])))
    call[use["apn"]] = np.asarray(numbers.indices)
    requests = [_by_number(number, path) for number in numbers.dictionary.to_pylist()]
    batches, batch_of = _batches(rows.filter(pa.array(use["point"])), config.points_per_call)
    call[use["point"]] = len(requests) + batch_of
    points_in = np.array([0] * len(requests) + [len(batch) for batch in batches])
    requests += [_by_point(batch) for batch in batches]
    return PlannedCalls(requests, call, use["point"], points_in)


def collect(
    client: ApiClient, requests: Sequence[ApiRequest], county_slug: str, source: str
) -> list[Collected]:
    """All parcels of all calls; the next page of a call begins after the id of its last parcel.

    Raises:
        PermanentError: see `read_parcels`.
    """
    found = [Collected() for _ in requests]
    waiting = dict(enumerate(requests))
    while waiting:
        answers = client.send_all(list(waiting.values()))
        following: dict[int, ApiRequest] = {}
        for index, answer in zip(waiting, answers, strict=True):
            features, failure, message = read_parcels(answer, county_slug, source)
            found[index] = _with_page(found[index], answer, features, failure, message)
            is_full = len(features) >= RECORDS_BY_POINT and requests[index].endpoint == BY_POINT
            if is_full and found[index].failure is None:
                following[index] = _after(requests[index], features[-1]["id"])
        waiting = following
    return found


def _with_page(
    so_far: Collected, answer: ApiAnswer, features: list[dict], failure: Failure | None, message: str
) -> Collected:
    answers = (*so_far.answers, answer)
    known = {feature.get("id") for feature in so_far.features}
    if features and known and known & {feature.get("id") for feature in features}:
        failure, message = Failure.BAD_ANSWER, "the pages repeat"
    elif len(features) >= RECORDS_BY_POINT and features[-1].get("id") is None:
        failure, message = Failure.BAD_ANSWER, "there are more parcels, and no id to go on from"
    kept = [] if failure else [*so_far.features, *features]
    return Collected(kept, answers, failure, message)


def _by_number(number: str, path: str) -> ApiRequest:
    params = (("parcelnumb", number), ("path", path), ("limit", str(RECORDS_BY_NUMBER)), *PLAIN)
    return ApiRequest(BY_NUMBER, f"/{BY_NUMBER}", params=params)


def _by_point(points: np.ndarray) -> ApiRequest:
    place: Pairs
    if len(points) == 1:
        place = (("lat", str(points[0, 1])), ("lon", str(points[0, 0])))
    else:
        shape = {"type": "MultiPoint", "coordinates": points.tolist()}
        place = (("geojson", json.dumps(shape, separators=(",", ":"))),)
    rest = (("limit", str(RECORDS_BY_POINT)), ("return_geometry", "true"), *PLAIN)
    return ApiRequest(BY_POINT, f"/{BY_POINT}", params=(*place, *rest))


def _after(request: ApiRequest, last: object) -> ApiRequest:
    return replace(request, params=(*request.params, ("offset_id", str(last))))


def _batches(rows: pa.Table, size: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Distinct points in batches of neighbours, and the batch of each row."""
    degrees = [np.asarray(rows[name], dtype=float).round(DECIMALS) for name in ("longitude", "latitude")]
    points, inverse = np.unique(np.column_stack(degrees), axis=0, return_inverse=True)
    order = np.lexsort((points[:, 0], np.floor(points[:, 1] * STRIP)))
    batch = np.empty(len(points), dtype=int)
    batch[order] = np.arange(len(points)) // size
    starts = range(0, len(points), size)
    return [points[order[start : start + size]] for start in starts], batch[inverse.ravel()]
