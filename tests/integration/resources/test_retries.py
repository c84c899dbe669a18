"""Only what may pass by itself is tried again."""

import dagster as dg
import pytest

from resources import retries
from resources.errors import PermanentError, TransientError

pytestmark = pytest.mark.integration


class Failing:
    """Fails so often with an error, then works."""

    def __init__(self, error: Exception, times: int) -> None:
        self.error, self.times, self.calls = error, times, 0

    def __call__(self) -> None:
        self.calls += 1
        if self.calls <= self.times:
            raise self.error


@pytest.mark.parametrize(
    ("error", "times", "calls", "success"),
    [
        (TransientError("the database restarts"), 2, 3, True),
        (TransientError("the database is gone"), 9, 1 + retries.MAX_RETRIES, False),
        (PermanentError("a column is missing"), 1, 1, False),
        (ValueError("a fault of ours"), 1, 1, False),
    ],
)
def test_only_what_may_pass_by_itself_is_tried_again(error, times, calls, success):
    failing = Failing(error, times)

    @dg.asset
    @retries.retried
    def fetched(context: dg.AssetExecutionContext) -> None:
        failing()

    result = dg.materialize([fetched], raise_on_error=False)
    assert result.success is success
    assert failing.calls == calls
    if not success:
        [failure] = result.get_step_failure_events()
        assert str(error) in str(failure.step_failure_data.error.to_string())


def test_a_generator_is_tried_again_too():
    failing = Failing(TransientError("busy"), 1)

    @dg.multi_asset(specs=[dg.AssetSpec("made")])
    @retries.retried
    def several(context: dg.AssetExecutionContext):
        failing()
        yield dg.MaterializeResult(asset_key="made")

    assert dg.materialize([several]).success
    assert failing.calls == 2
