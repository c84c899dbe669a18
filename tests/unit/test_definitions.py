"""The code location as a whole: what every asset has, and how few runs a backfill can need."""

import importlib.util
from pathlib import Path

import dagster as dg

from realestate_assets.dbt.project import dbt_manifest
from realestate_assets.definitions import build_defs, defs
from realestate_assets.domain.tables import TABLES
from realestate_assets.groups import GROUPS
from realestate_assets.partitions import BACKFILL, COUNTY_MONTH

UNPARTITIONED = {"dbt_docs", "tuning_study"}
FIXED_NAMES = {"properties", "enrichments", "features", "scores", "embeddings", "memos"}


def nodes() -> list:
    graph = defs.resolve_asset_graph()
    return [graph.get(key) for key in sorted(graph.materializable_asset_keys)]


def metadata_by_key() -> dict:
    return {key: m for asset in defs.assets for key, m in asset.metadata_by_key.items()}


def test_the_code_location_is_loadable():
    dg.Definitions.validate_loadable(defs)


def test_no_installed_package_makes_each_start_build_a_grammar_of_iris():
    """jsonschema imports it where it is there, and dbt imports jsonschema (see findings/)."""
    assert importlib.util.find_spec("rfc3987_syntax") is None


def test_the_fixed_asset_names_are_there_and_keys_are_flat():
    names = {node.key.path[-1] for node in nodes()}
    assert names >= FIXED_NAMES | set(TABLES)
    assert all(len(node.key.path) == 1 for node in nodes())


def test_every_asset_says_what_it_is_whose_and_for_whom():
    lacking = [
        node.key.path[-1]
        for node in nodes()
        if not (node.owners and node.kinds and node.group_name in GROUPS and node.tags.get("reader"))
    ]
    assert lacking == []
    # What people enter is shown, and no run makes it.
    entered = {key for definition in GROUPS["people"] for key in definition.keys}
    assert {node.key for node in nodes()} == defs.resolve_asset_graph().get_all_asset_keys() - entered


def test_every_description_tells_grain_key_source_and_caveat():
    """The grain is the first line, which the catalog shows as it stands; dbt models have their own words."""
    python = ["\n- **Key:**", "\n- **Source:**", "\n- **Caveat:**"]
    dbt = ["**Nuance**:", "**Primary key**:", "**Source**:"]
    lacking = {
        node.key.path[-1]: missing
        for node in nodes()
        if (
            missing := [
                m
                for m in (dbt if node.key.path[-1] != "dbt_docs" and "dbt" in node.kinds else python)
                if m not in (node.description or "")
            ]
        )
    }
    assert lacking == {}
    assert [node.key.path[-1] for node in nodes() if not node.description[0].isalnum()] == []


def test_the_key_an_asset_tells_is_the_key_of_its_table():
    for node in nodes():
        if spec := TABLES.get(node.key.path[-1]):
            told = " ".join(node.description.split("**Key:** ")[1].split("**Source:**")[0].split())
            assert told.rstrip(". -").split(", ") == list(spec.key), spec.name


def test_assets_that_hold_owners_are_tagged_so():
    named = {"owner_name", "owner_mailing_address"}
    holding = {name for name, spec in TABLES.items() if named & set(spec.column_names)}
    models = (n for n in dbt_manifest()["nodes"].values() if n["resource_type"] == "model")
    holding |= {model["name"] for model in models if named & model["columns"].keys()}
    tagged = {node.key.path[-1] for node in nodes() if node.tags.get("personal_data") == "owners"}
    assert holding and holding <= tagged


def test_every_asset_links_to_its_code():
    references = {key: m.get("dagster/code_references") for key, m in metadata_by_key().items()}
    assert [key for key, found in references.items() if not found] == []
    for found in references.values():
        for source in found.code_references:
            assert Path(source.file_path).is_file()
            # Its own code, not that of a decorator.
            assert Path(source.file_path).parent.name == "assets" or source.file_path.endswith(".sql")


def test_every_dbt_model_shows_its_columns_before_it_is_ever_made():
    shown = metadata_by_key()
    for name in ("features", "deal_board", "stg_raw__scores"):
        columns = shown[dg.AssetKey(name)]["dagster/column_schema"].columns
        assert columns and all(column.description and column.type for column in columns)


def test_every_job_schedule_sensor_and_check_is_described():
    named = [*defs.jobs, *(defs.schedules or []), *(defs.sensors or [])]
    assert [each.name for each in named if not each.description] == []
    graph = defs.resolve_asset_graph()
    specs = [graph.get_check_spec(key) for key in graph.asset_check_keys]
    assert specs and [spec.name for spec in specs if not spec.description] == []


def test_all_partitioned_assets_share_one_definition_and_one_backfill_policy():
    """One chain, one policy: otherwise a backfill splits into a run per partition."""
    odd = [
        node.key.path[-1]
        for node in nodes()
        if node.key.path[-1] not in UNPARTITIONED
        and (node.partitions_def != COUNTY_MONTH or node.backfill_policy != BACKFILL)
    ]
    assert odd == []


def test_the_chain_changes_its_partition_mapping_at_most_three_times():
    """Each change from one mapping to another starts a new run of a backfill; four runs are the limit."""
    graph = defs.resolve_asset_graph()
    depth: dict[dg.AssetKey, int] = {}
    for key in graph.toposorted_asset_keys:
        node = graph.get(key)
        depth[key] = max(
            (
                depth[parent]
                + (not isinstance(node.partition_mappings.get(parent), dg.IdentityPartitionMapping | None))
                for parent in node.parent_keys
            ),
            default=0,
        )
    assert max(value for key, value in depth.items() if key.path[-1] not in UNPARTITIONED) <= 3


def test_every_table_has_a_blocking_schema_check():
    graph = defs.resolve_asset_graph()
    blocking = {
        key.asset_key.path[-1]
        for key in graph.asset_check_keys
        if key.name == "matches_its_table_spec" and graph.get_check_spec(key).blocking
    }
    assert blocking == set(TABLES)


def test_every_job_resolves():
    for job in defs.jobs:
        assert defs.resolve_job_def(job.name)


def test_a_resource_can_be_replaced():
    assert build_defs(resource_overrides={"lake": "another"}).resources["lake"] == "another"
