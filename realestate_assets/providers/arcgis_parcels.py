"""Asking a layer for parcels, by number or by position: which features came for which, and by which call.

An item is what is asked for once: a parcel number or a point. Months and fields are not known here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.convert import to_mask
from realestate_assets.domain.core.shapes import esri_outlines, in_degrees, middles, multipoint, pairs_inside
from realestate_assets.domain.counties.providers.arcgis import LATITUDE, LONGITUDE, ArcgisKey, ArcgisProvider
from realestate_assets.domain.enrichment.parcel_rows import parcel_keys, written_keys
from realestate_assets.providers.arcgis_pages import collect_batches
from realestate_assets.providers.arcgis_rest import Layer, iso_dates, query_request, quoted
from realestate_assets.providers.pages import Collected
from realestate_assets.providers.replies import as_text
from resources.http.api import ApiClient, ApiRequest, Failure

# Six decimals are 0.1 m.
DECIMALS = 6
# Rows of points a hundredth of a degree high: neighbours come into one query and share its outlines.
STRIP = 100


@dataclass(frozen=True)
class Parcels:
    """What came of asking.

    Args:
        item: item of each property; -1 where it has no usable number or position.
        call: position in `answers` of the call each item was asked for in.
        answers: what came of each call.
        features: the features, each with its item in `feature_item`; one point may lie in several.
        feature_call: the call each came from.
        written: the items as a where clause writes them; empty for points.
    """

    item: np.ndarray
    call: np.ndarray
    answers: list[Collected]
    features: list[dict]
    feature_item: np.ndarray
    feature_call: np.ndarray
    written: list[str]


def by_number(
    client: ApiClient,
    layer: Layer,
    config: ArcgisProvider,
    key: ArcgisKey,
    apn: pa.ChunkedArray,
    form: dict[str, str],
) -> Parcels:
    """Features by parcel number, many in one query.

    Args:
        client: the session.
        layer: the layer, whose columns were checked.
        config: what to ask.
        key: its key.
        apn: the properties' normalised parcel numbers.
        form: further parameters of the query.
    """
    column = layer.spelling(key.column) or key.column
    is_number = layer.is_number(column)
    digits = layer.digits(column) if is_number else None
    keys = _comparable(parcel_keys(apn, key), digits)
    distinct = pc.unique(keys).drop_null().sort()
    written = [text if is_number else quoted(text) for text in _as_written(distinct, key, is_number)]

    def query(batch: np.ndarray) -> ApiRequest:
        listed = ",".join(written[position] for position in batch)
        where = f"{column} IN ({listed})"
        return _query(layer, config, f"{where} AND ({config.where})" if config.where else where, form)

    answers, call = _ask(client, layer, np.arange(len(distinct)), config.keys_per_request, query)
    features, feature_call = _features(answers)
    found = pa.array([as_text(_attribute(feature, column)) for feature in features], pa.string())
    feature_item = _positions(_comparable(parcel_keys(found, key), digits), distinct)
    return Parcels(_positions(keys, distinct), call, answers, features, feature_item, feature_call, written)


def by_position(
    client: ApiClient,
    layer: Layer,
    config: ArcgisProvider,
    places: tuple[pa.ChunkedArray, pa.ChunkedArray],
    form: dict[str, str],
) -> Parcels:
    """Features by the points that lie in them; `places` are longitude and latitude of the properties."""
    located = to_mask(pc.and_(pc.is_valid(places[0]), pc.is_valid(places[1])))
    degrees = [np.asarray(pc.fill_null(place, 0.0), dtype=float).round(DECIMALS) for place in places]
    points, inverse = np.unique(np.column_stack(degrees)[located], axis=0, return_inverse=True)
    item = np.full(len(located), -1)
    item[located] = inverse.ravel()
    order = np.lexsort((points[:, 0], np.floor(points[:, 1] * STRIP)))

    def query(batch: np.ndarray) -> ApiRequest:
        shape = {
            "geometry": multipoint(points[batch, 0], points[batch, 1]),
            "geometryType": "esriGeometryMultipoint",
            "inSR": "4326",
            "spatialRel": "esriSpatialRelIntersects",
            "returnGeometry": "true",
        }
        return _query(layer, config, config.where or "1=1", form | shape)

    answers, call = _ask(client, layer, order, config.points_per_request, query)
    features, feature_call = _features(answers)
    outlines = esri_outlines([feature.get("geometry") for feature in features])
    point, found = pairs_inside(outlines, points[:, 0], points[:, 1])
    # A large parcel comes with every query whose points lie in it: what counts is the point's own.
    own = call[point] == feature_call[found]
    point, found = point[own], found[own]
    chosen = [features[index] for index in found]
    return Parcels(item, call, answers, chosen, point, feature_call[found], [])


def text_table(features: list[dict], layer: Layer, columns: tuple[str, ...], with_shape: bool) -> pa.Table:
    """The features' columns as text, in lower case; dates as days, and the middle of the shape if wanted."""
    table = {}
    for name in columns:
        spelling = layer.spelling(name) or name
        values = [_attribute(feature, spelling) for feature in features]
        if layer.is_date(spelling):
            numbers = [value if isinstance(value, int | float) else None for value in values]
            table[name] = iso_dates(pa.array(numbers, pa.float64()))
        else:
            table[name] = pa.array([as_text(value) for value in values], pa.string())
    if with_shape:
        places = middles(esri_outlines([feature.get("geometry") for feature in features]))
        for name, degrees in zip((LONGITUDE, LATITUDE), places, strict=True):
            table[name] = pa.array(degrees, pa.float64(), from_pandas=True).cast(pa.string())
    return pa.table(table)


def _query(layer: Layer, config: ArcgisProvider, where: str, form: dict[str, str]) -> ApiRequest:
    columns = [layer.spelling(name) or name for name in config.columns()]
    if layer.object_id:
        columns.append(layer.object_id)
    return query_request(
        layer.path, tuple(form.items()), where=where, columns=tuple(dict.fromkeys(columns)) or ("*",)
    )


def _ask(
    client: ApiClient, layer: Layer, items: np.ndarray, size: int, query: Callable[[np.ndarray], ApiRequest]
) -> tuple[list[Collected], np.ndarray]:
    """What came of each call, and for each item the position of its call."""
    batches = [items[start : start + size] for start in range(0, len(items), size)]
    asked = collect_batches(client, layer, batches, query)
    call = np.full(len(items), -1)
    for position, (batch, _) in enumerate(asked):
        call[batch] = position
    return [_in_degrees(found) for _, found in asked], call


def _in_degrees(found: Collected) -> Collected:
    """A service that answers in its own grid although degrees were asked for has not answered."""
    if in_degrees(esri_outlines([feature.get("geometry") for feature in found.features])):
        return found
    message = "answers in a grid of its own although degrees (outSR 4326) were asked for"
    return replace(found, features=[], failure=Failure.BAD_ANSWER, message=message)


def _features(answers: list[Collected]) -> tuple[list[dict], np.ndarray]:
    features = [feature for found in answers for feature in found.features]
    return features, np.repeat(np.arange(len(answers)), [len(found.features) for found in answers])


def _attribute(feature: dict, column: str) -> object:
    return (feature.get("attributes") or {}).get(column)


def _comparable(keys: pa.Array, digits: int | None) -> pa.Array:
    """Keys as both sides of the join spell them: a number column has no leading zeros and no letters.

    A number longer than the column keeps would be found under its neighbour's: it is not asked for.

    Args:
        keys: parcel numbers in one spelling.
        digits: digits the number column keeps; None for a text column.
    """
    if digits is None:
        return keys
    plain = pc.utf8_ltrim(keys, "0")
    fits = pc.match_substring_regex(plain, rf"^\d{{1,{digits}}}$")
    return pc.if_else(fits, plain, pa.scalar(None, pa.string()))


def _as_written(keys: pa.Array, key: ArcgisKey, is_number: bool) -> list[str]:
    return (keys if is_number else written_keys(keys, key)).to_pylist()


def _positions(keys: pa.Array, known: pa.Array) -> np.ndarray:
    """Position of each key among the known ones; -1 where it is not there."""
    return np.asarray(pc.fill_null(pc.index_in(keys, value_set=known), -1)).astype(np.int64)
