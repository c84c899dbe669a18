"""The facade over Dagster: who may see and start what, and what is said where Dagster is away."""

import httpx
import pytest

from realestate_assets.app.sign_in import tenant_named
from realestate_assets.app.tenants import CountyEntitlement
from realestate_assets.operations.pipelines.graphql import Dagster
from tests.integration.dagster_web import web_server
from tests.seaweed import free_ports

pytestmark = [pytest.mark.integration]

LAUNCH = {"job": "discover", "counties": ["king-wa"], "first_month": "2014-05", "last_month": "2014-06"}
OTHER = LAUNCH | {"counties": ["travis-tx"], "first_month": "2024-01", "last_month": "2024-01"}
BASE = "/api/v1/pipelines"


@pytest.fixture(scope="module")
def asked(parts, as_role, new_home):
    """Asks as a role, with Dagster's web server behind the service."""
    with web_server(new_home()) as dagster:
        vars(parts)["dagster"] = dagster
        yield as_role
        vars(parts).pop("dagster", None)


def test_who_runs_the_platform_starts_follows_and_stops_a_run(asked):
    ops = asked("ops")
    begun = ops("POST", f"{BASE}/runs", json=LAUNCH, headers={"X-Correlation-ID": "correlation-77"})
    assert begun.status_code == 202, begun.text
    (run,) = begun.json()["items"]
    assert (run["first"], run["last"]) == ("king-wa|2014-05", "king-wa|2014-06")
    assert run["tags"]["realestate/correlation_id"] == "correlation-77"
    listed = ops("GET", f"{BASE}/runs", params={"job": "discover"}).json()["items"]
    assert run["run_id"] in {each["run_id"] for each in listed}
    assert ops("POST", f"{BASE}/runs/{run['run_id']}/retry", json={}).status_code == 409
    stopped = ops("POST", f"{BASE}/runs/{run['run_id']}/cancel")
    assert stopped.status_code == 202 and stopped.json()["status"] == "CANCELED"
    detail = ops("GET", f"{BASE}/runs/{run['run_id']}").json()
    assert detail["run"]["status"] == "CANCELED" and detail["failures"] == []
    again = ops("POST", f"{BASE}/runs/{run['run_id']}/retry", json={"from_failure": False})
    assert again.status_code == 202 and again.json()["parent_run_id"] == run["run_id"]


def test_a_run_of_a_county_that_a_tenant_does_not_see_is_not_there_for_it(asked):
    north, south = asked("ops", "north"), asked("ops", "south")
    assert north("POST", f"{BASE}/runs", json=OTHER).status_code == 422
    (run,) = south("POST", f"{BASE}/runs", json=OTHER).json()["items"]
    for method, path in (("GET", ""), ("POST", "/cancel"), ("POST", "/retry")):
        answer = north(method, f"{BASE}/runs/{run['run_id']}{path}", json={})
        assert answer.status_code == 404, (path, answer.text)
    assert run["run_id"] not in north("GET", f"{BASE}/runs").text
    assert south("GET", f"{BASE}/runs/{run['run_id']}").status_code == 200


def test_who_began_a_run_and_what_they_called_it_is_told_to_their_tenant_alone(asked, parts):
    body = {"assets": ["scores"], "counties": ["king-wa"], "first_month": "2014-05", "last_month": "2014-05",
            "title": "Ours alone"}  # fmt: skip
    made = asked("ops")("POST", f"{BASE}/backfills", json=body).json()["backfill_id"]
    (run,) = asked("ops")("POST", f"{BASE}/runs", json=LAUNCH).json()["items"]
    # Another tenant that sees the county too.
    south = asked("ops", "south")
    _entitle_south(parts, "king-wa")
    listed = {each["backfill_id"]: each for each in south("GET", f"{BASE}/backfills").json()["items"]}
    assert listed[made]["title"] is None
    seen = south("GET", f"{BASE}/runs/{run['run_id']}").json()["run"]
    assert "realestate/user" not in seen["tags"] and "realestate/tenant" not in seen["tags"]
    assert asked("ops")("POST", f"{BASE}/backfills/{made}/cancel").status_code == 204


def _entitle_south(parts, county):

    with parts.transaction(None) as session:
        tenant_id, _ = tenant_named(session, "south")
    with parts.transaction(tenant_id) as session:
        session.merge(CountyEntitlement(tenant_id=tenant_id, county=county))


def test_who_only_reads_starts_nothing(asked):
    analyst, viewer = asked("analyst"), asked("viewer")
    assert analyst("GET", f"{BASE}/assets").status_code == 200
    assert analyst("POST", f"{BASE}/runs", json=LAUNCH).status_code == 403
    assert analyst("PUT", f"{BASE}/switches/sensor/landing", json={"is_running": True}).status_code == 403
    assert viewer("GET", f"{BASE}/runs").status_code == 403


def test_assets_tell_months_of_the_tenants_counties_alone(asked):
    detail = asked("ops")("GET", f"{BASE}/assets/scores").json()
    assert [each["county"] for each in detail["counties"]] == ["cook-il", "king-wa"]
    assert "features" in detail["needs"] and detail["checks"]
    assert asked("ops")("GET", f"{BASE}/assets/no_such").status_code == 404


def test_switches_are_turned_and_what_is_not_there_is_said(asked):
    ops = asked("ops")
    found = ops("GET", f"{BASE}/switches").json()["items"]
    name = next(each["name"] for each in found if each["kind"] == "schedule")
    for on in (True, False):
        turned = ops("PUT", f"{BASE}/switches/schedule/{name}", json={"is_running": on})
        assert turned.status_code == 200 and turned.json()["is_running"] is on
    assert ops("PUT", f"{BASE}/switches/schedule/no_such", json={"is_running": True}).status_code == 404


@pytest.mark.parametrize(
    "change",
    [{"first_month": "2014-06", "last_month": "2014-05"}, {"first_month": "1900-01"}, {"counties": []},
     {"counties": ["../etc"]}, {"job": "no_such"}, {"assets": ["DROP TABLE"]}],
)  # fmt: skip
def test_what_is_no_span_of_the_platform_is_refused(asked, change):
    answer = asked("ops")("POST", f"{BASE}/runs", json=LAUNCH | change)
    assert answer.status_code == 422 and answer.json()["errors"], answer.text


def test_where_dagster_is_away_it_is_said_without_its_address(parts, as_role):
    (port,) = free_ports(1)
    with httpx.Client() as client:
        before = vars(parts).get("dagster")
        vars(parts)["dagster"] = Dagster(f"http://127.0.0.1:{port}", client)
        answer = as_role("ops")("GET", f"{BASE}/assets")
        vars(parts)["dagster"] = before
    assert answer.status_code == 503 and "realestate dev" in answer.json()["detail"]
    assert str(port) not in answer.text
