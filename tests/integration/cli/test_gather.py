"""What a run came to is told, whatever has gone away since."""

from dataclasses import asdict

import pytest

from realestate_assets.cli.report import COUNTS
from realestate_assets.cli.run import gather
from realestate_assets.operations.in_process import Outcome, StepTime
from resources.lake.store import StoreResource
from resources.partition import Partition
from resources.warehouse.resource import WarehouseResource

pytestmark = pytest.mark.integration


def test_services_that_are_away_after_a_run_leave_its_report_with_nulls_and_warnings(tmp_path, monkeypatch):
    """Neither the bucket nor the database answers: nothing can be read back, and the run was a success."""
    monkeypatch.setattr("resources.lake.s3_clients.S3_ATTEMPTS", 1)
    monkeypatch.setattr("resources.warehouse.warehouse.ATTEMPTS", 1)
    lake = StoreResource(root_url="s3://bucket/lake", s3_endpoint_url="http://127.0.0.1:1")
    warehouse = WarehouseResource(url="postgresql://nobody@127.0.0.1:1/none")
    outcome = Outcome(run_ids=["r1"], steps={"listings": StepTime("listings", 0.0, 1.0, ["raw_listings"])})
    partitions = [Partition("king-wa", "2015-03")]
    report = gather(outcome, warehouse, lake, partitions, partitions, (1.0, 1.0))
    told = asdict(report)
    assert report.success and report.error == "" and told["run_ids"] == ["r1"]
    assert {told[name] for name in (*COUNTS, "memos")} == {None}
    assert len(report.warnings) == 5
    assert all("The run is over, but " in warning for warning in report.warnings)
