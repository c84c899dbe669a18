"""Comparables of many homes, against the same choice and lines with scikit-learn's brute force."""

from functools import partial
from unittest.mock import patch

import pandas as pd

from benchmarks.brute_force import BruteTree
from benchmarks.row import Row, Turns, scaled, timed
from benchmarks.simulated import COUNTY, MONTH, features, homes, sold_before

COUNT, AT_ONCE, SALES, FEW, SOME = 100_000, 10_000, 30_000, 30, 1_000
ASKED = 20
# Of equally distant sales at the edge of a search either may be found.
LEAST_ALIKE = 0.999
KEY = ["property_id", "comp_property_id"]


def measure(
    turns: int, at_once: int = AT_ONCE, sales: int = SALES, few: int = FEW, some: int = SOME
) -> list[Row]:
    """Each turn is of other homes.

    Raises:
        RuntimeError: other comparables were found.
    """
    from realestate_assets.domain.comparables.comparables import EarlierSales
    from realestate_assets.domain.valuation import sale_points
    from realestate_assets.domain.valuation.history import earlier_sales
    from realestate_assets.domain.valuation.params import load_params

    params, history = load_params(), earlier_sales(sold_before(sales, 12), MONTH)
    subjects = features(homes(at_once * turns))
    ready = EarlierSales.of(history, True, MONTH, params)
    plain = EarlierSales.of(history, True, MONTH, params)

    def by_tree(own: pd.DataFrame) -> pd.DataFrame:
        return ready.comparables(own, params)

    def by_force(own: pd.DataFrame) -> pd.DataFrame:
        # What is found by is made at first use and kept: that of all classes in the warm-up.
        with patch.object(sale_points, "tree_of", BruteTree):
            return plain.comparables(own, params)

    def one_by_one(own: pd.DataFrame) -> pd.DataFrame:
        return pd.concat([by_force(own.iloc[at : at + 1]) for at in range(len(own))], ignore_index=True)

    by_tree(subjects.head(some)), by_force(subjects.head(some))
    mine: list[float] = []
    alone: list[float] = []
    forced: list[float] = []
    for turn in range(turns):
        own = subjects.iloc[turn * at_once : (turn + 1) * at_once]
        found = timed(partial(by_tree, own), mine)
        loop = timed(partial(one_by_one, own.head(few)), alone)
        force = timed(partial(by_force, own.head(some)), forced)
        alike = [_alike(found, other) for other in (loop, force)]
        if min(alike) < LEAST_ALIKE:
            raise RuntimeError(f"other comparables were found: {min(alike):.2%} alike")
    whole = [seconds * COUNT / at_once for seconds in mine]
    note = (
        f"{at_once:,} homes a turn, other ones each, scaled; {len(history):,} simulated sales of 12 months, "
        "ready before; {few:,} homes by the alternative, scaled; {alike:.2%} the same comparables"
    )
    against = "NearestNeighbors(algorithm='brute') in place of the tree, all else the same"
    return [
        Row(
            "comparables",
            f"up to 8 comparables with their lines, simulated ({COUNTY})",
            f"{against}, home by home",
            asked=ASKED,
            unit=f"{COUNT:,} homes",
            note=note.format(few=few, alike=alike[0]),
            **scaled(Turns(whole, alone), COUNT / few).seconds,
        ),
        Row(
            "comparables, at once",
            "the same",
            f"{against}, all homes at once",
            unit=f"{COUNT:,} homes",
            note=note.format(few=some, alike=alike[1]),
            **scaled(Turns(whole, forced), COUNT / some).seconds,
        ),
    ]


def _alike(found: pd.DataFrame, other: pd.DataFrame) -> float:
    """Share of the alternative's comparables that the product found for these homes, at the same price."""
    pair = other.merge(found, on=KEY, suffixes=("_other", ""))
    same = (pair["adjusted_price_usd"] - pair["adjusted_price_usd_other"]).abs() < 0.01
    return float(same.sum()) / len(other)
