"""The `socrata` provider: facts of parcels from a dataset of a Socrata portal.

Many parcels are asked for in one request. Of a parcel's rows the latest one known on the first day of a
property's month counts, so that one fetch serves all months of a run without looking ahead.
"""

from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.providers.socrata import SocrataProvider
from realestate_assets.domain.enrichment.field_rules import combine, row_values
from realestate_assets.domain.enrichment.parcel_rows import (
    UNKNOWN_DAY,
    DatedGroups,
    as_dates,
    first_days,
    key_condition,
    parcel_keys,
    row_days,
    written_keys,
)
from realestate_assets.providers.base import EnrichmentRequest, no_facts
from realestate_assets.providers.calls import Calls, facts_of, first_reason
from realestate_assets.providers.soda import SodaQuery, SodaRows, fetch_all, text_column
from resources.http.api import ApiClient

# What the names of parameters and the rest of an address take of a request line.
URL_RESERVE = 200
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class _ParcelQueries:
    """The parcels of a request and what came of asking for them.

    Args:
        keys: each parcel once, ascending.
        written: as the dataset writes them.
        parcel: position among `keys` of each property; -1 where it has no usable number.
        query: the query each parcel was asked for in.
        answers: what came of each query.
    """

    keys: pa.Array
    written: pa.Array
    parcel: np.ndarray
    query: np.ndarray
    answers: list[SodaRows]

    @property
    def calls(self) -> Calls:
        """The queries behind the properties."""
        known = self.parcel >= 0
        asked = self.query[self.parcel[known]]
        position = np.full(len(self.parcel), -1)
        position[known] = asked
        return Calls(self.answers, position)


@dataclass(frozen=True)
class _Rows:
    """The usable rows by parcel and day: their columns, and parcel, day number and year of each."""

    table: pa.Table
    parcel: np.ndarray
    days: np.ndarray
    years: np.ndarray


class Socrata:
    """Answers from one dataset."""

    simulated = False

    def __init__(self, config: SocrataProvider, client: ApiClient, county: County) -> None:
        self._config, self._client, self._county = config, client, county
        self.name = config.name
        self.fields = tuple(config.fields)

    def fetch(self, request: EnrichmentRequest) -> pa.Table:
        """Facts for the wanted fields.

        Raises:
            PermanentError: the dataset has no such column, is gone, or answers with something else than rows.
        """
        wanted = [field for field in self.fields if field in request.fields]
        if not wanted or not request.size:
            return no_facts()
        asked = self._ask(request, wanted)
        rows = self._usable_rows(asked, wanted)
        groups = DatedGroups.of(rows.parcel, rows.days)
        at = groups.known_at(asked.parcel, first_days(request.properties["month"]))
        found = pa.array(at, mask=at < 0)
        values = {}
        for field in wanted:
            rule = self._config.fields[field]
            each = row_values(rule, rows.table, rows.parcel, rows.years)
            values[field] = pc.take(combine(rule, each, groups.first), found)
        days = pc.take(as_dates(groups.days), found)
        origin = asked.calls.origin(self.name, self._config.confidence, days)
        origin = replace(origin, source_url=self._urls(asked))
        return facts_of(request, values, _reasons(asked, at), asked.calls, origin)

    def queries(self, written: list[str], wanted: list[str]) -> list[tuple[SodaQuery, int]]:
        """The queries for these parcels, each with how many it asks for: as many as fit into a URL."""
        config = self._config
        order = tuple(dict.fromkeys([config.key.column, *self._dated, *config.order]))
        select = tuple(dict.fromkeys([*self._columns(wanted), *config.order]))
        fixed = quote(",".join((self._client.base_url, *select, *order, config.where or "")))
        each = max((len(quote(f"'{value}',")) for value in written), default=1)
        size = max((config.max_url_chars - URL_RESERVE - len(fixed)) // each, 1)
        found = []
        for start in range(0, len(written), size):
            part = written[start : start + size]
            where = key_condition(part, config.key)
            where = f"{where} AND ({config.where})" if config.where else where
            found.append((SodaQuery(config.dataset, where, order, select, config.page_rows), len(part)))
        return found

    def _ask(self, request: EnrichmentRequest, wanted: list[str]) -> _ParcelQueries:
        keys = parcel_keys(request.properties["apn"], self._config.key)
        distinct = pc.unique(keys).drop_null().sort()
        written = written_keys(distinct, self._config.key)
        queries = self.queries(written.to_pylist(), wanted)
        position = np.repeat(np.arange(len(queries)), [count for _, count in queries])
        answers = fetch_all(self._client, [query for query, _ in queries], self._county.slug, self.name)
        return _ParcelQueries(
            distinct, written, _positions(keys, distinct), position.astype(np.int64), answers
        )

    def _usable_rows(self, asked: _ParcelQueries, wanted: list[str]) -> _Rows:
        """The rows of the parcels asked for; one whose date cannot be read may be from any time: not used."""
        rows = [row for answer in asked.answers for row in answer.rows]
        table = pa.table({name: text_column(rows, name) for name in self._columns(wanted)})
        parcel = _positions(parcel_keys(table[self._config.key.column], self._config.key), asked.keys)
        if self._config.vintage:
            days, years = row_days(table, self._config.vintage)
        else:
            days, years = _retrieved(asked, parcel), np.zeros(len(parcel), dtype=np.int64)
        kept = np.flatnonzero((parcel >= 0) & (days != UNKNOWN_DAY))
        order = kept[np.lexsort((days[kept], parcel[kept]))]
        return _Rows(table.take(pa.array(order)), parcel[order], days[order], years[order])

    @property
    def _dated(self) -> list[str]:
        return [self._config.vintage.column] if self._config.vintage else []

    def _columns(self, wanted: list[str]) -> list[str]:
        of_fields = [name for field in wanted for name in self._config.fields[field].columns]
        return list(dict.fromkeys([self._config.key.column, *self._dated, *of_fields]))

    def _urls(self, asked: _ParcelQueries) -> pa.Array:
        """The address that shows one parcel's rows: that of the request names hundreds of parcels."""
        base = asked.calls.column(((a.url or "").partition("?")[0] for a in asked.answers), pa.string())
        parcel = pa.array(asked.parcel, mask=asked.parcel < 0)
        shown = pc.take(pc.replace_substring(asked.written, " ", "%20"), parcel)
        return pc.binary_join_element_wise(base, f"?{self._config.key.column}=", shown, "")


def _positions(keys: pa.Array, known: pa.Array) -> np.ndarray:
    """Position of each key among the known ones; -1 where it is not there."""
    return np.asarray(pc.fill_null(pc.index_in(keys, value_set=known), -1)).astype(np.int64)


def _retrieved(asked: _ParcelQueries, parcel: np.ndarray) -> np.ndarray:
    """Day number on which each row was retrieved: what an undated dataset says today describes today."""
    stamps = [answer.retrieved_at for answer in asked.answers]
    days = [UNKNOWN_DAY if at is None else (at.date() - EPOCH).days for at in stamps]
    return np.array(days, dtype=np.int64)[asked.query[np.maximum(parcel, 0)]] if len(parcel) else parcel


def _reasons(asked: _ParcelQueries, at: np.ndarray) -> pa.Array:
    failures = (None if answer.failure is None else str(answer.failure) for answer in asked.answers)
    failed = asked.calls.column(failures, pa.string())
    return first_reason(
        (asked.parcel < 0, "NO_KEY"), (pc.is_valid(failed), failed), (at < 0, "NO_MATCH"), size=len(at)
    )
