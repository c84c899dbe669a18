"""The `fema_nfhl` provider: flood zones of many points a call, from FEMA's National Flood Hazard Layer.

A call asks for the zones any of its points lies in, with their outlines; which point lies in which zone is
found here (`fema_zones`), for the reply does not say. A point is asked about even where a zone fetched for
another one covers it: zones may overlap, and the more hazardous one must not be missed. The map carries no
date: the day of retrieval is the vintage.
"""

from collections import deque
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.providers.fema import FemaFloodProvider
from realestate_assets.providers.arcgis_rest import (
    check_columns,
    metadata_request,
    query_request,
    read_features,
    read_layer,
)
from realestate_assets.providers.base import EnrichmentRequest, no_facts
from realestate_assets.providers.calls import TEXT, Calls, facts_of, first_reason
from realestate_assets.providers.fema_points import (
    OUTLINE_DECIMALS,
    distinct_points,
    multipoint,
    single_point,
)
from realestate_assets.providers.fema_zones import COLUMNS, Zone, read_zones, zones_of_points
from realestate_assets.providers.replies import as_text
from resources.http.api import ApiAnswer, ApiClient, ApiRequest, Failure

FIELDS = ("flood_zone_code", "is_flood_hazard_area", "base_flood_elevation_ft")
# Calls under way at once; their replies, some megabytes each, are in memory together.
CALLS_TOGETHER = 32


@dataclass(frozen=True)
class _Batch:
    """Points of one call, by their row; `spent_usd` is what calls cost that this one takes the place of."""

    rows: np.ndarray
    is_single: bool = False
    spent_usd: float = 0.0

    def parts(self, size: int, spent_usd: float, is_single: bool = False) -> list["_Batch"]:
        """The same points in smaller batches; the first carries the cost."""
        blocks = [self.rows[start : start + size] for start in range(0, len(self.rows), size)]
        return [_Batch(rows, is_single, 0.0 if at else spent_usd) for at, rows in enumerate(blocks)]


@dataclass
class _PointAnswers:
    """What is known of each point: its call, the values of the fields, the reason where there are none."""

    points: int
    answers: list[ApiAnswer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.call = np.full(self.points, -1)
        self.answered = {name: np.full(self.points, None, dtype=object) for name in (*FIELDS, "reason")}
        self.singles = 0
        self.layer_is_checked = False

    def put(self, rows: np.ndarray, answer: ApiAnswer, zones: list[Zone], best: np.ndarray) -> None:
        """Points whose zone is known: its position in `zones`, or -1 for no zone at all."""
        self.call[rows] = len(self.answers)
        self.answers.append(answer)
        outside = (None, None, None)
        answered = [(z.code, z.is_hazard, z.elevation_feet) if z.is_mapped else outside for z in zones]
        for place, name in enumerate(FIELDS):
            texts = [*(as_text(values[place]) for values in answered), None]
            self.answered[name][rows] = np.array(texts, dtype=object)[best]
        reasons = [*(None if zone.is_mapped else "NO_COVERAGE" for zone in zones), "NO_COVERAGE"]
        self.answered["reason"][rows] = np.array(reasons, dtype=object)[best]

    def fail(self, rows: np.ndarray, answer: ApiAnswer, failure: Failure) -> None:
        """Points that could not be asked about."""
        self.call[rows] = len(self.answers)
        self.answers.append(answer)
        self.answered["reason"][rows] = str(failure)


class FemaFlood:
    """Flood zones of one county's properties."""

    simulated = False
    fields = FIELDS

    def __init__(self, config: FemaFloodProvider, client: ApiClient, county: County) -> None:
        self._config, self._client, self._county = config, client, county
        self._tolerance = 2 * config.simplify_degrees + 10.0**-OUTLINE_DECIMALS
        self.name = config.name

    def fetch(self, request: EnrichmentRequest) -> pa.Table:
        """Facts for the wanted fields; a point in no zone of the map is NO_COVERAGE: unknown, not low risk.

        Raises:
            PermanentError: the layer has lost a column, or is no layer any more.
        """
        wanted = [name for name in self.fields if name in request.fields]
        if not request.size or not wanted:
            return no_facts()
        latitude, longitude = (
            request.properties[name].to_numpy().astype(float) for name in ("latitude", "longitude")
        )
        row, points = distinct_points(latitude, longitude, self._config.coordinate_decimals)
        found = self._ask(points)
        at = pa.array(row, pa.int64(), mask=row < 0)
        answered = {name: pc.take(pa.array(values, TEXT), at) for name, values in found.answered.items()}
        call = np.where(row >= 0, found.call[row], -1) if len(points) else row
        reason = first_reason((row < 0, "NO_KEY"), (row >= 0, answered["reason"]), size=request.size)
        calls = Calls(found.answers, call)
        values = {name: answered[name] for name in wanted}
        return facts_of(request, values, reason, calls, calls.origin(self.name, self._config.confidence))

    def _ask(self, points: np.ndarray) -> _PointAnswers:
        """Ask about all points, again in smaller parts where a reply is cut short or leaves points open."""
        found = _PointAnswers(len(points))
        waiting = deque(_Batch(np.arange(len(points))).parts(self._config.points_per_request, 0.0))
        while waiting:
            now = [waiting.popleft() for _ in range(min(len(waiting), CALLS_TOGETHER))]
            answers = self._client.send_all([self._request(batch, points) for batch in now])
            for batch, answer in zip(now, answers, strict=True):
                waiting.extend(self._take(found, batch, answer, points))
        return found

    def _request(self, batch: _Batch, points: np.ndarray) -> ApiRequest:
        if batch.is_single:
            form = single_point(points[batch.rows[0]])
        else:
            form = multipoint(points[batch.rows], self._config.simplify_degrees)
        return query_request(str(self._config.layer), form, columns=COLUMNS)

    def _take(
        self, found: _PointAnswers, batch: _Batch, answer: ApiAnswer, points: np.ndarray
    ) -> list[_Batch]:
        """Note what a reply says; gives the batches that must be asked instead."""
        answer = replace(answer, cost_usd=answer.cost_usd + batch.spent_usd)
        features, is_cut, failure, _ = read_features(answer)
        # Of what was answered the client refuses only a reply that is too large.
        too_much = is_cut or (answer.failure is Failure.BAD_ANSWER and answer.status == 200)
        if too_much and len(batch.rows) > 1:
            return batch.parts((len(batch.rows) + 1) // 2, answer.cost_usd)
        if failure is not None or is_cut:
            if failure is Failure.BAD_ANSWER and not found.layer_is_checked:
                found.layer_is_checked = True
                self._check_layer()
            found.fail(batch.rows, answer, failure or Failure.BAD_ANSWER)
            return []
        zones = read_zones(features, self._county.slug, self.name)
        if batch.is_single:
            found.put(batch.rows, answer, zones, np.array([0 if zones else -1]))
            return []
        return self._assign(found, batch, answer, zones, points)

    def _assign(
        self, found: _PointAnswers, batch: _Batch, answer: ApiAnswer, zones: list[Zone], points: np.ndarray
    ) -> list[_Batch]:
        """Points to zones; where outlines were withheld, the points left over are asked about one by one."""
        best = zones_of_points(zones, points[batch.rows], self._tolerance)
        left = (best < 0) & any(not zone.rings for zone in zones)
        rest = _Batch(batch.rows[left])
        if not left.all():
            found.put(batch.rows[~left], answer, zones, best[~left])
        found.singles += len(rest.rows)
        if found.singles > self._config.single_points_at_most and len(rest.rows):
            found.fail(rest.rows, answer if left.all() else replace(answer, cost_usd=0.0), Failure.BAD_ANSWER)
            return []
        return rest.parts(1, answer.cost_usd if left.all() else 0.0, is_single=True)

    def _check_layer(self) -> None:
        """A query the service does not understand: see whether it has lost a column."""
        layer, _, _ = read_layer(self._client.send_all([metadata_request(str(self._config.layer))])[0])
        if layer is not None:
            check_columns(layer, COLUMNS, self._county.slug, self.name)
