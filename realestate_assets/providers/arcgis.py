"""The `arcgis` provider: facts of parcels from a layer of any ArcGIS feature or map service.

Many parcels are asked for in one request, by number or by position. The layer's columns are looked at before
anything else is asked: a column that is gone stops the step and is not a thousand nulls.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import NoReturn
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.providers.arcgis import ArcgisProvider
from realestate_assets.domain.enrichment.field_rules import combine, row_values
from realestate_assets.domain.enrichment.parcel_rows import (
    UNKNOWN_DAY,
    DatedGroups,
    as_dates,
    first_days,
    row_days,
)
from realestate_assets.providers.arcgis_parcels import Parcels, by_number, by_position, text_table
from realestate_assets.providers.arcgis_rest import Layer, check_columns, metadata_request, read_layer
from realestate_assets.providers.base import EnrichmentRequest, no_facts
from realestate_assets.providers.calls import Calls, facts_of, first_reason
from realestate_assets.providers.late_sales import DATED, too_late
from resources.errors import PermanentError
from resources.http.api import ApiAnswer, ApiClient

EPOCH = date(1970, 1, 1)
POLYGON = "esriGeometryPolygon"


@dataclass(frozen=True)
class _Rows:
    """The usable features by item and day: their columns, and item, day number and year of each."""

    table: pa.Table
    item: np.ndarray
    days: np.ndarray
    years: np.ndarray


class Arcgis:
    """Answers from one layer."""

    simulated = False

    def __init__(self, config: ArcgisProvider, client: ApiClient, county: County) -> None:
        self._config, self._client, self._county = config, client, county
        self.name = config.name
        self.fields = tuple(config.rules)

    def fetch(self, request: EnrichmentRequest) -> pa.Table:
        """Facts for the wanted fields.

        Raises:
            PermanentError: the layer lacks a column, has no outlines to join by, or is no layer.
        """
        wanted = tuple(field for field in self.fields if field in request.fields)
        if not wanted or not request.size:
            return no_facts()
        described = self._client.send_all([metadata_request(self._config.layer)])[0]
        layer, failure, _ = read_layer(described)
        if layer is None:
            return self._nothing(request, wanted, described, str(failure))
        self._check(layer)
        parcels = self._ask(layer, request)
        return self._facts(request, wanted, layer, parcels)

    def _nothing(
        self, request: EnrichmentRequest, wanted: tuple[str, ...], described: ApiAnswer, reason: str
    ) -> pa.Table:
        calls = Calls([described], np.zeros(request.size, dtype=np.int64))
        empty = {field: pa.nulls(request.size, pa.string()) for field in wanted}
        origin = calls.origin(self.name, self._config.confidence)
        return facts_of(request, empty, pa.repeat(pa.scalar(reason), request.size), calls, origin)

    def _check(self, layer: Layer) -> None:
        check_columns(layer, self._config.columns(), self._county.slug, self.name)
        if self._config.key is None and layer.geometry != POLYGON:
            self._unfit(f"{layer.path} holds no outlines ({layer.geometry}) that a position could lie in.")
        if self._config.coordinates and layer.geometry is None:
            self._unfit(f"{layer.path} is a table without shapes and has no coordinates to give.")

    def _unfit(self, message: str) -> NoReturn:
        raise PermanentError(
            message,
            county=self._county.slug,
            source=self.name,
            field="layer",
            remedy="Name the layer's `key`, leave `coordinates` out, or take another layer.",
        )

    def _ask(self, layer: Layer, request: EnrichmentRequest) -> Parcels:
        shape = {"returnGeometry": "true"} if self._config.coordinates else {}
        if self._config.key:
            apn = request.properties["apn"]
            return by_number(self._client, layer, self._config, self._config.key, apn, shape)
        places = (request.properties["longitude"], request.properties["latitude"])
        return by_position(self._client, layer, self._config, places, shape)

    def _facts(
        self, request: EnrichmentRequest, wanted: tuple[str, ...], layer: Layer, parcels: Parcels
    ) -> pa.Table:
        # A rule for the date of a sale is followed even where the date is not wanted: see late_sales.
        made = tuple(field for field in self.fields if field in wanted or field in DATED)
        rows = self._usable_rows(layer, parcels, made)
        groups = DatedGroups.of(rows.item, rows.days)
        at = groups.known_at(parcels.item, first_days(request.properties["month"]))
        found = pa.array(at, mask=at < 0)
        calls = _calls_of(parcels)
        plain = _reasons(parcels, calls, at)
        values, reasons = {}, {}
        for field in made:
            each = row_values(self._config.rules[field], rows.table, rows.item, rows.years)
            value = combine(self._config.rules[field], each, groups.first)
            torn = self._torn(each, groups.first)
            values[field] = pc.take(pc.if_else(torn, pa.scalar(None, pa.string()), value), found)
            reasons[field] = pc.coalesce(plain, pc.if_else(pc.take(torn, found), "NO_MATCH", None))
        for field, reason in too_late(values, request.properties["month"]).items():
            reasons[field] = pc.coalesce(reasons.get(field, reason), reason)
        origin = calls.origin(self.name, self._config.confidence, pc.take(as_dates(groups.days), found))
        origin = replace(origin, source_url=self._urls(parcels, calls, layer))
        return facts_of(request, {field: values[field] for field in wanted}, reasons, calls, origin)

    def _usable_rows(self, layer: Layer, parcels: Parcels, wanted: tuple[str, ...]) -> _Rows:
        """The features of what was asked for; one whose date cannot be read is not used."""
        columns = self._config.columns(wanted)
        table = text_table(parcels.features, layer, columns, self._config.coordinates)
        if self._config.vintage:
            days, years = row_days(table, self._config.vintage)
        else:
            days, years = _retrieved(parcels), np.zeros(len(parcels.features), dtype=np.int64)
        kept = np.flatnonzero((parcels.feature_item >= 0) & (days != UNKNOWN_DAY))
        order = kept[np.lexsort((days[kept], parcels.feature_item[kept]))]
        return _Rows(table.take(pa.array(order)), parcels.feature_item[order], days[order], years[order])

    def _torn(self, values: pa.Array, first: np.ndarray) -> pa.Array:
        """Groups whose features differ, where the join is by position.

        A point may lie in several parcels (flats above each other, a border): which of them is the
        property's cannot be told, and what they agree on is true of it all the same.
        """
        if self._config.key or not len(first):
            return pa.array(np.zeros(len(first), dtype=bool))
        codes = np.asarray(pc.fill_null(values, "").dictionary_encode().indices)
        return pa.array(np.minimum.reduceat(codes, first) != np.maximum.reduceat(codes, first))

    def _urls(self, parcels: Parcels, calls: Calls, layer: Layer) -> pa.Array:
        """The address that shows one parcel's features; the request itself names hundreds in its body."""
        base = calls.column((answer.url for answer in parcels.answers), pa.string())
        if not self._config.key:
            return base
        column = layer.spelling(self._config.key.column)
        shown = [quote(f"{column}={text}") + "&outFields=*&f=json" for text in parcels.written]
        item = pa.array(parcels.item, mask=parcels.item < 0)
        return pc.binary_join_element_wise(base, pc.take(pa.array(shown, pa.string()), item), "?where=")


def _calls_of(parcels: Parcels) -> Calls:
    asked = parcels.item >= 0
    position = np.full(len(parcels.item), -1)
    position[asked] = parcels.call[parcels.item[asked]]
    return Calls(parcels.answers, position)


def _retrieved(parcels: Parcels) -> np.ndarray:
    """Day number on which each feature was retrieved: what an undated layer says today describes today."""
    stamps = [answer.retrieved_at for answer in parcels.answers]
    days = [UNKNOWN_DAY if at is None else (at.date() - EPOCH).days for at in stamps]
    return np.array(days, dtype=np.int64)[parcels.feature_call]


def _reasons(parcels: Parcels, calls: Calls, at: np.ndarray) -> pa.Array:
    failures = (None if answer.failure is None else str(answer.failure) for answer in parcels.answers)
    failed = calls.column(failures, pa.string())
    return first_reason(
        (parcels.item < 0, "NO_KEY"), (pc.is_valid(failed), failed), (at < 0, "NO_MATCH"), size=len(at)
    )
