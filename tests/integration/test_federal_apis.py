"""Census and FEMA through the HTTP client: what is sent is in the ledger, and a second run sends nothing."""

from urllib.parse import parse_qs

import orjson
import pytest
import shapely

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.counties.providers.census import CensusAcsProvider, CensusGeocoderProvider
from realestate_assets.domain.counties.providers.fema import FemaFloodProvider
from realestate_assets.providers.census_acs import CensusAcs
from realestate_assets.providers.census_geocoder import CensusGeocoder
from realestate_assets.providers.fema import FIELDS, FemaFlood
from resources.http.api import ApiRequest
from tests.http_server import LocalServer, json_reply, text_reply
from tests.integration.resources.http.api_calls import ledger, policy, session
from tests.unit.providers.api_fakes import enrichment_request
from tests.unit.providers.flood_map import FloodMap, zone

pytestmark = pytest.mark.integration

KING = load_counties()["king-wa"]
SOUTH, NORTH = shapely.box(-122.4, 47.4, -122.2, 47.5), shapely.box(-122.4, 47.5, -122.2, 47.6)
FLOOD_MAP = FloodMap(zone("AE", SOUTH, "T"), zone("X", NORTH))
ROWS = [
    {"month": month, "zip": code, "latitude": 47.45 + place / 10, "longitude": -122.3}
    for month in ("2014-12", "2015-01")
    for place, code in enumerate(("98004", "98103"))
]


def answer(method, path, query, body, headers):
    """All three APIs behind one address."""
    if path.endswith("/acs/acs5"):
        variables, zips = query["get"][0].split(","), query["for"][0].partition(":")[2].split(",")
        header = [*variables, "state", "zip code tabulation area"]
        return json_reply([header, *([*("7" for _ in variables), "53", code] for code in zips)])
    if path.endswith("/addressbatch"):
        place = '"-122.3,47.45","1","R","53","033","008100","1002"'
        return text_reply(f'"0","1 PIKE ST","Match","Exact","1 PIKE ST",{place}\n')
    form = tuple((name, values[0]) for name, values in parse_qs(body.decode()).items())
    status, content = FLOOD_MAP(ApiRequest("q", path, form=form))
    return json_reply(orjson.loads(content), status)


def facts(warehouse, url: str, run: str) -> dict[str, list]:
    """Values of every provider, each in a session of its own."""
    told = {}
    homeless = {"street": "1 PIKE ST", "zip": "98101", "latitude": None, "longitude": None}
    for provider, config, rows, fields in (
        (CensusAcs, CensusAcsProvider(kind="census_acs", name="acs"), ROWS, ("zip_population",)),
        (FemaFlood, FemaFloodProvider(kind="fema_nfhl", name="fema"), ROWS, FIELDS[:1]),
        (
            CensusGeocoder,
            CensusGeocoderProvider(kind="census_geocoder", name="geo"),
            [homeless],
            ("census_tract",),
        ),
    ):
        with session(warehouse, policy(url, name=config.kind), run, config.name) as client:
            table = provider(config, client, KING).fetch(enrichment_request(*rows, fields=fields))
        told[config.name] = table.sort_by("property_id")["value"].to_pylist()
    return told


def test_each_request_is_in_the_ledger_and_a_second_run_is_served_from_the_cache(warehouse):
    with LocalServer(answer) as server:
        first = facts(warehouse, server.url, "run-1")
        assert first == {"acs": ["7"] * 4, "fema": ["AE", "X"] * 2, "geo": ["53033008100"]}
        # The two releases are asked for at the same time.
        assert sorted(server.paths) == [
            "/2013/acs/acs5",
            "/2014/acs/acs5",
            "/28/query",
            "/geographies/addressbatch",
        ]
        assert facts(warehouse, server.url, "run-2") == first
        assert len(server.requests) == 4
    rows = ledger(warehouse)
    assert [(row["provider"], row["cached"]) for row in rows] == [
        *(("acs", False), ("acs", False), ("fema", False), ("geo", False)),
        *(("acs", True), ("acs", True), ("fema", True), ("geo", True)),
    ]


def test_an_error_at_http_200_is_not_remembered(warehouse):
    left = [json_reply({"error": {"code": 500, "message": "busy"}})]

    def first_busy(*received):
        return left.pop() if left else answer(*received)

    config = FemaFloodProvider(kind="fema_nfhl", name="fema")
    found = []
    with LocalServer(first_busy) as server:
        for run in ("run-1", "run-2"):
            with session(warehouse, policy(server.url), run, "fema") as client:
                request = enrichment_request(ROWS[0], fields=FIELDS[:1])
                found += FemaFlood(config, client, KING).fetch(request)["reason_code"].to_pylist()
    assert found == ["PROVIDER_FAILED", None]


def test_a_reply_too_large_for_the_client_is_asked_for_in_halves(warehouse):
    islands = [zone(f"A{n}", shapely.Point(n, 47).buffer(0.1, quad_segs=50), "T") for n in range(4)]
    flood_map = FloodMap(*islands)

    def reply(method, path, query, body, headers):
        form = tuple((name, values[0]) for name, values in parse_qs(body.decode()).items())
        return json_reply(orjson.loads(flood_map(ApiRequest("q", path, form=form))[1]))

    config = FemaFloodProvider(kind="fema_nfhl", name="fema")
    request = enrichment_request(*({"latitude": 47.0, "longitude": n} for n in range(4)), fields=FIELDS[:1])
    two_islands = int(2.5 * len(orjson.dumps(islands[3]["geometry"])))
    for largest, calls in ((10 * two_islands, 1), (two_islands, 3)):
        with LocalServer(reply) as server:
            rules = policy(server.url, max_response_bytes=largest)
            with session(warehouse, rules, provider="fema") as client:
                facts = FemaFlood(config, client, KING).fetch(request).sort_by("property_id")
            assert len(server.requests) == calls
        assert facts["value"].to_pylist() == ["A0", "A1", "A2", "A3"]
