"""The platform itself as its operators are told of it: health, queues, storage, failed runs."""

import httpx
import pytest

from realestate_assets.operations.pipelines.graphql import Dagster
from realestate_assets.operations.storage import Storage
from realestate_assets.service import looks
from realestate_assets.service.security.limits import InPostgres, InRedis
from resources.lake.store import StoreResource
from tests.seaweed import free_ports

pytestmark = pytest.mark.integration

BASE = "/api/v1/system"


def run(run_id, county, queue="default", status="QUEUED", created=1_700_000_000.0):
    tags = {"dagster/partition": f"{county}|2015-04", "dagster-celery/queue": queue, "realestate/user": "u-1"}
    return {
        "runId": run_id, "status": status, "jobName": "nightly", "creationTime": created, "startTime": None,
        "endTime": None, "parentRunId": None, "rootRunId": run_id, "assetSelection": [],
        "tags": [{"key": key, "value": value} for key, value in tags.items()],
    }  # fmt: skip


RUNS = [
    run("r-1", "king-wa"), run("r-2", "king-wa", "heavy", created=1_600_000_000.0),
    run("r-3", "cook-il", "heavy", "STARTED"), run("r-4", "king-wa", status="FAILURE"),
    run("r-5", "travis-tx", status="FAILURE"),
]  # fmt: skip
BEATS = [
    {"daemonType": "SENSOR", "required": True, "healthy": True, "lastHeartbeatTime": 1_700_000_000.0},
    {"daemonType": "SCHEDULER", "required": True, "healthy": False, "lastHeartbeatTime": 1_600_000_000.0},
    {"daemonType": "ASSET", "required": False, "healthy": None, "lastHeartbeatTime": None},
]


def told(request: httpx.Request) -> httpx.Response:
    """What Dagster says; the words of its questions are held to its schema by another test."""
    asked = httpx.Response(200, content=request.content).json()
    if "daemonHealth" in asked["query"]:
        return httpx.Response(
            200, json={"data": {"instance": {"daemonHealth": {"allDaemonStatuses": BEATS}}}}
        )
    if "logsForRun" in asked["query"]:
        error = {"message": "The disk is full.\n", "causes": [{"message": "No space left"}]}
        event = {
            "__typename": "ExecutionStepFailureEvent",
            "stepKey": "scores",
            "message": "m",
            "error": error,
        }
        page = {"__typename": "EventConnection", "cursor": "", "hasMore": False, "events": [event]}
        return httpx.Response(200, json={"data": {"logsForRun": page}})
    wanted = asked["variables"]["filter"]["statuses"]
    found = [each for each in RUNS if each["status"] in wanted]
    return httpx.Response(200, json={"data": {"runsOrError": {"__typename": "Runs", "results": found}}})


@pytest.fixture
def ops(parts, as_role):
    vars(parts)["dagster"] = Dagster("http://dagster", httpx.Client(transport=httpx.MockTransport(told)))
    yield as_role("ops")
    vars(parts).pop("dagster")


def test_what_is_well_and_what_is_not_is_told_part_by_part(ops):
    answer = ops("GET", f"{BASE}/health")
    assert answer.status_code == 200
    told_of = {each["name"]: each for each in answer.json()["checks"]}
    assert told_of.keys() == looks.ALL.keys()
    assert [name for name, each in told_of.items() if not each["ok"]] == ["daemons"]
    assert told_of["daemons"]["detail"] == "no beat lately: scheduler"
    assert answer.json()["status"] == "ill"


def test_what_is_away_is_told_without_its_address_and_the_service_goes_on(parts, as_role):
    (port,) = free_ports(1)
    with httpx.Client() as client:
        vars(parts)["dagster"] = Dagster(f"http://127.0.0.1:{port}", client)
        vars(parts)["counts"] = InRedis(f"redis://127.0.0.1:{port}", InPostgres(parts.engine))
        try:
            answer = as_role("ops")("GET", f"{BASE}/health")
        finally:
            del vars(parts)["dagster"], vars(parts)["counts"]
    wrong = {each["name"]: each["detail"] for each in answer.json()["checks"] if not each["ok"]}
    assert wrong.keys() == {"dagster", "daemons", "limits"} and str(port) not in answer.text
    assert "counted in Postgres" in wrong["limits"]


def test_queues_tell_what_waits_and_since_when(ops):
    found = ops("GET", f"{BASE}/queues").json()
    assert [(each["name"], each["waiting_count"], each["running_count"]) for each in found["runs"]] == [
        ("default", 1, 0),
        ("heavy", 1, 1),
    ]
    assert found["runs"][1]["oldest_waiting_at"].startswith("2020-09-13")
    assert [(each["name"], each["is_healthy"]) for each in found["daemons"]] == [
        ("SCHEDULER", False),
        ("SENSOR", True),
    ]
    assert found["webhooks"] == {"waiting_count": 0, "dead_count": 0, "oldest_waiting_at": None}
    assert not found["is_cut"]


def test_failed_runs_of_counties_that_are_seen_come_with_their_errors(ops):
    (failed,) = ops("GET", f"{BASE}/errors").json()["items"]
    assert failed["run"]["run_id"] == "r-4"
    assert failed["failures"] == [
        {"step": "scores", "message": "The disk is full.", "causes": ["No space left"]}
    ]


@pytest.fixture
def stored(parts, tmp_path, monkeypatch):
    """A lake with files of two counties, and nothing that was measured before."""
    lake = StoreResource(root_url=str(tmp_path / "lake"))
    for path, length in (
        ("memos/county=king-wa/month=2015-04/a.pdf", 1000),
        ("memos/county=cook-il/month=2015-04/b.pdf", 500),
        ("embeddings/county=king-wa/month=2015-04/data.parquet", 3000),
        ("models/king-wa/1.json", 70),
        ("_layout.json", 9),
    ):
        lake.write_bytes(path, b"x" * length)
    landing = StoreResource(root_url=str(tmp_path / "landing"))
    landing.write_bytes("king-wa/sales/file.csv", b"x" * 20)
    stores = {"lake": lake, "landing": landing}
    vars(parts)["storage"] = Storage(stores, parts.engine, tmp_path, tmp_path / "vectors")
    yield stores
    vars(parts).pop("storage")


def test_storage_is_told_by_area_kind_and_county(as_role, stored):
    ops = as_role("ops")
    summary = ops("GET", f"{BASE}/storage").json()
    areas = {each["area"]: each for each in summary["areas"]}
    assert (areas["lake"]["count"], areas["lake"]["size_bytes"]) == (5, 4579)
    assert areas["database"]["count"] > 20 and areas["database"]["size_bytes"] > 100_000
    assert summary["free_bytes"] > 0 and summary["kept_free_bytes"] == 2_000_000_000
    kinds = {(e["area"], e["kind"]): e["size_bytes"] for e in ops("GET", "/api/v1/storage").json()["items"]}
    assert kinds["lake", "memos"] == 1500 and kinds["landing", "sales"] == 20 and kinds["lake", "files"] == 9
    assert {"app", "raw", "ops"} <= {kind for area, kind in kinds if area == "database"}
    counties = {
        (each["area"], each["county"]): each["size_bytes"]
        for each in ops("GET", "/api/v1/storage?by=county").json()["items"]
    }
    assert counties["lake", "king-wa"] == 4070 and counties["lake", "cook-il"] == 500
    assert counties["landing", "king-wa"] == 20 and counties["lake", None] == 9
    sizes = [each["size_bytes"] for each in ops("GET", "/api/v1/storage").json()["items"]]
    assert sizes == sorted(sizes, reverse=True)


def test_many_who_ask_are_told_what_one_look_found(as_role, stored):
    ops = as_role("ops")
    first = ops("GET", f"{BASE}/storage").json()
    stored["lake"].write_bytes("memos/county=king-wa/month=2015-04/c.pdf", b"x")
    assert ops("GET", f"{BASE}/storage").json()["measured_at"] == first["measured_at"]


def test_who_does_not_run_the_platform_is_told_nothing_of_it(as_role):
    for path in ("health", "queues", "storage", "errors"):
        assert as_role("analyst")("GET", f"{BASE}/{path}").status_code == 403
    assert as_role("admin", "south")("GET", "/api/v1/storage").status_code == 403
    assert as_role("analyst")("GET", "/api/v1/storage?by=tenant").status_code in (403, 422)
    assert as_role("ops")("GET", "/api/v1/storage?by=tenant").status_code == 422
