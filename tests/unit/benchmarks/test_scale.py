"""The simulation of a backfill and the table of growth, on cases that can be worked out by hand."""

import numpy as np
import pytest

from benchmarks import growth
from benchmarks.scale import LARGEST, Machines, checked, country, makespan

FREE = {"cores": 8, "throughput": 8.0, "services": 0.0}


def test_one_worker_does_one_run_after_the_other():
    assert makespan([[3.0, 2.0], [1.0]], Machines(1, **FREE)) == pytest.approx(6.0)


def test_workers_on_cores_of_their_own_share_the_runs_and_wait_at_the_end_of_a_wave():
    # 3 beside 2 and then 1, the next wave after both.
    assert makespan([[3.0, 2.0, 1.0], [4.0, 1.0]], Machines(2, **FREE)) == pytest.approx(3.0 + 4.0)


def test_workers_on_one_core_gain_nothing():
    one = {"cores": 1, "throughput": 1.0, "services": 0.0}
    assert makespan([[1.0] * 6], Machines(3, **one)) == pytest.approx(6.0)


def test_services_take_their_share_of_the_cores():
    shared = Machines(2, cores=2, throughput=2.0, services=1.0)
    # Two runs with as much of services need four cores, and there are two.
    assert shared.rate(2) == pytest.approx(0.5)
    assert shared.rate(1) == pytest.approx(1.0)


def test_more_workers_are_never_slower_and_never_quicker_than_their_number():
    runs = list(np.random.default_rng(3).uniform(1, 9, 60))
    times = [makespan([runs], Machines(workers, **FREE)) for workers in (1, 2, 4, 8)]
    assert times == sorted(times, reverse=True)
    assert all(times[0] / took <= workers for took, workers in zip(times, (1, 2, 4, 8), strict=True))


def test_a_country_has_its_homes_and_no_county_above_the_largest():
    sizes = country(150_000_000)
    assert sizes.sum() == pytest.approx(150_000_000, rel=1e-3)
    assert sizes.max() <= LARGEST
    assert (country(150_000_000) == sizes).all()


def test_a_trial_is_held_against_what_one_worker_took():
    trials = [
        {"workers": 1, "seconds": 100.0, "runs": 4, "busy_cores": 1.0},
        {"workers": 2, "seconds": 40.0, "runs": 4, "busy_cores": 2.0},
    ]
    told = checked(trials, Machines(1, cores=2, throughput=2.0, services=0.0), runs_a_wave=4)
    assert [row["simulated"] for row in told] == pytest.approx([100.0, 50.0])
    assert told[1]["error_pct"] == pytest.approx(25.0)


def test_trials_that_do_not_begin_with_one_worker_are_refused():
    trials = [{"workers": 2, "seconds": 1.0, "runs": 2}]
    with pytest.raises(ValueError, match="one worker"):
        checked(trials, Machines(1, **FREE), runs_a_wave=2)


def test_the_table_of_growth_tells_the_exponent_and_counts_all_checks_together():
    def steps(factor: float) -> dict:
        return {
            "scores": {"wall": factor, "cpu": factor, "mb": 10.0, "makes": True},
            "scores_spread_out": {"wall": 1.0, "cpu": 1.0, "mb": 5.0, "makes": False},
            "scores_add_up": {"wall": 1.0, "cpu": 1.0, "mb": 7.0, "makes": False},
        }

    trials = [{"rows": 1000, "steps": steps(1.0)}, {"rows": 10_000, "steps": steps(100.0)}]
    lines = growth.table(trials).splitlines()
    assert "| scores | 1.0 | 100.0 | 10,000 | 2.00 | 10 | 10 |" in lines
    assert "| all checks | 2.0 | 2.0 | 200 | 0.00 | 7 | 7 |" in lines
