"""A run that has no room does not begin, and says what to do."""

import dagster as dg
import pytest

from realestate_assets.operations import free_space
from realestate_assets.operations.free_space import Estimate, check_room, estimate, note_written
from resources.disk import free_bytes
from resources.errors import PermanentError


def test_a_run_without_room_is_refused_with_what_it_needs_and_what_is_free(tmp_path, monkeypatch):
    monkeypatch.setattr(free_space, "free_bytes", lambda _: 5_000_000_000)
    needed = Estimate(3.4e9, "170.0 MB of input")
    check_room(tmp_path, needed, kept_free_gb=1.5)
    with pytest.raises(PermanentError) as caught:
        check_room(tmp_path, needed, kept_free_gb=2)
    said = str(caught.value)
    assert f"{tmp_path} has 5.0 GB free; this run is thought to write 3.4 GB (170.0 MB of input)" in said
    assert "2.0 GB stay free (MIN_FREE_GB). Nothing was begun." in said
    assert "run fewer months or lower MIN_FREE_GB" in said


def test_a_run_is_thought_to_write_what_the_last_one_wrote_a_partition_or_what_its_input_comes_to(
    tmp_path, monkeypatch
):
    @dg.op
    def nothing():
        """Writes nothing."""

    @dg.job
    def pipeline():
        nothing()

    (tmp_path / "a.csv").write_bytes(b"x" * 1000)
    with dg.DagsterInstance.ephemeral() as instance:
        assert estimate(instance, "pipeline", 12, None).bytes == 0
        done = pipeline.execute_in_process(instance=instance)
        assert estimate(instance, "pipeline", 12, None).bytes == 0, "it noted nothing"
        before = free_bytes(tmp_path)
        monkeypatch.setattr(free_space, "free_bytes", lambda _: before - 6_000_000)
        note_written(instance, [done.run_id], 3, tmp_path, before)
        by_run = estimate(instance, "pipeline", 12, tmp_path / "a.csv")
        assert (by_run.bytes, by_run.why) == (24_000_000, "2.0 MB a partition by the last run")
        pipeline.execute_in_process(instance=instance)
        by_run = estimate(instance, "pipeline", 12, None)
        assert by_run.bytes == 24_000_000, "the newest run, such as one of the UI, noted nothing"
        (tmp_path / "a.csv").write_bytes(b"x" * 9_000_000)
        assert estimate(instance, "pipeline", 12, tmp_path / "a.csv").why == "9.0 MB of input"
