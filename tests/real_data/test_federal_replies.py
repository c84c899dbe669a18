"""Census and FEMA as they really answer: captured replies, served by a local server."""

from pathlib import Path

import orjson
import pytest

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.counties.providers.census import CensusAcsProvider, CensusGeocoderProvider
from realestate_assets.domain.counties.providers.fema import FemaFloodProvider
from realestate_assets.providers.census_acs import CensusAcs
from realestate_assets.providers.census_codes import OPEN_ENDS
from realestate_assets.providers.census_geocoder import CensusGeocoder
from realestate_assets.providers.fema import FIELDS, FemaFlood
from resources.errors import PermanentError
from tests.http_server import LocalServer
from tests.unit.providers.api_fakes import enrichment_request, facts_by_key
from tests.unit.providers.plain_client import PlainClient

CONTRACTS = Path(__file__).resolve().parents[2].parent / "shared" / "contracts"
CENSUS, GEOCODER, FEMA = (CONTRACTS / name for name in ("census_api", "census_geocoder", "fema_nfhl"))
KING = load_counties()["king-wa"]
BY_ZIP = {
    "B01003_001E": "zip_population",
    "B19013_001E": "zip_median_income_usd",
    "B25077_001E": "zip_median_home_value_usd",
    "B25064_001E": "zip_median_rent_usd",
}

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not CENSUS.exists(), reason="the captured replies beside the checkout are absent"),
]


def server(path: Path, status: int = 200) -> LocalServer:
    """Answers everything with one captured body."""
    body = path.read_bytes()
    return LocalServer(lambda *_: (status, {"Content-Type": "application/json"}, body))


def figures(path: Path, rows: list[dict], fields, status: int = 200) -> dict:
    with server(path, status) as api:
        config = CensusAcsProvider(kind="census_acs", name="acs")
        provider = CensusAcs(config, PlainClient(api.url), KING)
        return facts_by_key(provider.fetch(enrichment_request(*rows, fields=fields)))


@pytest.mark.parametrize(
    ("name", "month"),
    [
        ("acs5_zcta_king_county_70zips_RECONSTRUCTED.json", "2014-05"),
        ("acs5_zcta_4vars_philly_RECONSTRUCTED.json", "2023-06"),
    ],
)
def test_zip_figures_are_those_of_the_reply_and_codes_are_null_with_their_reason(name, month):
    header, *told = orjson.loads((CENSUS / name).read_bytes())
    rows = [{"month": month, "zip": row[-1], "property_id": row[-1]} for row in told]
    facts = figures(CENSUS / name, rows, tuple(BY_ZIP.values()))
    sentinels = 0
    for row in told:
        said = dict(zip(header, row, strict=True))
        for variable, field in BY_ZIP.items():
            is_sentinel = said[variable].startswith("-")
            is_bound = int(float(said[variable])) in OPEN_ENDS.get(field, ())
            sentinels += is_sentinel
            fact = facts[row[-1], field]
            assert fact["value"] == (None if is_sentinel or is_bound else said[variable])
            reason = "TOO_FEW_ANSWERS" if is_sentinel else "OPEN_ENDED" if is_bound else None
            assert fact["reason_code"] == reason
    assert sentinels == (CENSUS / name).read_bytes().count(b"-666666666")


def test_other_columns_around_the_wanted_ones_do_not_matter():
    wanted = ("zip_population", "zip_median_income_usd")
    facts = figures(
        CENSUS / "acs5_2021_zcta_10001.json",
        [{"month": "2022-03", "zip": "10001", "property_id": "p"}],
        wanted,
    )
    assert [facts["p", field]["value"] for field in wanted] == ["26966", "101409"]


@pytest.mark.parametrize(
    ("name", "status", "field"),
    [
        ("acs5_2022_zcta_08701.json", 200, "B01003_001E"),
        ("acs5_2023_place_houston.json", 200, "zip code tabulation area"),
        ("acs5_2018_md_counties.json", 200, "B01003_001E"),
        ("error_400_unknown_variable.txt", 400, "B99999_999E"),
        ("error_400_geography.txt", 400, "zip code tabulation area"),
    ],
)
def test_what_the_api_no_longer_knows_stops_the_provider_with_its_name(name, status, field):
    with pytest.raises(PermanentError) as caught:
        figures(CENSUS / name, [{"zip": "08701"}], ("zip_population",), status)
    assert (caught.value.field, caught.value.county, caught.value.source) == (field, "king-wa", "acs")


@pytest.mark.parametrize(
    ("name", "tract"), [("address-batch_0.csv", None), ("address-batch_1.csv", "36061005000")]
)
def test_the_batch_geocoder_answers_in_another_order_and_with_fewer_columns(name, tract):
    manhattan = KING.model_copy(update={"fips": "36061", "state": "NY"})
    nowhere = {"latitude": None, "longitude": None, "city": "NEW YORK", "zip": "10003"}
    rows = [{**nowhere, "street": f"{number} GRAMERCY PARK W"} for number in range(4)]
    with server(GEOCODER / name) as api:
        config = CensusGeocoderProvider(kind="census_geocoder", name="geo")
        provider = CensusGeocoder(config, PlainClient(api.url), manhattan)
        facts = facts_by_key(provider.fetch(enrichment_request(*rows, fields=provider.fields)))
        assert b'name="addressFile"' in api.requests[0].body
        assert b"3,3 GRAMERCY PARK W,NEW YORK,NY,10003" in api.requests[0].body
    reasons = [facts[f"p{number}", "geocoded_latitude"]["reason_code"] for number in range(4)]
    assert reasons == ["BAD_ANSWER", "NO_MATCH", "NO_MATCH", None]
    assert facts["p3", "geocoded_latitude"]["value"] == "40.738323"
    assert facts["p3", "geocoded_longitude"]["value"] == "-73.98658"
    assert facts["p3", "census_tract"]["value"] == tract


def flood(path: Path, latitude: float, longitude: float) -> tuple[list, list, int]:
    """Values, reasons and number of calls for one point."""
    with server(path) as api:
        config = FemaFloodProvider(kind="fema_nfhl", name="flood")
        provider = FemaFlood(config, PlainClient(api.url), KING)
        request = enrichment_request({"latitude": latitude, "longitude": longitude}, fields=FIELDS)
        facts = facts_by_key(provider.fetch(request))
        found = [facts["p0", field] for field in FIELDS]
        return [f["value"] for f in found], [f["reason_code"] for f in found], len(api.requests)


@pytest.mark.parametrize(
    ("name", "values", "calls"),
    [
        # Replies without outlines: each point is asked about by itself.
        ("layer28_hamilton_in_attributes.json", ["A", "true", None], 2),
        ("layer28_point_ae_floodway.json", ["AE", "true", None], 2),
        ("layer28_point_zone_ae_with_bfe_12086C.json", ["AE", "true", "9"], 2),
        ("layer28_point_zone_x_alachua.json", ["X", "false", None], 2),
        ("layer28_geojson_renton_properties.json", ["X", "false", None], 2),
        # The point lies inside the outline of the reply.
        ("layer28_geojson_larimer_co.json", ["AE", "true", None], 1),
    ],
)
def test_flood_zones_are_those_of_the_reply(name, values, calls):
    found, reasons, sent = flood(FEMA / name, 40.40304, -105.1386)
    assert (found, sent) == (values, calls)
    assert reasons == [None if value else "NULL_IN_SOURCE" for value in values]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("empty_no_digital_coverage.json", "NO_COVERAGE"),
        ("error_http200_code400.json", "BAD_ANSWER"),
        ("error_http200_featureserver.json", "PROVIDER_FAILED"),
    ],
)
def test_no_zone_and_no_answer_are_unknown(name, reason):
    values, reasons, _ = flood(FEMA / name, 40.40304, -105.1386)
    assert (values, reasons) == ([None] * 3, [reason] * 3)


def test_a_point_outside_every_outline_of_the_reply_is_not_covered():
    values, reasons, _ = flood(FEMA / "layer28_geojson_larimer_co.json", 40.5, -105.1386)
    assert (values, reasons) == ([None] * 3, ["NO_COVERAGE"] * 3)


def test_another_layer_is_a_change_of_columns():
    with pytest.raises(PermanentError, match="no column FLD_ZONE"):
        flood(FEMA / "layer3_firm_panels_hamilton.json", 40.0, -86.0)
