"""References, measures and the journal of checks, each with data that must fail it."""

import dagster as dg
import pandas as pd
import pytest

from realestate_assets.assets.check_journal import note_check_results
from realestate_assets.checks.declare import quality_check
from realestate_assets.checks.measures import MEASURES, build_measure_check
from realestate_assets.checks.references import REFERENCES, build_reference_check, dangling
from realestate_assets.definitions import defs
from realestate_assets.domain.tables import COMPARABLES, PROPERTIES, TABLES
from realestate_assets.partitions import COUNTY_MONTH
from resources.partition import Partition
from resources.readable import IS_OF_TODAY, blamed
from resources.warehouse.resource import WarehouseResource
from tests.integration.checks.test_checks_fail import PARTITION, evaluate, rows
from tests.unit.assets.frame_io import range_tags

pytestmark = pytest.mark.integration

EARLIER = Partition("king-wa", "2015-01")


def fill(warehouse: WarehouseResource, name: str, known: list[str]) -> None:
    """One row of the check's table, and these ids in the table it refers to."""
    _, table, column, target, _ = REFERENCES[name]
    warehouse.ensure_tables(TABLES.values())
    target_spec = TABLES[target.partition(".")[2]]
    frame = rows(target_spec, len(known)).assign(property_id=known) if known else rows(target_spec, 1)[:0]
    warehouse.replace_partitions(target_spec, frame, [PARTITION])
    spec = TABLES[table.partition(".")[2]]
    values = {"comp_rank": 1, "property_id": "p0", column: "p0"}
    named = {key: value for key, value in values.items() if key in spec.column_names}
    warehouse.replace_partitions(spec, rows(spec).assign(**named), [PARTITION])


@pytest.mark.parametrize("name", REFERENCES)
def test_a_row_that_points_at_nothing_fails_its_check_and_is_named(warehouse, name):
    check = build_reference_check(name)
    fill(warehouse, name, ["p0"])
    assert evaluate(check, warehouse=warehouse).passed
    fill(warehouse, name, ["another"])
    result = evaluate(check, warehouse=warehouse)
    assert not result.passed
    assert result.metadata["dangling"].value == [
        {"county": "king-wa", "month": "2015-03", "id": "p0", "rows": 1}
    ]


def test_a_comparable_may_be_a_sale_of_an_earlier_month_of_its_county_only(warehouse):
    warehouse.ensure_tables(TABLES.values())
    comps = rows(COMPARABLES).assign(comp_rank=1, comp_property_id="sold")
    warehouse.replace_partitions(COMPARABLES, comps, [PARTITION])
    sold = rows(PROPERTIES).assign(property_id="sold", county="cook-il", month="2015-01")
    warehouse.replace_partitions(PROPERTIES, sold, [Partition("cook-il", "2015-01")])
    assert len(dangling(warehouse, "comparables_are_known_properties", [PARTITION])) == 1
    warehouse.replace_partitions(PROPERTIES, sold.assign(county="king-wa"), [EARLIER])
    assert dangling(warehouse, "comparables_are_known_properties", [PARTITION]) == []


def measured(warehouse: WarehouseResource, measure: str, is_passed: bool) -> None:
    warehouse.execute("create schema if not exists marts")
    warehouse.execute(
        "create table if not exists marts.data_quality "
        "(county text, month text, metric text, detail text, metric_value float8, is_passed boolean)"
    )
    warehouse.execute("truncate marts.data_quality")
    warehouse.execute(
        "insert into marts.data_quality values ('king-wa', '2015-03', $1, 'all', 42, $2::boolean), "
        # Neither another measure nor another partition is this check's business.
        "('king-wa', '2015-03', 'another', 'all', 1, false), ('king-wa', '2015-04', $1, 'all', 1, false)",
        (measure, str(is_passed)),
    )


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_beyond_its_bounds_warns_and_names_the_partition(warehouse, name):
    check = build_measure_check(name)
    measured(warehouse, MEASURES[name][0], True)
    assert evaluate(check, warehouse=warehouse).passed
    measured(warehouse, MEASURES[name][0], False)
    result = evaluate(check, warehouse=warehouse)
    assert not result.passed
    assert result.severity == dg.AssetCheckSeverity.WARN
    assert result.metadata["offenders"].value == [
        {"county": "king-wa", "month": "2015-03", "metric_value": 42.0}
    ]


def test_every_check_says_who_answers_for_it_and_what_its_failure_means():
    graph = defs.resolve_asset_graph()
    told = {key: graph.get_check_spec(key).metadata or {} for key in graph.asset_check_keys}
    assert {key.name for key, metadata in told.items() if not metadata.get("owner")} == set()
    assert {metadata.get("severity") for metadata in told.values()} == {"ERROR", "WARN"}
    blocking = {key for key in told if graph.get_check_spec(key).blocking}
    assert {told[key]["severity"] for key in blocking} == {"ERROR"}


def test_what_the_checks_of_a_run_said_is_kept_by_partition(warehouse):
    options = {"partitions_def": COUNTY_MONTH, "backfill_policy": dg.BackfillPolicy.multi_run(9)}

    @dg.asset(**options)
    def homes() -> None:
        """Nothing: only what is said of it counts."""

    @quality_check(asset="homes", name="are_fine")
    def are_fine(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    @quality_check(asset="homes", name="are_many", owner="team:intake")
    def are_many(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN)

    @quality_check(asset="homes", name="are_new")
    def are_new(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        failed = blamed(["king-wa|2015-04"])
        return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN, metadata=failed)

    @quality_check(asset="homes", name="are_current")
    def are_current(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True, metadata={IS_OF_TODAY: True})

    @dg.asset(deps=["homes"], **options)
    def marts(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> None:
        assert note_check_results(context, warehouse) == 3
        # A step that is tried again.
        note_check_results(context, warehouse)

    run = dg.materialize(
        [homes, are_fine, are_many, are_new, are_current, marts],
        resources={"warehouse": warehouse},
        tags=range_tags("king-wa", "2015-03", "2015-04"),
    )
    assert run.success
    kept = warehouse.read("select * from ops.check_results order by month, check_name").to_pandas()
    # One check names the month it failed for, and holds for the other; one does not say; one is of no month.
    assert kept[["month", "check_name", "is_passed", "grain", "severity", "owner"]].values.tolist() == [
        ["2015-03", "are_fine", True, "partition", "ERROR", "team:data"],
        ["2015-03", "are_many", False, "run", "WARN", "team:intake"],
        ["2015-03", "are_new", True, "partition", "WARN", "team:data"],
        ["2015-04", "are_fine", True, "partition", "ERROR", "team:data"],
        ["2015-04", "are_many", False, "run", "WARN", "team:intake"],
        ["2015-04", "are_new", False, "partition", "WARN", "team:data"],
    ]
    assert set(kept["run_id"]) == {run.run_id}
    assert pd.notna(kept["evaluated_at"]).all()


def test_what_checks_said_in_runs_that_made_no_marts_is_noted_by_the_next_that_does(warehouse):
    options = {"partitions_def": COUNTY_MONTH, "backfill_policy": dg.BackfillPolicy.multi_run(9)}

    @dg.asset(**options)
    def homes() -> None:
        """Nothing: only what is said of it counts."""

    @quality_check(asset="homes", name="are_fine")
    def are_fine(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    @dg.asset(**options)
    def marts(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> None:
        note_check_results(context, warehouse)

    @quality_check(asset="marts", name="are_late")
    def are_late(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    both = range_tags("king-wa", "2015-03", "2015-04")
    with dg.DagsterInstance.ephemeral() as instance:

        def run(*assets, tags) -> str:
            given = {"resources": {"warehouse": warehouse}, "instance": instance, "tags": tags}
            return dg.materialize(list(assets), **given).run_id

        discovered = run(homes, are_fine, tags=both)
        elsewhere = run(homes, are_fine, tags=range_tags("king-wa", "2015-06", "2015-06"))
        first = run(marts, are_late, tags=both)
        kept = "select run_id, month, check_name from ops.check_results order by month, evaluated_at"
        assert [tuple(row.values()) for row in warehouse.read(kept).to_pylist()] == [
            (discovered, month, "are_fine") for month in ("2015-03", "2015-04")
        ]
        again = run(homes, are_fine, tags=range_tags("king-wa", "2015-04", "2015-04"))
        run(marts, are_late, tags=both)
        found = {tuple(row.values()) for row in warehouse.read(kept).to_pylist()}
    assert {(again, "2015-04", "are_fine"), (first, "2015-03", "are_late")} <= found
    assert elsewhere not in {run_id for run_id, _, _ in found} and len(found) == 5
