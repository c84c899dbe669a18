"""The `regrid` provider: paid parcel records, by parcel number or by position.

Months of a property share its call. A record counts only where its number is the property's, or where it is
the only parcel that holds the property's position.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.convert import to_mask
from realestate_assets.domain.core.shapes import geojson_outlines, pairs_inside
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.providers.regrid import RegridProvider
from realestate_assets.providers.base import EnrichmentRequest, no_facts
from realestate_assets.providers.calls import Calls, first_reason
from realestate_assets.providers.matching import BY_APN, BY_STREET, Pairs, same_streets
from realestate_assets.providers.pages import Collected
from realestate_assets.providers.records import Matches, record_facts
from realestate_assets.providers.regrid_calls import PlannedCalls, calls_for, collect
from realestate_assets.providers.regrid_records import FIELDS, NUMBERS, record_table, record_vintages
from resources.http.api import ApiClient


class Regrid:
    """Answers from Regrid's parcel records."""

    simulated = False
    fields = FIELDS

    def __init__(self, config: RegridProvider, client: ApiClient, county: County) -> None:
        self._config, self._client, self._county = config, client, county
        self.name = config.name
        state = county.state.lower()
        self._path = config.path or f"/us/{state}/{county.slug.removesuffix(f'-{state}')}"

    def fetch(self, request: EnrichmentRequest) -> pa.Table:
        """Facts for the wanted fields.

        Raises:
            PermanentError: the reply is not of the form Regrid promises.
        """
        wanted = tuple(field for field in self.fields if field in request.fields)
        if not wanted or not request.size:
            return no_facts()
        early = self._too_early(request.properties)
        asked = calls_for(request.properties, ~early, self._config, self._path)
        answers = collect(self._client, asked.requests, self._county.slug, self.name)
        features = [feature for answer in answers for feature in answer.features]
        records = record_table(features)
        record, evidence = self._choose(request.properties, asked, answers, features, records)
        calls = Calls(answers, asked.call)
        failures = (None if answer.failure is None else str(answer.failure) for answer in answers)
        failed = calls.column(failures, pa.string())
        reason = first_reason(
            (early, "VINTAGE_TOO_LATE"),
            (asked.call < 0, "NO_KEY"),
            (pc.is_valid(failed), failed),
            (record < 0, "NO_MATCH"),
            size=request.size,
        )
        sure = np.where(evidence == BY_APN, self._config.confidence, self._config.point_confidence)
        matches = Matches(record, reason, sure)
        return record_facts(request, wanted, self.name, records, record_vintages(records), matches, calls)

    def _too_early(self, rows: pa.Table) -> np.ndarray:
        if self._config.earliest_month is None:
            return np.zeros(rows.num_rows, dtype=bool)
        return to_mask(pc.less(rows["month"], self._config.earliest_month))

    def _choose(
        self,
        rows: pa.Table,
        asked: PlannedCalls,
        answers: list[Collected],
        features: list[dict],
        records: pa.Table,
    ) -> tuple[np.ndarray, np.ndarray]:
        """The record of each property and what speaks for it.

        By number the number must be the same. By position a parcel with another number is another parcel,
        and of several (flats above each other) the number or the street must tell.
        """
        of_call = np.repeat(np.arange(len(answers)), [len(answer.features) for answer in answers])
        fips = self._county.fips
        here = to_mask(pc.equal(pc.fill_null(records["geoid"], fips), fips))
        pairs = Pairs.of_calls(asked.call, of_call, here)
        pairs = pairs.where(self._holds_point(rows, asked, features, pairs))
        evidence = _evidence(rows, records, pairs, self._county.state)
        nameless = to_mask(pc.is_null(pc.take(rows["apn"], pa.array(pairs.owner))))
        by_point = asked.by_point[pairs.owner] & nameless & ((evidence == BY_STREET) | (pairs.rivals == 1))
        keep = (evidence == BY_APN) | by_point
        return pairs.where(keep).best(evidence[keep], rows.num_rows)

    def _holds_point(
        self, rows: pa.Table, asked: PlannedCalls, features: list[dict], pairs: Pairs
    ) -> np.ndarray:
        """Mask of the pairs whose parcel holds the property's position, where it was asked for by that.

        A call for one point says so by answering; its geometry may be missing.
        """
        many = asked.points_in[asked.call[pairs.owner]] > 1
        holds = ~many
        outlines = geojson_outlines([feature.get("geometry") for feature in features])
        shown = np.flatnonzero(asked.by_point)
        places = [
            np.asarray(rows[name].to_pandas(), dtype=float)[shown] for name in ("longitude", "latitude")
        ]
        point, outline = pairs_inside(outlines, *places)
        found = shown[point] * max(len(features), 1) + outline
        holds[many] = np.isin(pairs.owner * max(len(features), 1) + pairs.record, found)[many]
        return holds


def _evidence(rows: pa.Table, records: pa.Table, pairs: Pairs, state: str) -> np.ndarray:
    ours, theirs = pa.array(pairs.owner), pa.array(pairs.record)
    apn = pc.take(rows["apn"], ours)
    same = np.zeros(len(pairs.owner), dtype=bool)
    for number in NUMBERS:
        same |= to_mask(pc.equal(apn, pc.take(records[number], theirs)))
    evidence = np.where(same, BY_APN, 0)
    evidence[~same] = np.where(
        same_streets(rows, records["address"], pairs.where(~same), state), BY_STREET, 0
    )
    return evidence
