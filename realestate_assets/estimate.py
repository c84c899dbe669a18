"""How long a run has left, from what the steps of the last run took: they differ a thousandfold in length."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import dagster as dg

# Before this much of the last run's time is done, its pace says nothing about this one's.
MIN_SHARE = 0.02


@dataclass
class Estimate:
    """What is left of a run, told by an earlier run of the same steps.

    Attributes:
        earlier: seconds of each step in the earlier run; empty where there was none.
        done: steps of this run that have ended.
    """

    earlier: Mapping[str, float]
    done: set[str] = field(default_factory=set)

    def left(self, elapsed: float) -> float | None:
        """Seconds left after `elapsed` seconds, at this run's pace; None where nothing can be said yet."""
        whole = sum(self.earlier.values())
        behind = sum(seconds for step, seconds in self.earlier.items() if step in self.done)
        if not whole or behind / whole < MIN_SHARE:
            return None
        return (whole - behind) * elapsed / behind

    def words(self, elapsed: float) -> str:
        """What is left in words; empty where nothing can be said yet."""
        left = self.left(elapsed)
        if left is None:
            return ""
        return (
            f"about {left / 60:.0f} min left"
            if left >= 90
            else f"about {max(round(left, -1), 10):.0f} s left"
        )


def earlier_steps(instance: dg.DagsterInstance, job_name: str) -> dict[str, float]:
    """Seconds of each step in the last run of the job that succeeded; none where there is no such run."""
    wanted = dg.RunsFilter(job_name=job_name, statuses=[dg.DagsterRunStatus.SUCCESS])
    for run in instance.get_runs(wanted, limit=1):
        stats = instance.get_run_step_stats(run.run_id)
        return {s.step_key: s.end_time - s.start_time for s in stats if s.start_time and s.end_time}
    return {}
