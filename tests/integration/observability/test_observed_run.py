"""A run as those who listen see it: one real run of a small graph in this process, its lines, spans, lineage.

The assets have names of the platform's own, so that their places, parents and columns are those of the graph.
"""

import json
import logging
import time
from types import SimpleNamespace
from uuid import UUID

import dagster as dg
import httpx
import pytest

from realestate_assets.observability.executor import observed_executor
from realestate_assets.operations.in_process import execute
from resources.errors import PermanentError
from resources.ops_tables import PROVIDER_TABLES
from resources.telemetry import logs, start
from resources.warehouse.resource import WarehouseResource
from tests.http_server import LocalServer, json_reply, plain_body, text_reply
from tests.integration.observability.lineage_events import refused
from tests.integration.resources.http.api_calls import asks, paid, session
from tests.otlp import received_spans

pytestmark = pytest.mark.integration


def answer(_method, path, *_):
    return json_reply({"n": 1}) if path in ("/things", "/api/7/envelope/") else text_reply("")


def graph(warehouse: WarehouseResource, api: str) -> dg.Definitions:
    @dg.asset
    def properties(context):
        with session(warehouse, paid(api), context.run.run_id, "roll") as opened:
            opened.send_all(asks(1))
        context.log.info("3 properties")
        columns = dg.TableSchema([dg.TableColumn("property_id", "text", description="Its id.")])
        return dg.MaterializeResult(
            metadata={"dagster/partition_row_count": 3, "dagster/column_schema": columns}
        )

    @dg.asset_check(asset=properties)
    def matches_its_table_spec():
        return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN)

    @dg.asset(deps=[properties])
    def raw_listings():
        return dg.MaterializeResult(metadata={"dagster/partition_row_count": 5, "size_bytes": 70})

    @dg.asset
    def sale_validity():
        raise KeyError("Jane Doe")

    @dg.asset
    def rents():
        raise PermanentError("There is no file.")

    return dg.Definitions(
        assets=[properties, raw_listings, sale_validity, rents],
        asset_checks=[matches_its_table_spec],
        jobs=[
            dg.define_asset_job("good", ["properties", "raw_listings"]),
            dg.define_asset_job("bad", ["sale_validity"]),
            dg.define_asset_job("refused", ["rents"]),
        ],
        executor=observed_executor,
    )


@pytest.fixture(scope="module")
def told(module_warehouse, tmp_path_factory):
    """What three runs told: one that succeeds, one that fails of a fault, one that is refused."""
    home = tmp_path_factory.mktemp("home")
    module_warehouse.ensure_tables(PROVIDER_TABLES)
    with LocalServer(answer) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("REALESTATE_HOME", str(home))
        patch.setenv("LOG_LEVEL", "DEBUG")
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.url)
        patch.setenv("OPENLINEAGE_URL", server.url)
        patch.setenv("SENTRY_DSN", server.url.replace("//", "//0123456789abcdef@") + "/7")
        start.stop()
        defs, outcomes = graph(module_warehouse, server.url), {}
        with dg.instance_for_test() as instance:
            for job in ("good", "bad", "refused"):
                outcomes[job] = execute(defs, instance, job, [None])
        start.stop()
        yield SimpleNamespace(
            outcomes=outcomes,
            run_id=outcomes["good"].run_ids[0],
            spans=received_spans(server),
            events=[json.loads(plain_body(r)) for r in server.requests if r.path == "/api/v1/lineage"],
            envelopes=[r for r in server.requests if r.path == "/api/7/envelope/"],
            lines=[json.loads(line) for line in (home / logs.FILE).read_text().splitlines()],
        )


def test_the_runs_end_as_they_would_without_listeners(told):
    assert [told.outcomes[job].success for job in ("good", "bad", "refused")] == [True, False, False], (
        told.outcomes
    )
    assert told.outcomes["refused"].errors == ["There is no file."]


def test_every_line_of_a_run_says_which_run_and_step(told):
    of_run = [line for line in told.lines if line.get("run") == told.run_id]
    said = [(line["event"], line.get("step")) for line in of_run]
    assert said[0] == ("run started", None)
    assert ("step started", "properties") in said
    assert ("3 properties", "properties") in said
    assert said[-1] == ("run succeeded", None)
    [ended] = [line for line in of_run if line["event"] == "step ended" and line["step"] == "raw_listings"]
    assert ended["rows"] == 5
    assert ended["seconds"] >= 0
    [call] = [line for line in of_run if line["logger"] == "resources.http.dispatch"]
    assert (call["provider"], call["api"], call["step"]) == ("roll", "mine", "properties")
    assert len(call["request"]) == 16
    assert not {"run", "step"} & logs.structlog.contextvars.get_contextvars().keys()


def test_a_failed_step_is_one_line_of_an_error_with_its_message(told):
    errors = [line for line in told.lines if line["event"] == "step failed"]
    assert [(line["job"], line["error"]) for line in errors] == [
        ("bad", "KeyError: 'Jane Doe'"),
        ("refused", "resources.errors.PermanentError: There is no file."),
    ]


def test_a_run_is_one_trace_down_to_the_provider_and_the_lines_know_it(told):
    found = {span.name: span for span in told.spans}
    by_id = {span.id: span for span in told.spans}

    def path(span):
        return [*path(by_id[span.parent]), span.name] if span.parent in by_id else [span.name]

    assert path(found["GET mine"]) == ["run good", "step properties", "GET mine"]
    call = found["GET mine"]
    assert call.kind == "CLIENT"
    assert call.attributes["http.response.status_code"] == 200
    assert call.attributes["realestate.cost_micro_usd"] == 80_000
    assert "things?" not in json.dumps(call.attributes)
    assert found["step properties"].attributes["realestate.run"] == told.run_id
    assert found["step properties"].events == ["made properties"]
    assert found["step sale_validity"].error == "KeyError: 'Jane Doe'"
    assert found["run bad"].error
    assert not found["run good"].error
    [line] = [line for line in told.lines if line["event"] == "3 properties"]
    assert (line["trace_id"], line["span_id"]) == (call.trace, found["step properties"].id)


def test_a_fault_of_a_step_is_told_once_and_a_refusal_never(told):
    assert len(told.envelopes) == 1
    text = plain_body(told.envelopes[0]).decode()
    assert '"step":"sale_validity"' in text.replace('": "', '":"')
    assert "KeyError" in text


def test_every_event_of_lineage_is_one_that_openlineage_knows(told):
    assert told.events
    assert [fault for event in told.events for fault in refused(event)] == []


def of(told, job: str, kind: str) -> dict:
    [event] = [e for e in told.events if e["job"]["name"] == job and e["eventType"] == kind]
    return event


def test_lineage_says_what_a_step_made_of_what_with_rows_and_columns(told):
    made = of(told, "good.properties", "COMPLETE")
    [output] = made["outputs"]
    assert output["namespace"].startswith("postgres://")
    assert output["name"] == "realestate.raw.properties"
    assert output["outputFacets"]["outputStatistics"]["rowCount"] == 3
    assert [f["name"] for f in output["facets"]["schema"]["fields"]] == ["property_id"]
    # As the platform's own graph has it, not this test's.
    assert [i["name"].rpartition("/")[2] for i in made["inputs"]] == ["raw_listings"]
    [files] = of(told, "good.raw_listings", "COMPLETE")["outputs"]
    assert files["namespace"] == "file"
    assert files["name"].endswith("/lake/raw_listings")
    assert files["outputFacets"]["outputStatistics"]["size"] == 70


def test_start_and_end_of_a_step_are_of_one_run_below_dagsters(told):
    begun, ended = (of(told, "good.properties", kind) for kind in ("START", "COMPLETE"))
    assert begun["run"]["runId"] == ended["run"]["runId"]
    assert UUID(ended["run"]["runId"])
    parent = ended["run"]["facets"]["parent"]
    assert (parent["run"]["runId"], parent["job"]["name"]) == (told.run_id, "good")
    kinds = [e["eventType"] for e in told.events if e["run"]["runId"] == told.run_id]
    assert kinds == ["START", "COMPLETE"]


def test_a_check_is_an_assertion_about_what_it_looked_at(told):
    event = of(told, "good.properties_matches_its_table_spec", "COMPLETE")
    [checked] = event["inputs"]
    [assertion] = checked["inputFacets"]["dataQualityAssertions"]["assertions"]
    assert {
        "assertion": "matches_its_table_spec",
        "success": False,
        "severity": "warn",
    }.items() <= assertion.items()
    assert checked["name"] == "realestate.raw.properties"


def test_a_failure_is_told_with_its_message(told):
    failed = of(told, "bad.sale_validity", "FAIL")
    assert "KeyError" in failed["run"]["facets"]["errorMessage"]["message"]
    assert of(told, "bad", "FAIL")


def test_a_lineage_service_that_is_away_neither_fails_nor_holds_up_a_run(monkeypatch, tmp_path, caplog):
    with LocalServer(answer) as server:
        gone = server.url
    monkeypatch.setenv("REALESTATE_HOME", str(tmp_path))
    monkeypatch.setenv("OPENLINEAGE_URL", gone)
    start.stop()

    @dg.asset
    def rents():
        return dg.MaterializeResult()

    defs = dg.Definitions(assets=[rents], jobs=[dg.define_asset_job("good")], executor=observed_executor)
    began = time.monotonic()
    with dg.instance_for_test() as instance, caplog.at_level(logging.WARNING):
        assert execute(defs, instance, "good", [None]).success
    start.stop()
    assert time.monotonic() - began < 10
    assert caplog.text.count("Lineage is not taken by") == 1
    with pytest.raises(httpx.ConnectError):
        httpx.get(gone)
