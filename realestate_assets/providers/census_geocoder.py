"""The `census_geocoder` provider: coordinates and census tract of an address, many addresses a call.

Asked only for properties whose record has no coordinates; the others are NOT_NEEDED. An address stands in
the upload once, whatever number of properties, units and months share it. The day of retrieval is the
vintage: the geocoder knows the streets of today.
"""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.providers.census import CensusGeocoderProvider
from realestate_assets.providers.base import EnrichmentRequest, no_facts
from realestate_assets.providers.calls import TEXT, Calls, facts_of, first_reason
from realestate_assets.providers.geocoder_replies import Matches, batch_file, read_matches
from resources.http.api import ApiClient, ApiRequest, Upload

# Enrichment field -> column of a reply's rows.
FIELDS = {"geocoded_latitude": "latitude", "geocoded_longitude": "longitude", "census_tract": "tract"}
ENDPOINT = "geographies/addressbatch"


class CensusGeocoder:
    """Where the addresses of one county's properties lie."""

    simulated = False
    fields = tuple(FIELDS)

    def __init__(self, config: CensusGeocoderProvider, client: ApiClient, county: County) -> None:
        self._config, self._client, self._county = config, client, county
        self.name = config.name

    def fetch(self, request: EnrichmentRequest) -> pa.Table:
        """Facts for the wanted fields.

        An address the geocoder does not know, or finds twice alike (`Tie`), or finds in another county, is
        NO_MATCH. The confidence is lower where the address had to be changed to match.

        Raises:
            PermanentError: the API does not know the benchmark or vintage, or its columns have changed.
        """
        wanted = [field for field in self.fields if field in request.fields]
        if not request.size or not wanted:
            return no_facts()
        properties = request.properties.select(["street", "city", "zip", "latitude", "longitude"]).to_pandas()
        needless = (properties["latitude"].notna() & properties["longitude"].notna()).to_numpy()
        no_key = (
            properties["street"].isna() | (properties["city"].isna() & properties["zip"].isna())
        ).to_numpy()
        row, addresses = _distinct_addresses(properties[["street", "city", "zip"]], ~needless & ~no_key)
        found, calls = self._geocode(addresses, row)
        reason = first_reason(
            (needless, "NOT_NEEDED"),
            (no_key, "NO_KEY"),
            (row >= 0, _take(found["reason"], row)),
            size=request.size,
        )
        origin = calls.origin(self.name, _take(found["confidence"], row, pa.float64()))
        values = {field: _take(found[FIELDS[field]], row) for field in wanted}
        return facts_of(request, values, reason, calls, origin)

    def _geocode(self, addresses: pd.DataFrame, row: np.ndarray) -> tuple[pd.DataFrame, Calls]:
        """What is known of each distinct address, and the calls behind the properties."""
        size = self._config.rows_per_request
        starts = range(0, len(addresses), size)
        blocks = [addresses.iloc[start : start + size] for start in starts]
        answers = self._client.send_all([self._request(block) for block in blocks])
        parts = [
            self._verdicts(block, read_matches(answer, self._county.slug, self.name))
            for block, answer in zip(blocks, answers, strict=True)
        ]
        found = (
            pd.concat(parts) if parts else pd.DataFrame(columns=["reason", "confidence", *FIELDS.values()])
        )
        return found, Calls(answers, np.where(row >= 0, row // size, -1))

    def _request(self, block: pd.DataFrame) -> ApiRequest:
        upload = Upload("addressFile", "addresses.csv", batch_file(block.assign(state=self._county.state)))
        form = (("benchmark", self._config.benchmark), ("vintage", self._config.geography))
        return ApiRequest(ENDPOINT, ENDPOINT, form=form, upload=upload)

    def _verdicts(self, block: pd.DataFrame, matches: Matches) -> pd.DataFrame:
        """Values, confidence and reason of each address of a call; a row left out of the reply is a fault."""
        replies = matches.rows.reindex(block["id"])
        elsewhere = replies["county_fips"].notna() & (replies["county_fips"] != self._county.fips)
        good = (replies["verdict"] == "Match") & ~elsewhere
        reason = np.select(
            [np.full(len(replies), matches.failure is not None), replies["verdict"].isna(), ~good],
            [str(matches.failure), "BAD_ANSWER", "NO_MATCH"],
            default="",
        )
        exact = np.where(
            replies["kind"] == "Exact", self._config.confidence, self._config.non_exact_confidence
        )
        values = {column: replies[column].where(good) for column in FIELDS.values()}
        frame = pd.DataFrame({"confidence": exact, **values}, index=replies.index)
        return frame.assign(reason=pd.Series(reason, replies.index, dtype=object).where(reason != "", None))


def _distinct_addresses(places: pd.DataFrame, asked: np.ndarray) -> tuple[np.ndarray, pd.DataFrame]:
    """Each property's row among the distinct addresses (-1: not asked for), and those, in one order."""
    text = places.fillna("")
    distinct = text[asked].drop_duplicates().sort_values(list(places.columns), ignore_index=True)
    keys = pd.MultiIndex.from_frame(distinct)
    row = keys.get_indexer(pd.MultiIndex.from_frame(text)) if len(distinct) else np.full(len(text), -1)
    distinct.insert(0, "id", distinct.index.astype(str))
    return np.where(asked, row, -1), distinct


def _take(column: pd.Series, row: np.ndarray, kind: pa.DataType = TEXT) -> pa.Array:
    """A column of the distinct addresses, a property each."""
    values = pa.array(column, kind, from_pandas=True)
    return pc.take(values, pa.array(row, pa.int64(), mask=row < 0))
