"""The two @dbt_assets in a Dagster run: partitions, row counts, failing tests, failing models."""

import dagster as dg
import pytest

from realestate_assets.assets.transform import dbt_marts, dbt_transform
from realestate_assets.dbt.build import dbt_resource
from realestate_assets.dbt.project import dbt_manifest
from realestate_assets.domain.calendar.ranges import range_tags
from realestate_assets.partitions import BACKFILL
from resources.partition import Partition
from tests.integration.dbt.conftest import KING
from tests.integration.dbt.raw import loaded

pytestmark = [pytest.mark.integration]


@dg.asset(
    deps=["deal_board", "data_quality"],
    partitions_def=dbt_marts.partitions_def,
    backfill_policy=BACKFILL,
)
def downstream() -> None:
    """Stands for whatever reads the marts."""


def materialize(warehouse, definitions, selection, span=(KING[0], KING[-1])):
    return dg.materialize(
        definitions,
        selection=selection,
        resources={"dbt": dbt_resource(), "warehouse": warehouse},
        instance=dg.DagsterInstance.ephemeral(),
        tags=range_tags(span),
        raise_on_error=False,
    )


def model_columns(key):
    return dbt_manifest()["nodes"][f"model.realestate.{key.path[-1]}"]["columns"].keys()


def failure_text(result):
    (event,) = result.filter_events(lambda event: event.event_type_value == "STEP_FAILURE")
    error = event.event_specific_data.error
    while error.cause:
        error = error.cause
    return error.message


def test_a_view_built_alone_leaves_the_views_that_read_it(changed):
    key = dg.AssetKey("stg_raw__properties")
    selection = dg.AssetSelection.assets(key).without_checks()
    result = materialize(changed.warehouse, [dbt_transform], selection)
    assert result.success
    made = {e.partition for e in result.asset_materializations_for_node("dbt_transform")}
    assert made == {partition.key for partition in KING}
    assert (
        changed.warehouse.read("select count(*) as n from intermediate.int_sales__valid")["n"][0].as_py() > 0
    )


def test_a_materialization_of_every_model_tells_where_its_columns_come_from(changed):
    selection = dg.AssetSelection.assets(*dbt_marts.keys).without_checks()
    # A month whose features are those of its properties: the fixture built it last.
    march = Partition("king-wa", "2015-03")
    result = materialize(changed.warehouse, [dbt_marts], selection, (march, march))
    assert result.success
    made = result.asset_materializations_for_node("dbt_marts")
    told = {}
    for key in dbt_marts.keys:
        (found,) = [m.metadata["dagster/column_lineage"].value for m in made if m.asset_key == key]
        deps = found.deps_by_column
        assert deps.keys() == model_columns(key)
        told[key.path[-1]] = {c: {(d.asset_key.path[-1], d.column_name) for d in deps[c]} for c in deps}
    assert told["deal_board"]["bird_dog_score"] == {("stg_raw__scores", "bird_dog_score")}
    assert told["deal_board"]["memo_pdf_path"] == {("memos", "pdf_path")}
    assert ("stg_raw__scores", "discount_to_value_pct") in told["deal_board"]["rank_in_partition"]


def test_a_failing_data_test_is_a_failing_check_and_stops_what_comes_after(changed):
    march = Partition("king-wa", "2015-03")
    with loaded(changed.warehouse, "source_files", [{"month": "2015-03", "rows_received": 50}], [march]):
        result = materialize(
            changed.warehouse,
            [dbt_marts, downstream],
            ["data_quality", "downstream"],
            (march, march),
        )
    assert not result.success
    failed = [e for e in result.get_asset_check_evaluations() if not e.passed]
    assert [e.check_name for e in failed] == ["accepted_duplicates_and_rejected_are_all_that_was_received"]
    assert failed[0].blocking and failed[0].severity == dg.AssetCheckSeverity.ERROR
    (row,) = failed[0].metadata["failing_rows"].value
    assert (row["county"], row["month"], row["metric"]) == ("king-wa", "2015-03", "adds_up")
    assert "| king-wa | 2015-03 | adds_up |" in failed[0].metadata["failing_rows_table"].value
    assert "accepted_duplicates_and_rejected_are_all_that_was_received" in failure_text(result)
    assert not result.asset_materializations_for_node("downstream")
    (made,) = result.asset_materializations_for_node("dbt_marts")
    expected = len(changed.tables["marts.data_quality"].query("county == 'king-wa' and month == '2015-03'"))
    assert made.metadata["dagster/partition_row_count"].value == expected


def test_a_check_can_run_without_its_model(changed):
    check = dg.AssetCheckKey(dg.AssetKey("deal_board"), "a_score_lies_between_0_and_100")
    result = materialize(changed.warehouse, [dbt_marts], dg.AssetSelection.checks(check))
    assert result.success
    assert [e.check_name for e in result.get_asset_check_evaluations()] == [check.name]
    assert not result.get_asset_materialization_events()


def test_a_model_that_cannot_be_built_is_named_with_what_the_database_says(changed):
    changed.warehouse.execute("alter table intermediate.int_zip__market_stats rename to hidden")
    try:
        result = materialize(changed.warehouse, [dbt_transform], "features")
    finally:
        changed.warehouse.execute("alter table intermediate.hidden rename to int_zip__market_stats")
    assert not result.success
    text = failure_text(result)
    assert "features" in text and 'relation "intermediate.int_zip__market_stats" does not exist' in text
