"""The `attom` provider: paid property profiles, one call a property and none twice.

ATTOM takes one property a call. Months of a property share its call, and a property that cannot be told from
its neighbours is not asked for.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.convert import to_mask
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.providers.attom import AttomProvider
from realestate_assets.domain.counties.providers.socrata import ParcelKey
from realestate_assets.domain.enrichment.parcel_rows import written_keys
from realestate_assets.providers.attom_records import (
    FIELDS,
    is_zip_centroid,
    read_properties,
    record_table,
    record_vintages,
)
from realestate_assets.providers.base import EnrichmentRequest, no_facts
from realestate_assets.providers.calls import Calls, first_reason
from realestate_assets.providers.matching import BY_APN, BY_STREET, PART, Pairs, same_streets
from realestate_assets.providers.records import Matches, record_facts
from resources.http.api import ApiAnswer, ApiClient, ApiRequest

POSITION = ("geocoded_latitude", "geocoded_longitude", "census_tract")


class Attom:
    """Answers from ATTOM's profiles."""

    simulated = False
    fields = FIELDS

    def __init__(self, config: AttomProvider, client: ApiClient, county: County) -> None:
        self._config, self._client, self._county = config, client, county
        self.name = config.name

    def fetch(self, request: EnrichmentRequest) -> pa.Table:
        """Facts for the wanted fields.

        Raises:
            PermanentError: the reply is not of the form ATTOM promises.
        """
        wanted = tuple(field for field in self.fields if field in request.fields)
        if not wanted or not request.size:
            return no_facts()
        asked, requests = self._requests(request)
        answers = self._client.send_all(requests)
        return self._facts(request, wanted, Calls(answers, asked))

    def _requests(self, request: EnrichmentRequest) -> tuple[np.ndarray, list[ApiRequest]]:
        """For each property the position of its request, -1 where it has none, and the requests once each."""
        rows = request.properties
        keys = {"address": self._by_address(rows), "apn": self._by_apn(rows)}
        key = pc.coalesce(*(keys[name] for name in self._config.ask_by))
        known = ~self._too_early(rows)
        codes = key.filter(pa.array(known)).dictionary_encode()
        asked = np.full(request.size, -1)
        asked[known] = np.asarray(pc.fill_null(codes.indices, -1))
        return asked, [self._request(text) for text in codes.dictionary.to_pylist()]

    def _too_early(self, rows: pa.Table) -> np.ndarray:
        if self._config.earliest_month is None:
            return np.zeros(rows.num_rows, dtype=bool)
        return to_mask(pc.less(rows["month"], self._config.earliest_month))

    def _by_address(self, rows: pa.Table) -> pa.Array:
        """`address1` and `address2` in one text; null without a street or a place."""
        street = pc.binary_join_element_wise(rows["street"], pc.fill_null(rows["unit"], ""), " ")
        place = pc.binary_join_element_wise(pc.fill_null(rows["city"], ""), self._county.state, ", ")
        place = pc.binary_join_element_wise(place, pc.fill_null(rows["zip"], ""), " ")
        has_place = pc.or_(pc.is_valid(rows["city"]), pc.is_valid(rows["zip"]))
        tidy = pc.replace_substring_regex(pc.utf8_trim_whitespace(place), r"^, ", "")
        both = pc.binary_join_element_wise("address", pc.utf8_trim_whitespace(street), tidy, PART)
        return pc.if_else(has_place, both, pa.scalar(None, pa.string())).combine_chunks()

    def _by_apn(self, rows: pa.Table) -> pa.Array:
        apn = rows["apn"].combine_chunks()
        if pattern := self._config.apn_pattern:
            key = ParcelKey(column="apn", digits=pattern.count("#"), pattern=pattern)
            fits = pc.equal(pc.utf8_length(apn), key.digits)
            apn = written_keys(pc.if_else(fits, apn, pa.scalar(None, pa.string())), key)
        return pc.binary_join_element_wise("apn", apn, PART)

    def _request(self, key: str) -> ApiRequest:
        kind, first, *rest = key.split(PART)
        if kind == "apn":
            params = (("apn", first), ("fips", self._county.fips))
        else:
            params = (("address1", first), ("address2", rest[0]))
        return ApiRequest(self._config.endpoint, f"/{self._config.endpoint}", params=params)

    def _facts(
        self, request: EnrichmentRequest, wanted: tuple[str, ...], calls: Calls[ApiAnswer]
    ) -> pa.Table:
        read = [read_properties(answer, self._county.slug, self.name) for answer in calls.answers]
        found = [one for properties, _, _ in read for one in properties]
        records = record_table(found)
        of_call = np.repeat(np.arange(len(read)), [len(properties) for properties, _, _ in read])
        record, evidence = self._choose(request.properties, records, of_call, calls.asked)
        failures = (None if failure is None else str(failure) for _, failure, _ in read)
        failed = calls.column(failures, pa.string())
        reason = first_reason(
            (self._too_early(request.properties), "VINTAGE_TOO_LATE"),
            (calls.asked < 0, "NO_KEY"),
            (pc.is_valid(failed), failed),
            (record < 0, "NO_MATCH"),
            size=request.size,
        )
        vague = pc.take(is_zip_centroid(records), pa.array(record, mask=record < 0))
        sure = (evidence == BY_APN) | ((evidence == BY_STREET) & ~to_mask(vague))
        nowhere = first_reason((vague, "NO_MATCH"), size=request.size)
        matches = Matches(
            record,
            reason,
            np.where(sure, self._config.confidence, self._config.low_confidence),
            dict.fromkeys(POSITION, nowhere),
        )
        return record_facts(request, wanted, self.name, records, record_vintages(records), matches, calls)

    def _choose(
        self, rows: pa.Table, records: pa.Table, of_call: np.ndarray, asked: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The record of each property and what speaks for it.

        Of several records (flats of a house) it must be one that something speaks for. A single one is taken
        without that too, and is worth less. A parcel of another county is nobody's.
        """
        fips = self._county.fips
        here = to_mask(pc.equal(pc.fill_null(records["fips"], fips), fips))
        pairs = Pairs.of_calls(asked, of_call, here)
        evidence = _evidence(rows, records, pairs, self._county.state)
        keep = (evidence > 0) | (pairs.rivals == 1)
        return pairs.where(keep).best(evidence[keep], rows.num_rows)


def _evidence(rows: pa.Table, records: pa.Table, pairs: Pairs, state: str) -> np.ndarray:
    ours, theirs = pa.array(pairs.owner), pa.array(pairs.record)
    same_apn = to_mask(pc.equal(pc.take(rows["apn"], ours), pc.take(records["apn"], theirs)))
    evidence = np.where(same_apn, BY_APN, 0)
    others = pairs.where(~same_apn)
    evidence[~same_apn] = np.where(same_streets(rows, records["street"], others, state), BY_STREET, 0)
    return evidence
