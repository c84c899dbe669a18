"""A month's value model, against the same fits by plain LightGBM, one after the other."""

import numpy as np

from benchmarks.row import Row, in_turns
from benchmarks.simulated import COUNTY, MONTH, model_of, sold_before

SALES = 5_000
# LightGBM's own threads wait for each other at every split: on a machine with other work they took 17 times
# as long as the product (1,500 sales, load 5, 2026-11-29), which says more of that work than of the product.
NOTE = "the product makes features and intervals too, two fits at once; a warm-up each"
ASKED = 2.5


def measure(turns: int, sales: int = SALES) -> list[Row]:
    """Three folds and all rows, two learners and the one of the spread."""
    import lightgbm as lgb

    from realestate_assets.domain.valuation.ensemble import (
        Ensemble,
        local_names,
        spread_names,
        training_inputs,
    )
    from realestate_assets.domain.valuation.learning import folds_of
    from realestate_assets.domain.valuation.params import load_params
    from realestate_assets.domain.valuation.train import train, training_sales

    params = load_params()
    sold = training_sales(sold_before(sales), MONTH, True)
    model = model_of(sold)
    inputs = training_inputs(sold, model.features, params)
    spread = model.ensemble.estimate(inputs).spread_matrix
    _, local = model.ensemble.local_inputs(inputs)
    target = np.log(sold["sale_price_usd"].to_numpy(float))
    folds = folds_of(sold, params.training.folds)
    names = model.features.names, local_names(model.features), spread_names(model.features)
    learners = params.learner, params.local_learner, params.spread_learner

    def plain() -> int:
        """As a script does: a data set a fit, one fit after the other, the held out rows predicted."""
        trees = 0
        for fold in (*np.unique(folds), None):
            rows = folds != fold if fold is not None else np.ones(len(folds), dtype=bool)
            for matrix, columns, learner in zip((inputs.matrix, local, spread), names, learners, strict=True):
                data = lgb.Dataset(
                    matrix[rows],
                    target[rows],
                    feature_name=columns,
                    categorical_feature=model.features.categorical,
                    params={"verbosity": -1},
                )
                booster = lgb.train(learner.booster_params(), data, num_boost_round=learner.rounds)
                if fold is not None:
                    booster.predict(matrix[~rows])
                trees += booster.num_trees()
        return trees

    found = in_turns(lambda: train(sold, "county", params), plain, turns)
    expected = (params.training.folds + 1) * sum(learner.rounds for learner in learners)
    if found.results[1] > expected or not isinstance(found.results[0].ensemble, Ensemble):
        raise RuntimeError("the two did not train the same")
    return [
        Row(
            "training",
            f"a value model of a month: {params.training.folds} folds and all, two learners and the "
            f"spread's, simulated ({COUNTY})",
            "lightgbm.train of the same fits in a loop, a new Dataset and one thread each, features ready",
            asked=ASKED,
            unit=f"{len(sold):,} sales",
            note=NOTE,
            **found.seconds,
        )
    ]
