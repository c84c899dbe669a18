"""The main job on the bundled sample, as the README says, in a process of its own; on S3 too."""

import hashlib
import os
import signal
from pathlib import Path

import duckdb
import pytest
from pyarrow import fs

from resources.lake.store import StoreResource
from resources.warehouse.resource import WarehouseResource
from tests.integration.command_line import environment, finish, run, start

pytestmark = [pytest.mark.integration, pytest.mark.end_to_end]

# Three small counties: the third month has too few sales of its own for a county model, so that the pooled
# model is used; the first has none at all.
SMALL = {"SAMPLE_ROWS_PER_MONTH": "100", "MEMO_LIMIT_PER_PARTITION": "2"}
ARGS = ["run", "--months", "2024-01:2024-03", "--json"]


def memo_hashes(home: Path) -> dict[str, str]:
    files = sorted((home / "lake" / "memos").rglob("*.*"))
    return {str(f.relative_to(home)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def table(home: Path, sql: str) -> list[dict]:
    return WarehouseResource(embedded_root=str(home / "postgres")).read(sql).to_pylist()


SCORES = "select * from raw.scores order by county, month, property_id"
COUNTS = """
select 'properties' as t, count(*) as n from raw.properties
union all select 'rejects', count(*) from raw.property_rejects
union all select 'facts', count(*) from raw.enrichment_facts
union all select 'features', count(*) from marts.features
union all select 'scores', count(*) from raw.scores
union all select 'comparables', count(*) from raw.comparables
union all select 'memos', count(*) from raw.memos
union all select 'board', count(*) from marts.deal_board
order by 1
"""


@pytest.fixture(scope="module")
def sample(new_home) -> tuple[Path, dict]:
    home = new_home()
    return home, run(ARGS, environment(home, **SMALL))


def test_every_received_row_is_accounted_for(sample):
    _, report = sample
    assert report["received"] == report["accepted"] + report["duplicates"] + report["rejected"] > 0
    assert report["sent"] == report["received"] + report["of_other_months"] + report["undated"]
    # The sample is made for the months of the run.
    assert (report["of_other_months"], report["undated"]) == (0, 0)
    assert sum(report["rejects_by_reason"].values()) == report["rejected"] > 0
    assert report["duplicates"] > 0


def test_each_stage_of_the_graph_made_rows(sample):
    _, report = sample
    rows = {stage["asset"]: stage["rows"] for stage in report["stages"]}
    wanted = (
        "raw_listings",
        "properties",
        "enrichments",
        "features",
        "scores",
        "embeddings",
        "memos",
        "deal_board",
    )
    assert {name for name in wanted if not rows.get(name)} == set()
    assert rows["properties"] == rows["features"] == rows["scores"] == report["accepted"]


def test_no_blocking_check_failed(sample):
    _, report = sample
    assert [c for c in report["failed_checks"] if c["severity"] == "ERROR"] == []


def test_months_without_enough_earlier_sales_have_no_value_and_no_score(sample):
    home, _ = sample
    first = table(home, "select value_status, market_value_p50_usd, bird_dog_score from raw.scores "
                        "where month = '2024-01'")  # fmt: skip
    assert first
    assert {row["value_status"] for row in first} <= {"INSUFFICIENT_SALES", "MISSING_INPUTS"}
    assert {row["bird_dog_score"] for row in first} == {None}


def test_thin_counties_take_the_pooled_model(sample):
    home, _ = sample
    kinds = table(home, "select distinct model_kind from raw.scores where month = '2024-03' "
                        "and model_kind is not null")  # fmt: skip
    assert kinds == [{"model_kind": "pooled"}]


def test_the_sample_is_labelled_simulated_everywhere(sample):
    home, report = sample
    assert all(deal["is_simulated"] for deal in report["best_deals"])
    assert table(home, "select count(*) as n from raw.properties where not is_simulated") == [{"n": 0}]
    used = "select count(*) as n from raw.enrichment_facts where is_used and not simulated"
    assert table(home, used) == [{"n": 0}]
    pages = list((home / "lake" / "memos").rglob("*.html"))
    assert pages
    assert all("simulated" in page.read_text().lower() for page in pages)


def test_the_lake_reads_as_hive_partitioned_parquet(sample):
    home, report = sample
    rows = duckdb.sql(
        f"select county, month, count(*) from read_parquet('{home}/lake/raw_listings/*/*/*.parquet', "
        "hive_partitioning = true, union_by_name = true) group by all"
    ).fetchall()
    assert len(rows) == 9
    assert sum(n for *_, n in rows) == report["received"]


def test_search_finds_properties_in_plain_words(sample):
    home, _ = sample
    env = environment(home)
    found = run(["search", "three bedroom house under 900k", "--county", "clark-nv", "--json"], env)
    assert 0 < len(found["hits"]) <= 10
    assert all(hit["asking_price_usd"] <= 900_000 for hit in found["hits"])


def test_the_same_run_again_stands_and_tells_the_same_until_a_row_is_changed(sample):
    home, first = sample
    env = environment(home, **SMALL)
    again = run(ARGS, env)
    assert again.pop("stands_since")
    assert again == {name: value for name, value in first.items() if name != "stands_since"}
    # One month, one row: what was made of it is made again.
    warehouse = WarehouseResource(embedded_root=str(home / "postgres"))
    spoiled = "where property_id = (select min(property_id) from raw.scores where county = 'cook-il')"
    warehouse.execute(f"update raw.scores set bird_dog_score = 0 {spoiled}")
    mended = run(ARGS, env)
    assert mended["stands_since"] is None
    assert mended["run_ids"] != first["run_ids"]
    assert table(home, f"select count(*) as n from raw.scores {spoiled} and bird_dog_score = 0") == [{"n": 0}]
    assert mended["best_deals"] == first["best_deals"]


def test_a_backup_of_all_of_it_comes_back_equal_in_an_empty_folder(sample, new_home, tmp_path):
    home, _ = sample
    place, restored = str(tmp_path / "backups"), new_home()
    assert run(["backup", place, "--json"], environment(home, **SMALL))["rows"] > 10_000
    verdict = run(["restore", place, "--json"], environment(restored, **SMALL))
    assert verdict["faults"] == []
    assert verdict["files"] > 50
    assert table(restored, SCORES) == table(home, SCORES)
    env = environment(restored, **SMALL)
    assert run(["verify", place, "--installed", "--json"], env)["faults"] == []
    assert run(["search", "three bedroom house", "--county", "clark-nv", "--json"], env)["hits"]


def test_two_more_runs_at_once_leave_the_same_scores_and_byte_equal_memos(sample):
    home, first = sample
    counts, scores, memos = table(home, COUNTS), table(home, SCORES), memo_hashes(home)
    both = [start([*ARGS, "--again"], environment(home, **SMALL)) for _ in range(2)]
    reports = [finish(process) for process in both]
    assert [report["accepted"] for report in reports] == [first["accepted"]] * 2
    assert table(home, SCORES) == scores
    assert memo_hashes(home) == memos
    assert table(home, COUNTS) == counts


def test_a_run_killed_in_the_middle_and_run_again_ends_with_the_same_counts(sample, new_home):
    home, _ = sample
    again = new_home()
    env = environment(again, **SMALL)
    killed = start(ARGS, env)
    # In the middle: some tables are written, others are not.
    for line in killed.stderr:
        if "dbt_transform" in line:
            break
    assert killed.poll() is None, "the run ended before it could be killed"
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    run(ARGS, env)
    assert table(again, COUNTS) == table(home, COUNTS)
    assert table(again, SCORES) == table(home, SCORES)


def test_runs_of_different_counties_at_once_in_an_empty_folder_end_with_the_same_counts(sample, new_home):
    home, _ = sample
    together = new_home()
    both = [
        start(
            ["run", "--county", county, "--months", "2024-01:2024-03", "--json"],
            environment(together, **SMALL),
        )
        for county in ("clark-nv", "cook-il")
    ]
    for process in both:
        finish(process)
    own = "select county, count(*) as n from raw.properties where county <> 'harris-tx' group by 1 order by 1"
    assert table(together, own) == table(home, own)
    for name in ("raw.enrichment_facts", "marts.features", "raw.scores"):
        rows = own.replace("raw.properties", name)
        assert table(together, rows) == table(home, rows)


def test_a_lake_on_s3_holds_the_same_keys_and_gives_the_same_scores(sample, new_home, s3_server):
    local, here = sample
    remote = new_home()
    url = f"s3://{s3_server.create_bucket()}/estate"
    services = s3_server.environment | {"LAKE_URL": url, "S3_ENDPOINT_URL": s3_server.endpoint_url}
    there = run(ARGS, environment(remote, **SMALL, **services))
    compared = (
        "received",
        "accepted",
        "duplicates",
        "rejected",
        "rejects_by_reason",
        "valuation",
        "memos",
    )
    assert {name: there[name] for name in compared} == {name: here[name] for name in compared}
    assert table(remote, COUNTS) == table(local, COUNTS)
    assert table(remote, SCORES) == table(local, SCORES)
    assert not (remote / "lake").exists()

    files = fs.S3FileSystem(
        endpoint_override=s3_server.endpoint_url.removeprefix("http://"), scheme="http", region="us-east-1",
        access_key=s3_server.environment["AWS_ACCESS_KEY_ID"],
        secret_key=s3_server.environment["AWS_SECRET_ACCESS_KEY"],
    )  # fmt: skip
    root = url.removeprefix("s3://")
    found = files.get_file_info(fs.FileSelector(root, recursive=True))
    keys = {info.path.removeprefix(f"{root}/") for info in found if info.is_file}
    assert keys == set(StoreResource(root_url=str(local / "lake")).list_files(""))
    assert any(key.startswith("memos/county=") for key in keys)
