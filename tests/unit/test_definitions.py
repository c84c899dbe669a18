"""The code location as a whole: what every asset has, and how few runs a backfill can need."""

import subprocess
import sys

import dagster as dg

from realestate_assets.definitions import build_defs, defs
from realestate_assets.domain.tables import TABLES
from realestate_assets.groups import GROUPS
from realestate_assets.partitions import BACKFILL, COUNTY_MONTH

UNPARTITIONED = {"dbt_docs", "tuning_study"}
FIXED_NAMES = {"properties", "enrichments", "features", "scores", "embeddings", "memos"}


def nodes() -> list:
    graph = defs.resolve_asset_graph()
    return [graph.get(key) for key in sorted(graph.materializable_asset_keys)]


def test_the_code_location_is_loadable():
    dg.Definitions.validate_loadable(defs)


def test_the_fixed_asset_names_are_there_and_keys_are_flat():
    names = {node.key.path[-1] for node in nodes()}
    assert names >= FIXED_NAMES | set(TABLES)
    assert all(len(node.key.path) == 1 for node in nodes())


def test_every_asset_says_what_it_is_and_whose():
    lacking = [
        node.key.path[-1]
        for node in nodes()
        if not (node.description and node.owners and node.kinds and node.group_name in GROUPS)
    ]
    assert lacking == []


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


def test_importing_the_code_location_opens_no_connection(tmp_path):
    """A refused port as database: import must not notice."""
    code = "import realestate_assets.definitions as d; d.defs.resolve_asset_graph()"
    env = {
        "PATH": "/usr/bin:/bin",
        "REALESTATE_HOME": str(tmp_path),
        "DATABASE_URL": "postgresql://nobody:no-pass@127.0.0.1:1/none",
        "LAKE_URL": "s3://no-such-bucket",
        "S3_ENDPOINT_URL": "http://127.0.0.1:1",
        "QDRANT_URL": "http://127.0.0.1:1",
    }
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
