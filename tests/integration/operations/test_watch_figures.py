"""The watcher's figures, and the dashboard and the alert rules over all figures, in a real Prometheus."""

import json
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import pytest
import yaml
from dagster._daemon.types import DaemonHeartbeat
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from realestate_assets.domain.counties.provider_policies import load_policies
from realestate_assets.domain.tables.ops import OPS_TABLES
from realestate_assets.operations.metrics import PlatformCollector, metric_labels
from realestate_assets.operations.run_origin import job_origin
from realestate_assets.operations.watch.figures import WatchCollector
from realestate_assets.settings import Settings
from resources.alerts.alert import CRITICAL, Alert
from resources.alerts.alerts import utc_now
from resources.alerts.file_ledger import FileLedger
from resources.alerts.ledger import AlertLedger
from resources.home import PROJECT_ROOT
from resources.lake.store import StoreResource
from resources.ops_tables import PROVIDER_TABLES
from tests.http_server import LocalServer, text_reply
from tests.integration.operations.prometheus_server import needs_prometheus, needs_promtool, prometheus
from tests.integration.operations.test_metrics import fill
from tests.integration.resources.warehouse.test_dagster_instance import CONFIG

pytestmark = pytest.mark.integration

DASHBOARD = PROJECT_ROOT / "deploy" / "grafana" / "realestate.json"
RULES = PROJECT_ROOT / "deploy" / "prometheus" / "realestate.rules.yml"
MARTS = (
    "create table marts.property_lifecycle as select 'king-wa' as county, 'scored' as status",
    "create table marts.data_quality as select 'king-wa' as county, 'complete' as metric, false as is_passed",
)


def fill_the_rest(warehouse) -> None:
    """A row in each table that `fill` leaves empty, and an alert that lasts."""
    warehouse.ensure_tables([*OPS_TABLES.values(), *PROVIDER_TABLES])
    for statement in MARTS:
        warehouse.execute(statement)
    for table in ("events", "reject_replays"):
        warehouse.execute(one_row(OPS_TABLES[table]))
    AlertLedger(warehouse).begin([Alert("run:a", "a failed", "why", severity=CRITICAL)], utc_now())
    ended = Alert("run:b", "b failed", "why", severity=CRITICAL)
    AlertLedger(warehouse).begin([ended], utc_now())
    AlertLedger(warehouse).end({"run:b": "mended"}, utc_now())


def one_row(spec) -> str:
    """An insert of a row of king-wa, each column of its type."""
    values = {"text": "'x'", "timestamp": "now()", "date": "current_date", "json": "'{}'", "integer": "1"}
    columns = {c.name: "'king-wa'" if c.name == "county" else "'2024-01'" if c.name == "month" else
               f"'{c.allowed[0]}'" if c.allowed else values.get(c.kind, "null")
               for c in spec.given_columns}  # fmt: skip
    return (
        f"insert into {spec.schema}.{spec.name} ({', '.join(columns)}) values ({', '.join(columns.values())})"
    )


@dg.op
def work() -> None:
    """Takes a moment."""


@dg.job
def small() -> None:
    work()


@pytest.fixture(scope="module")
def exposed(module_warehouse, tmp_path_factory):
    """All figures as they are scraped, after a run, with a daemon, a queued run, calls, rows and alerts."""
    home = tmp_path_factory.mktemp("home")
    (home / "dagster.yaml").write_text(CONFIG)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_PG_URL", module_warehouse.database_url())
        fill(module_warehouse)
        fill_the_rest(module_warehouse)
        state = home / "watch" / "alerts.json"
        FileLedger(state).begin([Alert("watch:disk", "full", "why", severity="warning")], utc_now())
        settings = Settings(realestate_home=home, min_free_gb=0.5, dagster_webserver_url="http://127.0.0.1:9")
        stores = {"lake": StoreResource(root_url=str(home / "lake"))}

        def opened() -> dg.DagsterInstance:
            return dg.DagsterInstance.from_config(str(home))

        with opened() as instance:
            assert small.execute_in_process(instance=instance).success
            instance.create_run_for_job(
                small, status=dg.DagsterRunStatus.QUEUED, remote_job_origin=job_origin("small")
            )
            beat = utc_now().timestamp() - 20
            for kind in ("SENSOR", "SCHEDULER"):
                instance.add_daemon_heartbeat(DaemonHeartbeat(beat, kind, "d"))
            registry = CollectorRegistry()
            registry.register(PlatformCollector(module_warehouse, lambda: instance))
            registry.register(
                WatchCollector(settings, module_warehouse, stores, opened, load_policies, state)
            )
            text = generate_latest(registry).decode()
    families = list(text_string_to_metric_families(text))
    samples = {(sample.name, *sample.labels.values()): sample.value for f in families for sample in f.samples}
    yield SimpleNamespace(text=text, families=families, samples=samples)


def test_the_looks_are_those_of_the_watcher_and_of_the_stores(exposed):
    looks = {
        labels[1]: value for labels, value in exposed.samples.items() if labels[0] == "realestate_look_ok"
    }
    assert looks == {
        # Of several daemons not all have ever beaten.
        "postgres": 1, "disk": 1, "webserver": 0, "daemon": 0, "queue": 1, "ticks": 1, "lake": 1,
    }  # fmt: skip


def test_beats_queue_ticks_disk_alerts_and_budgets_have_figures(exposed):
    found = exposed.samples
    assert 20 <= found["realestate_daemon_beat_age_seconds", "SENSOR"] < 120
    assert 0 < found["realestate_queue_oldest_seconds",] < 120
    assert found["realestate_failed_ticks",] == 0
    assert found["realestate_disk_kept_bytes",] == 5e8
    assert found["realestate_disk_free_bytes",] > 0
    # The one that is over does not count; the watcher's own, in its file, does.
    assert found["realestate_open_alerts", "critical"] == 1
    assert found["realestate_open_alerts", "warning"] == 1
    assert found["realestate_provider_budget", "attom", "day", "usd"] == 20
    assert found["realestate_provider_budget_spent", "attom", "day", "usd"] == 0


def test_every_figure_is_there_with_the_labels_that_are_declared(exposed):
    declared = metric_labels()
    given = {sample.name: set(sample.labels) for family in exposed.families for sample in family.samples}
    assert given == {name: set(labels) for name, labels in declared.items()}


def test_what_is_down_is_a_look_that_fails_and_the_rest_is_still_told(tmp_path, warehouse, monkeypatch):
    def away() -> dg.DagsterInstance:
        raise ConnectionError("Dagster is away")

    monkeypatch.setenv("DAGSTER_PG_URL", warehouse.database_url())
    settings = Settings(realestate_home=tmp_path, dagster_webserver_url="http://127.0.0.1:9")
    registry = CollectorRegistry()
    registry.register(WatchCollector(settings, warehouse, {}, away, dict, Path(tmp_path / "none.json")))
    text = generate_latest(registry).decode()
    assert 'realestate_look_ok{look="queue"} 0.0' in text
    assert 'realestate_open_alerts{severity="critical"} 0.0' in text
    assert "realestate_disk_free_bytes" in text


@needs_prometheus
def test_every_query_of_the_dashboard_and_every_rule_works_on_them(exposed, tmp_path):
    dashboard = json.loads(DASHBOARD.read_text())
    targets = [(panel["title"], target) for panel in dashboard["panels"] for target in panel["targets"]]
    with (
        LocalServer(lambda *_: text_reply(exposed.text, content_type="text/plain; version=0.0.4")) as server,
        prometheus(tmp_path, int(server.url.rpartition(":")[2]), RULES) as running,
    ):
        for title, target in targets:
            found = running.query(target["expr"].replace("$county", ".*"))
            assert found, f"{title}: {target['expr']} shows nothing"
            # A legend over a label that the result lacks is an empty one.
            for label in [part.partition("}}")[0] for part in target["legendFormat"].split("{{")[1:]]:
                assert all(sample["metric"].get(label) for sample in found), (title, label)
        rules = running.rules()
        assert {rule["name"]: rule["health"] for rule in rules} == {rule["name"]: "ok" for rule in rules}
        pending = {rule["name"] for rule in rules if rule["alerts"]}
    # The UI, the daemon and an alert are down here on purpose.
    assert {"RealEstateServiceDown", "RealEstateCriticalAlertLasts"} <= pending
    assert not pending & {"RealEstateMetricsAbsent", "RealEstateDiskNearlyFull", "RealEstateQueueStuck"}


@needs_promtool
@pytest.mark.parametrize(
    "arguments", [("check", "rules", "realestate.rules.yml"), ("test", "rules", "realestate.rules.test.yml")]
)
def test_the_rules_are_valid_and_fire_when_they_should(arguments):
    command = ["promtool", *arguments]
    done = subprocess.run(command, cwd=RULES.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_metric_of_the_rules_exists_and_every_rule_is_tested():
    groups = yaml.safe_load(RULES.read_text())["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    named = {name for rule in rules for name in re.findall(r"realestate_\w+", rule["expr"])}
    assert named <= metric_labels().keys()
    tests = RULES.with_name("realestate.rules.test.yml").read_text()
    assert [rule["alert"] for rule in rules if rule["alert"] not in tests] == []
    assert all(rule["annotations"].keys() == {"summary", "description"} for rule in rules)
