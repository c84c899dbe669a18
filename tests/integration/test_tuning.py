"""The tuning job on a real warehouse: recorded there, stopped by an error, gone on with."""

import dagster as dg
import pytest

from realestate_assets.assets import tuning
from realestate_assets.definitions import defs
from realestate_assets.domain.valuation import tuning as domain
from realestate_assets.jobs import JOBS
from resources.partition import Partition
from tests.unit.assets.frame_io import features_spec
from tests.unit.domain.valuation.sold_homes import quick_params, sold_homes

pytestmark = pytest.mark.integration

SPACE = {"learner.rounds": {"low": 5, "high": 80}, "ensemble.local_weight": {"low": 0.2, "high": 0.8}}
QUICK = domain.Tuning(trials=2, timeout_seconds=600, seed=7, startup_trials=2, space=SPACE)
FEATURES = features_spec()


@pytest.fixture
def stocked(warehouse):
    homes = sold_homes(months=9, per_month=40)
    blank = dict.fromkeys(FEATURES.column_names)
    known = {name: homes[name] for name in homes.dropna(axis=1, how="all") if name in blank}
    rows = homes.assign(**{**blank, "source": "s", "is_list_price_assumed": True, **known})
    warehouse.ensure_tables([FEATURES])
    months = [Partition("king-wa", month) for month in homes["month"].unique()]
    warehouse.replace_partitions(FEATURES, rows[FEATURES.column_names], months)
    return warehouse


def run(warehouse, trials: int) -> dg.ExecuteInProcessResult:
    config = {"county": "king-wa", "months": "2014-12:2015-01", "trials": trials}
    return dg.materialize(
        [tuning.tuning_study, dg.AssetSpec("features")],
        selection=[tuning.tuning_study],
        resources={"warehouse": warehouse},
        run_config={"ops": {"tuning_study": {"config": config}}},
        raise_on_error=False,
    )


def test_a_study_is_recorded_and_goes_on_after_it_was_stopped(stocked, monkeypatch):
    monkeypatch.setattr(tuning, "load_params", quick_params)
    monkeypatch.setattr(tuning, "load_tuning", lambda: QUICK)
    calls = []

    def stopped_in_the_third(months, params):
        calls.append(params)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return domain.accuracy_of(months, params)

    monkeypatch.setattr(tuning, "accuracy_of", stopped_in_the_third)
    assert not run(stocked, trials=4).success
    states = stocked.read("select state::text as state from tuning.trials order by number").to_pylist()
    assert [row["state"] for row in states] == ["COMPLETE", "COMPLETE", "RUNNING"]

    result = run(stocked, trials=4)
    assert result.success
    # Two trials more, and neither the first nor the broken one again.
    assert len(calls) == 5
    (made,) = result.asset_materializations_for_node("tuning_study")
    told = made.metadata
    assert told["finished_trials"].value == 4
    assert told["sales"].value == 80
    assert told["best_cod"].value <= told["shipped_cod"].value
    assert "```yaml\nlearner:\n  rounds:" in told["proposal"].value
    assert told["course"].value.startswith("![COD by trial](data:image/png;base64,")
    states = stocked.read("select state::text as state from tuning.trials order by number").to_pylist()
    assert [row["state"] for row in states] == ["COMPLETE", "COMPLETE", "FAIL", "COMPLETE", "COMPLETE"]


def test_the_study_is_a_job_of_its_own_and_no_part_of_the_pipeline():
    graph = defs.resolve_asset_graph()
    # Housekeeping has no assets.
    chosen = {job.name: job.selection.resolve(graph) for job in JOBS if hasattr(job, "selection")}
    study = dg.AssetKey("tuning_study")
    assert chosen["tuning"] == {study}
    assert study not in chosen["pipeline"]
