"""How many requests the sales of King County cost at the Census Bureau and at FEMA, and why no fewer.

- Census data: 2. The API answers for one release a request, and the months May 2014 to May 2015 are
  described by two (2009-2013 and, from January 2015 on, 2010-2014). The 70 ZIPs and ten variables of each
  fit into one URL.
- FEMA: 21. The 21,613 sales lie at 20,832 different points, and a request asks about 1,000. More points a
  request would be fewer still, but each reply holds the outlines of all zones its points lie in: the service
  cuts replies at 2,000 zones, and cut ones are asked for again. Points covered by an outline fetched before
  are asked about all the same, for zones may overlap.
- Geocoder: 0, since every sale has coordinates; 1 for up to 10,000 different addresses that have none.
"""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pytest
import shapely

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.counties.providers.census import CensusAcsProvider, CensusGeocoderProvider
from realestate_assets.domain.counties.providers.fema import FemaFloodProvider
from realestate_assets.domain.tables import PROPERTIES
from realestate_assets.providers.base import REQUEST_COLUMNS, EnrichmentRequest
from realestate_assets.providers.census_acs import CensusAcs
from realestate_assets.providers.census_geocoder import CensusGeocoder
from realestate_assets.providers.fema import FIELDS, FemaFlood
from resources.http.api import ApiRequest
from tests.unit.providers.api_fakes import FakeClient, said
from tests.unit.providers.flood_map import points_of, rings_of

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
SALES = SHARED / "king_county" / "kc_house_data.csv"
KING = load_counties()["king-wa"]
ZCTA = "zip code tabulation area"

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not SALES.exists(), reason="the real data beside the checkout is absent"),
]


@pytest.fixture(scope="module")
def sales() -> pa.Table:
    """All sales in their own months, as providers are asked about them."""
    text = pacsv.ConvertOptions(column_types=dict.fromkeys(("id", "zipcode", "date"), pa.string()))
    table = pacsv.read_csv(SALES, convert_options=text)
    month = pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(table["date"], 0, 4), pc.utf8_slice_codeunits(table["date"], 4, 6), "-"
    )
    known = {
        "month": month,
        "property_id": pc.binary_join_element_wise(table["id"], table["date"], "-"),
        "zip": table["zipcode"],
        "latitude": table["lat"].cast(pa.float64()),
        "longitude": table["long"].cast(pa.float64()),
    }
    kinds = {column.name: column.arrow_type for column in PROPERTIES.columns}
    return pa.table({n: known.get(n, pa.nulls(table.num_rows, kinds[n])) for n in REQUEST_COLUMNS})


def fetch(provider, table: pa.Table, fields) -> pa.Table:
    return provider.fetch(EnrichmentRequest("king-wa", table, tuple(fields)))


def acs_reply(request: ApiRequest):
    asked = dict(request.params)
    variables, zips = asked["get"].split(","), asked["for"].removeprefix(f"{ZCTA}:").split(",")
    return said([[*variables, "state", ZCTA], *([*("9" for _ in variables), "53", code] for code in zips)])


def test_two_census_requests_serve_all_sales_of_thirteen_months(sales):
    client = FakeClient(acs_reply)
    provider = CensusAcs(CensusAcsProvider(kind="census_acs", name="acs"), client, KING)
    facts = fetch(provider, sales, provider.fields)
    assert [request.path for request in client.requests] == ["2013/acs/acs5", "2014/acs/acs5"]
    assert [len(dict(r.params)["for"].split(",")) for r in client.requests] == [70, 70]
    assert facts.num_rows == 21_613 * 7
    assert facts["value"].null_count == 0


def test_no_geocoder_request_where_the_record_has_coordinates(sales):
    client = FakeClient(acs_reply)
    config = CensusGeocoderProvider(kind="census_geocoder", name="geo")
    facts = fetch(CensusGeocoder(config, client, KING), sales, ("geocoded_latitude",))
    assert client.requests == []
    assert pc.unique(facts["reason_code"]).to_pylist() == ["NOT_NEEDED"]


class CountyMap:
    """A flood map of the county: rivers of hazard through minimal zones, and a part without any map."""

    def __init__(self, table: pa.Table) -> None:
        west, east = (f(table["longitude"]).as_py() for f in (pc.min, pc.max))
        south, north = (f(table["latitude"]).as_py() for f in (pc.min, pc.max))
        # No sale lies within two metres of a line: it would be on either side of a simplified one.
        bands = np.linspace(south - 0.0123, north + 0.0117, 31)
        columns = np.linspace(west - 0.0123, east + 0.0119, 41)
        # The last column is not mapped; every fifth band is a river.
        self.shapes = np.array(
            [shapely.box(x0, y0, x1, y1) for y0, y1 in pairwise(bands) for x0, x1 in pairwise(columns[:-1])]
        )
        self.is_river = np.repeat(np.arange(30) % 5 == 0, 39)
        self.tree = shapely.STRtree(self.shapes)

    def zones_at(self, points: np.ndarray) -> np.ndarray:
        """Position of the zone of each point; -1 outside the map."""
        point, zone = self.tree.query(shapely.points(points), predicate="within")
        found = np.full(len(points), -1)
        found[point] = zone
        return found

    def reply(self, count: Callable[[int], None]) -> Callable[[ApiRequest], tuple[int, bytes]]:
        def answer(request: ApiRequest):
            zones = np.unique(self.zones_at(np.array(points_of(request))))
            zones = zones[zones >= 0]
            count(len(zones))
            return said({"features": [self.feature(zone) for zone in zones]})

        return answer

    def feature(self, zone: int) -> dict:
        code, flag = ("AE", "T") if self.is_river[zone] else ("X", "F")
        told = {"FLD_ZONE": code, "ZONE_SUBTY": None, "SFHA_TF": flag, "STATIC_BFE": -9999.0}
        return {"attributes": told, "geometry": {"rings": rings_of(self.shapes[zone])}}


def test_twenty_one_flood_requests_serve_all_sales_and_tell_each_its_own_zone(sales):
    flood_map, zones_a_reply = CountyMap(sales), []
    client = FakeClient(flood_map.reply(zones_a_reply.append))
    facts = fetch(FemaFlood(FemaFloodProvider(kind="fema_nfhl", name="flood"), client, KING), sales, FIELDS)
    assert len(client.requests) == 21
    asked = [points_of(request) for request in client.requests]
    assert (
        sum(len(points) for points in asked) == len({tuple(p) for points in asked for p in points}) == 20_832
    )
    # Neighbours share a request: a reply holds a small part of the map's 1,170 zones.
    assert max(zones_a_reply) < 300

    told = facts.filter(pc.equal(facts["field"], "flood_zone_code")).sort_by("property_id")
    here = sales.sort_by("property_id")
    places = np.column_stack([here["longitude"].to_numpy(), here["latitude"].to_numpy()])
    zone = flood_map.zones_at(places)
    expected = np.where(zone < 0, None, np.where(flood_map.is_river[zone], "AE", "X"))
    assert told["value"].to_pylist() == expected.tolist()
    reasons = set(told.filter(pc.is_null(told["value"]))["reason_code"].to_pylist())
    assert reasons <= {"NO_COVERAGE"}
    assert 0 < (expected == "AE").sum() < 21_613
