"""ArcGIS, ATTOM and Regrid through the HTTP client: facts cost what the ledger paid, a second run nothing."""

import re
from urllib.parse import parse_qs

import pyarrow as pa
import pytest

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.counties.providers.arcgis import ArcgisProvider
from realestate_assets.domain.counties.providers.attom import AttomProvider
from realestate_assets.domain.counties.providers.regrid import RegridProvider
from realestate_assets.providers.arcgis import Arcgis
from realestate_assets.providers.attom import Attom
from realestate_assets.providers.regrid import Regrid
from tests.http_server import LocalServer, json_reply
from tests.integration.resources.http.api_calls import paid, policy, session, spent_micro_usd
from tests.unit.providers.api_fakes import enrichment_request

pytestmark = pytest.mark.integration

KING = load_counties()["king-wa"]
KEY = "s3cret-key-of-a-test"
LAYER = "Parcels/FeatureServer/0"
COLUMNS = [{"name": "PIN", "type": "esriFieldTypeString"}, {"name": "ZONE", "type": "esriFieldTypeString"}]
CLASSES = {
    "attom": (Attom, AttomProvider),
    "regrid": (Regrid, RegridProvider),
    "arcgis": (Arcgis, ArcgisProvider),
}
HOUSES = [
    {"apn": f"{n:010d}", "street": f"{n} MAIN ST", "city": "SEATTLE", "zip": "98104", "month": month}
    for n in range(1, 16)
    for month in ("2015-01", "2015-02")
]


def answer(method, path, query, body, headers):
    """All three APIs behind one address; each parcel's zone or year is its number."""
    if path.endswith("/property/basicprofile"):
        number = query["address1"][0].split()[0]
        identifier = {"fips": "53033", "apn": f"{int(number):010d}"}
        record = {"identifier": identifier, "summary": {"yearBuilt": 1900 + int(number)}}
        return json_reply({"status": {"code": 0, "msg": "SuccessWithResult"}, "property": [record]})
    if path.endswith("/parcels/apn"):
        fields = {"parcelnumb": query["parcelnumb"][0], "zoning": query["parcelnumb"][0][-2:]}
        return json_reply({"parcels": {"features": [{"id": 1, "properties": {"fields": fields}}]}})
    if not path.endswith("/query"):
        return json_reply({"fields": COLUMNS, "geometryType": "esriGeometryPolygon", "maxRecordCount": 2000})
    pins = re.findall(r"'(\d+)'", parse_qs(body.decode())["where"][0])
    return json_reply({"features": [{"attributes": {"PIN": pin, "ZONE": pin[-2:]}} for pin in pins]})


def fetched(warehouse, server: LocalServer, kind: str, run: str, **rules) -> pa.Table:
    """Facts of all houses from one provider, in a session of its own."""
    provider, config = CLASSES[kind]
    layer = {"layer": LAYER, "key": {"column": "PIN"}, "fields": {"zoning_code": "zone"}, "api": "gis"}
    settings = config.model_validate({"kind": kind, "name": kind} | (layer if kind == "arcgis" else {}))
    # An address with a path of its own, as the real ones have.
    made = (policy if kind == "arcgis" else paid)(f"{server.url}/base/v1", name=kind, **rules)
    field = "roll_year_built" if kind == "attom" else "zoning_code"
    with session(warehouse, made, run, kind) as client:
        return provider(settings, client, KING).fetch(enrichment_request(*HOUSES, fields=(field,)))


def micro_usd(facts: pa.Table) -> int:
    return sum(round(cost * 1e6) for cost in facts["cost_usd"].to_pylist())


@pytest.mark.parametrize(("kind", "calls"), [("attom", 15), ("regrid", 15), ("arcgis", 2)])
def test_facts_cost_what_the_ledger_paid_and_a_second_run_sends_nothing(warehouse, monkeypatch, kind, calls):
    monkeypatch.setenv("TEST_PARCEL_KEY", KEY)
    rules = {} if kind == "arcgis" else {"budget": {"usd_per_run": 5}}
    rules["key"] = {"env": "TEST_PARCEL_KEY", "query": "token"}
    with LocalServer(answer) as server:
        first = fetched(warehouse, server, kind, "run-1", **rules)
        assert len(server.requests) == calls
        assert all(request.path.startswith("/base/v1/") for request in server.requests)
        assert micro_usd(first) == spent_micro_usd(warehouse) == (0 if kind == "arcgis" else calls * 80_000)
        second = fetched(warehouse, server, kind, "run-2", **rules)
        assert len(server.requests) == calls and micro_usd(second) == 0
    assert first["value"].to_pylist() == second["value"].to_pylist()
    assert first["value"].null_count == 0 and first.num_rows == 30
    assert KEY not in str(first.to_pylist())


@pytest.mark.parametrize("kind", ["attom", "regrid"])
def test_a_dollar_buys_twelve_properties_and_the_others_say_why_they_have_nothing(warehouse, kind):
    with LocalServer(answer) as server:
        facts = fetched(warehouse, server, kind, "run-1")
        assert len(server.requests) == 12
    reasons = facts["reason_code"].to_pylist()
    assert (reasons.count(None), reasons.count("BUDGET_SPENT")) == (24, 6)
    assert micro_usd(facts) == spent_micro_usd(warehouse) == 960_000


def test_without_its_key_a_paid_provider_is_not_asked(warehouse):
    rules = {"key": {"env": "TEST_NO_SUCH_KEY", "query": "token"}}
    with LocalServer(answer) as server:
        facts = fetched(warehouse, server, "regrid", "run-1", **rules)
        assert not server.requests
    assert set(facts["reason_code"].to_pylist()) == {"KEY_MISSING"}
