"""The `census_acs` provider: ZIP figures of the American Community Survey, by ZCTA, from the Census data API.

A property of a month is described by the newest five-year release whose period had ended by the month's
first day. All ZIPs of a release are asked for in one call, up to the length a URL safely takes; ZIPs are
counted once over all months of a request. What the API replies is read in `census_replies`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.convert import to_number
from realestate_assets.domain.core.states import STATE_FIPS
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.providers.census import FIRST_ZCTA_RELEASE, CensusAcsProvider
from realestate_assets.providers.base import EnrichmentRequest, Origin, no_facts
from realestate_assets.providers.calls import Calls, facts_of, first_reason
from realestate_assets.providers.census_codes import figures_alone, is_annotation, no_figure
from realestate_assets.providers.census_replies import (
    ZCTA,
    Asker,
    ZipFigures,
    read_figures,
    refuses_geography,
)
from resources.http.api import ApiAnswer, ApiClient, ApiRequest

# Enrichment field -> the survey's variable, or the two whose ratio it is in percent. The API takes at most
# 50 variables a request. Unemployment is that of the civilian labour force, as the Bureau publishes it.
VARIABLES: dict[str, tuple[str, ...]] = {
    "zip_population": ("B01003_001E",),
    "zip_median_income_usd": ("B19013_001E",),
    "zip_median_home_value_usd": ("B25077_001E",),
    "zip_median_age_years": ("B01002_001E",),
    "zip_owner_occupied_pct": ("B25003_002E", "B25003_001E"),
    "zip_unemployment_pct": ("B23025_005E", "B23025_003E"),
    "zip_median_rent_usd": ("B25064_001E",),
}
SHARE_DECIMALS = 2


@dataclass(frozen=True)
class _Question:
    """The ZIPs one call asks one release for."""

    release: int
    zips: tuple[str, ...]
    variables: tuple[str, ...]

    def request(self, state_fips: str | None) -> ApiRequest:
        """The call, with ZCTAs as parts of a state or of the nation."""
        params = (("get", ",".join(self.variables)), ("for", f"{ZCTA}:{','.join(self.zips)}"))
        within = (("in", f"state:{state_fips}"),) if state_fips else ()
        return ApiRequest(f"acs5/{self.release}", f"{self.release}/acs/acs5", params=params + within)


class CensusAcs:
    """Census figures of the ZIPs of one county's properties."""

    simulated = False
    fields = tuple(VARIABLES)

    def __init__(self, config: CensusAcsProvider, client: ApiClient, county: County) -> None:
        self._config, self._client = config, client
        self._asker = Asker(county.slug, config.name)
        self._state_fips = STATE_FIPS[county.state]
        self.name = config.name

    def fetch(self, request: EnrichmentRequest) -> pa.Table:
        """Facts for the wanted fields.

        A month before the first release by ZCTA is NO_COVERAGE; a ZIP that is no ZCTA (a post office's
        boxes, one large building) is NO_MATCH.

        Raises:
            PermanentError: the API knows a variable or a release no more, or replies in another form.
        """
        wanted = tuple(field for field in self.fields if field in request.fields)
        if not request.size or not wanted:
            return no_facts()
        variables = tuple(dict.fromkeys(name for field in wanted for name in VARIABLES[field]))
        releases = self.releases(request.properties["month"])
        keys, questions, asked = self._questions(request, releases, variables)
        answers = self._answers(questions)
        calls = Calls(answers, asked)
        figures = [read_figures(answer, variables, self._asker) for answer in answers]
        answered = _all_figures(questions, figures, variables)
        at = pc.index_in(keys, value_set=answered["key"].combine_chunks())
        raw = {field: pc.take(_value(answered, VARIABLES[field]), at) for field in wanted}
        codes = {field: no_figure(field, text) for field, text in raw.items()}
        values = {field: figures_alone(text, codes[field]) for field, text in raw.items()}
        unknown = first_reason(
            (pc.is_null(request.properties["zip"]).combine_chunks(), "NO_KEY"),
            (releases < FIRST_ZCTA_RELEASE, "NO_COVERAGE"),
            (asked >= 0, calls.column((figure.failure for figure in figures), pa.string())),
            (pc.is_null(at), "NO_MATCH"),
            size=request.size,
        )
        reasons = {field: pc.coalesce(unknown, code) for field, code in codes.items()}
        return facts_of(request, values, reasons, calls, self._origin(calls, releases))

    def releases(self, months: pa.ChunkedArray) -> np.ndarray:
        """The release that describes each month: it ended on the last day of the year before, or earlier."""
        years = np.asarray(pc.utf8_slice_codeunits(months, 0, 4).cast(pa.int64()))
        return np.minimum(years - 1, self._config.newest_release)

    def _questions(
        self, request: EnrichmentRequest, releases: np.ndarray, variables: tuple[str, ...]
    ) -> tuple[pa.Array, list[_Question], np.ndarray]:
        """Each property's key, the calls, and the position of the call that asks for each property."""
        frame = pd.DataFrame({"release": releases, "zip": request.properties["zip"].to_pandas()})
        keys = _keys(frame)
        pairs = frame[keys.notna()].drop_duplicates().sort_values(["release", "zip"], ignore_index=True)
        block = pairs.groupby("release").cumcount() // self._config.zips_per_request
        pairs["call"] = pairs.groupby(["release", block]).ngroup()
        questions = [
            _Question(int(group["release"].iloc[0]), tuple(group["zip"]), variables)
            for _, group in pairs.groupby("call")
        ]
        asked = keys.map(pd.Series(pairs["call"].to_numpy(), index=_keys(pairs))).fillna(-1).astype(int)
        return pa.array(keys, pa.string(), from_pandas=True), questions, asked.to_numpy()

    def _answers(self, questions: Sequence[_Question]) -> list[ApiAnswer]:
        """What came of each call; ZCTAs are asked for in the other way where the first is refused.

        Whether a release wants the state named has changed with the releases and once within one (2019, in
        May 2021): the configuration says where the border lies, and the API has the last word.
        """
        within = [q.release <= self._config.last_release_by_state for q in questions]
        answers = self._client.send_all(list(self._requests(questions, within)))
        again = [i for i, answer in enumerate(answers) if refuses_geography(answer)]
        if again:
            others = self._requests([questions[i] for i in again], [not within[i] for i in again])
            for i, answer in zip(again, self._client.send_all(list(others)), strict=True):
                answers[i] = replace(answer, cost_usd=answer.cost_usd + answers[i].cost_usd)
        return answers

    def _requests(self, questions: Sequence[_Question], within: Sequence[bool]) -> Iterator[ApiRequest]:
        for question, by_state in zip(questions, within, strict=True):
            yield question.request(self._state_fips if by_state else None)

    def _origin(self, calls: Calls, releases: np.ndarray) -> Origin:
        """The vintage is the last day of the release's period."""
        distinct, place = np.unique(releases, return_inverse=True)
        ends = pa.array([date(int(year), 12, 31) for year in distinct])
        asked = pa.array(place, pa.int64(), mask=calls.asked < 0)
        return calls.origin(self.name, self._config.confidence, pc.take(ends, asked))


def _keys(frame: pd.DataFrame) -> pd.Series:
    """`release|zip`; nothing where there is no ZIP or no release for it."""
    keys = frame["release"].astype(str) + "|" + frame["zip"]
    return keys.where(frame["zip"].notna() & (frame["release"] >= FIRST_ZCTA_RELEASE))


def _all_figures(
    questions: Sequence[_Question], figures: Sequence[ZipFigures], variables: tuple[str, ...]
) -> pa.Table:
    """The figures of all calls below one another, by key."""
    schema = pa.schema([pa.field(name, pa.string()) for name in ("key", *variables)])
    parts = [schema.empty_table()]
    for question, figure in zip(questions, figures, strict=True):
        key = pc.binary_join_element_wise(str(question.release), figure.zips, "|")
        parts.append(pa.table([key, *(figure.columns[name] for name in variables)], schema=schema))
    return pa.concat_tables(parts)


def _value(answered: pa.Table, variables: tuple[str, ...]) -> pa.Array:
    """A field's value as text: the Bureau's own, or the share of one figure in another, in percent."""
    if len(variables) == 1:
        return answered[variables[0]].combine_chunks()
    part, whole = (
        to_number(figures_alone(text, is_annotation(text)))[0]
        for text in (answered[name].combine_chunks() for name in variables)
    )
    some = pc.if_else(pc.greater(whole, 0), whole, pa.scalar(None, pa.float64()))
    return pc.round(pc.multiply(pc.divide(part, some), 100.0), SHARE_DECIMALS).cast(pa.string())
