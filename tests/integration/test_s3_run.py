"""The same run with the lake on a real S3 server: same keys, same counts, same scores as with a folder."""

from pathlib import Path

import pytest
from pyarrow import fs

from resources.store import StoreResource
from resources.warehouse import WarehouseResource
from tests.integration.cli import environment, run

pytestmark = [pytest.mark.integration, pytest.mark.end_to_end]

# Sales enough in the first month for a pooled model of the second, so that there are memos to compare.
SMALL = {"SAMPLE_ROWS_PER_MONTH": "200", "MEMO_LIMIT_PER_PARTITION": "1"}
ARGS = ["run", "--months", "2024-01:2024-02", "--json"]
COMPARED = ("received", "accepted", "duplicates", "rejected", "rejects_by_reason", "valuation", "memos")


def scores(home: Path) -> list[dict]:
    sql = "select * from raw.scores order by county, month, property_id"
    return WarehouseResource(embedded_root=str(home / "postgres")).read(sql).to_pylist()


def test_a_lake_on_s3_holds_the_same_keys_and_gives_the_same_counts(new_home, s3_server):
    local, remote = new_home(), new_home()
    here = run(ARGS, environment(local, **SMALL))
    url = f"s3://{s3_server.create_bucket()}/estate"
    there = run(
        ARGS,
        environment(
            remote, **SMALL, **s3_server.environment, LAKE_URL=url, S3_ENDPOINT_URL=s3_server.endpoint_url
        ),
    )
    assert {name: there[name] for name in COMPARED} == {name: here[name] for name in COMPARED}
    assert scores(remote) == scores(local)
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
