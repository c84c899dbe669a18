"""How long a run has left: by the pace of its steps against those of the last run."""

import dagster as dg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.cli.progress import Estimate, earlier_steps

EARLIER = {"listings": 10.0, "valuation_models": 80.0, "memos": 10.0}


@dg.op
def one():
    pass


@dg.op
def other():
    raise ValueError("broken")


def test_half_the_time_done_at_half_the_pace_leaves_twice_the_rest():
    estimate = Estimate(EARLIER, {"listings", "memos"})
    assert estimate.left(elapsed=40.0) == pytest.approx(160.0)
    assert estimate.words(elapsed=40.0) == "about 3 min left"
    assert estimate.words(elapsed=4.0) == "about 20 s left"


@pytest.mark.parametrize(
    ("earlier", "done"),
    [({}, {"listings"}), (EARLIER, set()), (EARLIER, {"a step of today"}), ({"a": 0.0}, {"a"})],
)
def test_without_a_run_to_compare_with_nothing_is_said(earlier, done):
    assert Estimate(earlier, done).words(elapsed=60.0) == ""


@given(st.sets(st.sampled_from(sorted(EARLIER))), st.floats(0, 1e5))
def test_what_is_left_is_never_negative_and_nothing_at_the_end(done, elapsed):
    left = Estimate(EARLIER, done).left(elapsed)
    assert left is None or left >= 0
    if done == EARLIER.keys():
        assert left == 0


def test_the_last_run_that_succeeded_tells_what_its_steps_took():
    instance = dg.DagsterInstance.ephemeral()
    assert earlier_steps(instance, "job") == {}
    dg.GraphDefinition("job", node_defs=[one]).to_job().execute_in_process(instance=instance)
    broken = dg.GraphDefinition("job", node_defs=[other]).to_job()
    broken.execute_in_process(instance=instance, raise_on_error=False)
    assert earlier_steps(instance, "job").keys() == {"one"}
    assert earlier_steps(instance, "job")["one"] >= 0
