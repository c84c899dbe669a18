"""dbt as Dagster sees it: arguments, partitions, keys, manifest and messages; no database."""

import shutil
from pathlib import Path

import dagster as dg
import pytest
from dagster_dbt import DbtCliResource
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.assets.transform import dbt_marts, dbt_transform
from realestate_assets.dbt import build as dbt_run
from realestate_assets.dbt import project as dbt
from realestate_assets.domain.tables.ops import COUNTIES
from realestate_assets.extent import counties
from realestate_assets.partitions import BACKFILL, COUNTY_MONTH
from realestate_assets.settings import get_settings
from resources.errors import PermanentError, TransientError
from resources.partition import Partition


def test_a_build_leaves_unit_tests_out_and_waits_with_tests_for_their_parents():
    args = dbt.build_args()
    assert args[0] == "build"
    assert args[args.index("--exclude-resource-type") + 1] == "unit_test"
    assert args[args.index("--indirect-selection") + 1] == "buildable"
    # Variables would make dbt parse the whole project again for each new list of partitions.
    assert "--vars" not in args


def test_partitions_are_sorted_and_named_once():
    june = Partition("king-wa", "2014-06")
    assert (
        dbt.partitions_value([june, Partition("cook-il", "2014-05"), june])
        == "cook-il|2014-05,king-wa|2014-06"
    )


def test_no_partition_does_not_mean_all_of_them():
    with pytest.raises(PermanentError, match="without a partition"):
        dbt.partitions_value([])


@given(st.builds(Partition, st.text(), st.text()))
def test_whatever_is_let_through_can_stand_in_sql(partition):
    try:
        value = dbt.partitions_value([partition])
    except PermanentError:
        return
    assert set(value) <= set("abcdefghijklmnopqrstuvwxyz0123456789-|")


@pytest.mark.parametrize(
    "pair", [("king-wa'", "2014-05"), ("king-wa", "2014-13"), ("king-wa", "2014-05\n"), ("", "")]
)
def test_a_key_that_is_no_county_and_month_is_refused(pair):
    with pytest.raises(PermanentError, match="is not a"):
        dbt.partitions_value([Partition(*pair)])


def test_every_configured_partition_is_let_through():
    keys = COUNTY_MONTH.get_partition_keys()
    assert dbt.partitions_value(Partition.parse_all(keys)).split(",") == sorted(keys)


def test_a_connection_becomes_the_variables_of_the_profile():
    variables = dbt.connection_variables({"host": "/run/pg", "port": 5432, "sslmode": "require"})
    assert variables == {"DBT_HOST": "/run/pg", "DBT_PORT": "5432", "DBT_SSLMODE": "require"}
    profile = (dbt.PROJECT_DIR / "profiles.yml").read_text(encoding="utf-8")
    for name in ("HOST", "PORT", "USER", "PASSWORD", "DBNAME", "SSLMODE"):
        assert f"env_var('DBT_{name}'" in profile


def test_the_county_table_has_a_row_for_each_yaml():
    rows = dbt.county_rows(counties().values())
    assert [row["county"] for row in rows] == sorted(counties())
    assert all(list(row) == COUNTIES.column_names for row in rows)


def test_the_two_definitions_share_partitions_and_policy_and_part_at_features():
    for definition in (dbt_transform, dbt_marts):
        assert definition.partitions_def == COUNTY_MONTH
        assert definition.backfill_policy == BACKFILL
    transform, marts = ({key.to_user_string() for key in d.keys} for d in (dbt_transform, dbt_marts))
    assert "features" in transform
    # The staging view of scores goes with the marts: it reads what is made after features.
    named = {"deal_board", "market_trends", "data_quality", "pipeline_throughput", "score_history"}
    assert named | {"field_provenance", "enrichment_costs", "stg_raw__scores"} <= marts
    assert not transform & marts


def test_sources_are_the_assets_that_wrote_them_and_configuration_is_none():
    dependencies = {key.to_user_string() for key in dbt_transform.dependency_keys}
    assert {"properties", "enrichments", "nearby_sales"} <= dependencies
    assert "counties" not in dependencies
    assert not {"provider_calls", "provider_asks"} & {k.to_user_string() for k in dbt_marts.dependency_keys}
    assert {"scores", "memos", "features", "comparables"} <= {
        k.to_user_string() for k in dbt_marts.dependency_keys
    }


def test_every_dbt_asset_has_an_owner_kinds_and_a_description_without_sql():
    for definition in (dbt_transform, dbt_marts):
        for spec in definition.specs:
            assert len(spec.key.path) == 1
            assert spec.owners == ["team:data"]
            assert spec.kinds == {"dbt", "postgres"}
            assert spec.description and "select" not in spec.description.lower().split()


def test_every_data_test_is_an_asset_check_and_blocks_unless_it_only_warns():
    tests = {n["name"]: n for n in dbt.dbt_manifest()["nodes"].values() if n["resource_type"] == "test"}
    checks = {c.name: c for d in (dbt_transform, dbt_marts) for c in d.check_specs}
    assert checks.keys() == tests.keys()
    for name, node in tests.items():
        assert checks[name].blocking == (node["config"]["severity"].lower() == "error")


def test_the_members_of_dagster_dbt_that_are_replaced_are_still_there():
    assert "_cli_version" in vars(DbtCliResource)
    assert "_initialize_dbt_core_adapter" in vars(DbtCliResource)
    assert dbt_run.dbt_resource()._cli_version.major == 1


def test_the_fingerprint_follows_the_project_and_not_what_dbt_leaves_in_it(tmp_path: Path):
    project = tmp_path / "project"
    shutil.copytree(dbt.PROJECT_DIR, project)
    before = dbt.project_fingerprint(project)
    (project / "target").mkdir(exist_ok=True)
    (project / "target" / "manifest.json").write_text("{}")
    assert dbt.project_fingerprint(project) == before
    with (project / "models" / "marts" / "features.sql").open("a") as model:
        model.write("-- changed\n")
    assert dbt.project_fingerprint(project) != before


def test_a_project_that_cannot_be_written_has_its_manifests_with_the_data(monkeypatch):
    assert dbt.manifests_folder().is_relative_to(dbt.PROJECT_DIR)
    monkeypatch.setattr(dbt.os, "access", lambda *_: False)
    assert dbt.manifests_folder() == get_settings().home / "dbt"


def test_a_fitting_manifest_is_not_made_again():
    home = dbt.dbt_project().target_path.parent
    made = (home / dbt.project_fingerprint() / "manifest.json").stat().st_mtime_ns
    assert dbt.prepared_target(home) == dbt.dbt_project().target_path
    assert dbt.dbt_project().manifest_path.stat().st_mtime_ns == made


def test_a_data_folder_that_cannot_be_written_is_a_permanent_error(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(PermanentError, match="REALESTATE_HOME"):
        dbt.prepared_target(tmp_path / "file" / "dbt")


def result(unique_id, status, message=None):
    return {"unique_id": unique_id, "status": status, "message": message}


def test_a_failure_names_the_model_and_what_the_database_said_without_the_password():
    results = {
        "results": [
            result("model.realestate.features", "error", "Database Error\n  gone, password hunter2"),
            result("test.realestate.a_claim.0123abcd", "fail", "Got 3 results"),
            result("model.realestate.deal_board", "skipped"),
        ]
    }
    error = dbt_run._failure(results, "", "hunter2")
    assert isinstance(error, PermanentError)
    assert "features: Database Error gone" in str(error)
    assert "hunter2" not in str(error) and "deal_board" not in str(error)


def test_a_lost_database_is_worth_another_try():
    results = {"results": [result("model.realestate.features", "error", "server closed the connection")]}
    assert isinstance(dbt_run._failure(results, "", ""), TransientError)


def test_a_failure_before_any_model_shows_what_dbt_said():
    text = "long command\n\nErrors parsed from dbt logs:\n\nRuntime Error: no profile"
    assert "Runtime Error: no profile" in str(dbt_run._failure({}, text, ""))
    assert "long command" not in str(dbt_run._failure({}, text, ""))


def test_partition_keys_of_dagster_and_of_dbt_are_the_same_text():
    key = dg.MultiPartitionKey({"county": "king-wa", "month": "2014-05"})
    assert str(key) == dbt.partitions_value([Partition("king-wa", "2014-05")])
