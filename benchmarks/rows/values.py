"""Market values with their interval, against LightGBM's bare prediction by the same trees."""

import resource

import numpy as np

from benchmarks.row import Row, Turns, scaled, timed
from benchmarks.simulated import COUNTY, MONTH, features, homes, model_of, sold_before

COUNT, AT_ONCE, SALES = 1_000_000, 100_000, 5_000
NOTE = "{at_once:,} homes a turn, scaled; model of {sales:,} simulated sales; LightGBM on all cores"


def measure(turns: int, at_once: int = AT_ONCE, sales: int = SALES) -> list[Row]:
    """The values of a county's month, as often as there are turns."""
    sold = sold_before(sales)
    model, rows = model_of(sold), features(homes(at_once))
    ensemble = model.ensemble
    inputs = model.inputs(rows)
    estimate, (_, local) = ensemble.estimate(inputs), ensemble.local_inputs(inputs)
    texts = ensemble.direct_text, ensemble.local_text, model.spread_text
    matrices = inputs.matrix, local, estimate.spread_matrix
    del inputs

    def bare() -> list[np.ndarray]:
        import lightgbm as lgb

        return [
            np.asarray(lgb.Booster(model_str=text).predict(matrix))
            for text, matrix in zip(texts, matrices, strict=True)
        ]

    model.predict(rows.head(1_000)), bare()
    mine: list[float] = []
    theirs: list[float] = []
    for _ in range(turns):
        values = timed(lambda: model.predict(rows), mine)
        _, told, _ = timed(bare, theirs)
    if values.isna().any(axis=None) or len(told) != len(values):
        raise RuntimeError("a home has no value")
    found = scaled(Turns(mine, theirs), COUNT / at_once).seconds
    found["product_s"] *= COUNT / at_once
    return [
        Row(
            "values",
            f"market value with interval and spread, simulated ({COUNTY}, {MONTH})",
            "Booster.predict of the same three boosters over the same matrices",
            **found,
            asked=2,
            way="at most",
            unit=f"{COUNT:,} homes",
            peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            note=NOTE.format(at_once=at_once, sales=len(sold)),
        )
    ]
