"""A GeoJSON feature collection to raw rows: properties, the feature's id, and a point inside its shape."""

import json
from typing import Any, BinaryIO

import numpy as np

from realestate_assets.domain.core.shapes import geojson_outlines
from realestate_assets.domain.counties.sources import LandedSource
from realestate_assets.domain.intake.columns import name_columns
from realestate_assets.domain.intake.file_bytes import Place, whole_text
from realestate_assets.domain.intake.formats.places import FEATURE_ID, LATITUDE, LONGITUDE, place_columns
from realestate_assets.domain.intake.formats.texts import as_split
from realestate_assets.domain.intake.raw_rows import Split


def read(packed: bytes, source: LandedSource, place: Place) -> Split:
    """All features, numbers of their properties kept digit for digit."""
    content, features = _features(whole_text(packed, source, place), place)
    rows = [feature.get("properties") or {} for feature in features]
    names = list(dict.fromkeys(key for row in rows for key in row))
    shapes = geojson_outlines([_geometry(feature.get("geometry")) for feature in features])
    columns = {
        FEATURE_ID: [feature.get("id") for feature in features],
        **{name: [row.get(name) for row in rows] for name in names},
        **place_columns(shapes, _crs(content), place),
    }
    return as_split(columns, source, place)


def columns(stream: BinaryIO, source: LandedSource, place: Place) -> list[str]:
    """Keys of the features' properties; a document has no head, so that it is read whole."""
    _, features = _features(whole_text(stream.read(), source, place), place)
    keys = dict.fromkeys(key for feature in features for key in feature.get("properties") or {})
    return name_columns([FEATURE_ID, *keys, LONGITUDE, LATITUDE], place)


def _features(data: bytes, place: Place) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    try:
        content = json.loads(data.decode("utf-8"), parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise place.error(f"is no readable JSON: {str(error)[:200]}.", "Land it complete.") from error
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        raise place.error("is no GeoJSON feature collection.", "JSON lines are `format: jsonl`.", "format")
    if any(not isinstance(feature.get("properties") or {}, dict) for feature in features):
        raise place.error("has a feature whose properties are no object.", "Land the complete file again.")
    if not features:
        raise place.error("is empty: it has no features.", "Land the complete file again.")
    return content, features


def _geometry(geometry: Any) -> dict | None:
    """A geometry whose numbers, which were read as text, are numbers again; None where one is not."""
    if not isinstance(geometry, dict):
        return None
    try:
        return {key: _numbers(value) if key == "coordinates" else value for key, value in geometry.items()}
    except (TypeError, ValueError, RecursionError):
        return None


def _numbers(value: Any) -> Any:
    if isinstance(value, list):
        return [_numbers(part) for part in value]
    number = float(value)
    if not np.isfinite(number):
        raise ValueError("no coordinate")
    return number


def _crs(content: dict[str, Any]) -> str | None:
    """The system that an old file names; the standard knows degrees alone."""
    crs = content.get("crs")
    name = (crs.get("properties") or {}).get("name") if isinstance(crs, dict) else None
    return None if name is None or "CRS84" in str(name) else str(name)
