"""How accurate the market values are: acceptance table, baselines, ablation and the resale test.

Runs the product's own functions on the public King County sales file, no warehouse needed:

    .venv/bin/python -m benchmarks.valuation --input kc_house_data.csv [--census zips.parquet] [--no-resale]

Each month is valued by a model of the sales before it. Methods and parameters were chosen on 2014-11 to
2015-02.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.king_county import king_features, king_records
from benchmarks.resale import resale_report
from realestate_assets.domain.valuation.ensemble import NOT_LOCAL, fit_trees
from realestate_assets.domain.valuation.features import FeatureSet
from realestate_assets.domain.valuation.hedonic import hedonic_terms
from realestate_assets.domain.valuation.learning import learn
from realestate_assets.domain.valuation.model import ValueModel
from realestate_assets.domain.valuation.params import ValuationParams, load_params
from realestate_assets.domain.valuation.ratio_study import ratio_study
from realestate_assets.domain.valuation.train import calibrated, training_sales

JUDGED = ("2015-03", "2015-04", "2015-05")
VALUES = ("market_value_p10_usd", "market_value_p50_usd", "market_value_p90_usd")
Values = dict[str, list[pd.DataFrame]]


def _with(params: ValuationParams, section: str, **values: Any) -> ValuationParams:
    return params.model_copy(update={section: getattr(params, section).model_copy(update=values)})


def _weighted(model: ValueModel, local: float) -> ValueModel:
    return replace(model, ensemble=replace(model.ensemble, local_weight=local))


def _points(values: np.ndarray) -> pd.DataFrame:
    """A point estimate without an interval."""
    return pd.DataFrame({VALUES[0]: np.nan, VALUES[1]: values, VALUES[2]: np.nan})


def _linear(model: ValueModel, own: pd.DataFrame) -> pd.DataFrame:
    level = model.ensemble.hedonic.predict(hedonic_terms(own), own[model.features.place])
    return _points(np.exp(level + model.index.forward_step))


def _plain_lightgbm(sales: pd.DataFrame, own: pd.DataFrame, params: ValuationParams) -> pd.DataFrame:
    """Squared error on the log price as paid, from attributes and place alone."""
    import lightgbm as lgb

    features = FeatureSet.of_sales(sales, "county")
    features = replace(features, numeric=tuple(n for n in features.numeric if n not in NOT_LOCAL))
    target = np.log(sales["sale_price_usd"].to_numpy(float))
    settings = params.learner.model_copy(update={"huber_alpha": None})
    text = fit_trees(features.matrix(sales), target, features.names, features.categorical, settings)
    return _points(np.exp(lgb.Booster(model_str=text).predict(features.matrix(own), num_threads=1)))


def _without_nearest(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(**dict.fromkeys(NOT_LOCAL, np.nan))


def values_of_month(king: pd.DataFrame, month: str, params: ValuationParams) -> dict[str, pd.DataFrame]:
    """Values of one month's sales by the product, the baselines and each ablation."""
    sales = training_sales(king, month, False)
    own = king[king["month"] == month].reset_index(drop=True)
    learned = learn(sales, "county", params)

    def calibrate_as(**intervals: Any) -> ValueModel:
        return calibrated(sales, "county", learned, _with(params, "intervals", **intervals))

    def trained(frame: pd.DataFrame, changed: ValuationParams) -> ValueModel:
        return calibrated(frame, "county", learn(frame, "county", changed), changed)

    model = calibrate_as()
    no_index = trained(sales, _with(params, "time_index", min_sales=10**9))
    # Nobody within a foot: the neighbourhood is silent.
    alone = trained(_without_nearest(sales), _with(params, "neighbourhood", max_miles=1e-4))
    return {
        "product": model.predict(own),
        "linear hedonic": _linear(model, own),
        "plain LightGBM": _plain_lightgbm(sales, own, params),
        "without time index": no_index.predict(own),
        "without nearest sales": alone.predict(_without_nearest(own)),
        "direct learner alone": _weighted(model, 0.0).predict(own),
        "local learner alone": _weighted(model, 1.0).predict(own),
        "without correction by value": calibrate_as(correction_bands=1).predict(own),
        "intervals without value bands": calibrate_as(bands=1).predict(own),
        "intervals without forward factor": calibrate_as(forward_factor=1.0).predict(own),
        "intervals of one width": calibrate_as(bands=1, forward_factor=1.0, min_spread=10.0).predict(own),
    }


def measures(values: pd.DataFrame, price: np.ndarray) -> dict[str, float]:
    """Ratio study of the middle, coverage of the interval in all and in the worst deciles."""
    found = ratio_study(values[VALUES[1]], price)
    chosen = ("median_ratio", "cod", "prd", "prb", "mdape_pct", "log_r2")
    row = {name: found[name] for name in chosen}
    by_value = np.array_split(np.argsort(values[VALUES[1]].to_numpy(), kind="stable"), 10)
    ratio = values[VALUES[1]].to_numpy() / price
    tenths = [float(np.median(ratio[rows])) for rows in by_value]
    row["value_tenth_ratio_min"], row["value_tenth_ratio_max"] = min(tenths), max(tenths)
    if values[VALUES[0]].notna().all():
        inside = ((values[VALUES[0]] <= price) & (price <= values[VALUES[2]])).to_numpy()
        row["coverage"] = inside.mean()
        for name, by in (("price", price), ("value", values[VALUES[1]].to_numpy())):
            shares = [inside[rows].mean() for rows in np.array_split(np.argsort(by, kind="stable"), 10)]
            row[f"{name}_decile_min"], row[f"{name}_decile_max"] = min(shares), max(shares)
    return row


def acceptance(king: pd.DataFrame, months: tuple[str, ...], say: Callable[[str], None]) -> pd.DataFrame:
    """The table: a row a method, all months together."""
    params, prices = load_params(), []
    collected: dict[str, list[pd.DataFrame]] = {}
    for month in months:
        started = time.perf_counter()
        for name, values in values_of_month(king, month, params).items():
            collected.setdefault(name, []).append(values)
        prices.append(king.loc[king["month"] == month, "sale_price_usd"].to_numpy(float))
        say(f"{month}: {len(prices[-1]):,} sales, {time.perf_counter() - started:.0f} s")
    price = np.concatenate(prices)
    rows = {name: measures(pd.concat(v, ignore_index=True), price) for name, v in collected.items()}
    return pd.DataFrame(rows).T


def _markdown(table: pd.DataFrame) -> str:
    digits = {"cod": 2, "mdape_pct": 2, "coverage": 3}
    lines = ["| " + " | ".join(["", *table.columns]) + " |", "|" + "---|" * (len(table.columns) + 1)]
    for name, row in table.iterrows():
        shown = [
            "" if pd.isna(v) else f"{v:.{digits.get(k, 4 if 'decile' not in k else 3)}f}"
            for k, v in row.items()
        ]
        lines.append("| " + " | ".join([str(name), *shown]) + " |")
    return "\n".join(lines)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--input", type=Path, required=True, help="kc_house_data.csv, as published")
    parser.add_argument("--census", type=Path, help="figures by ZIP as Parquet; without them COD is 0.02 off")
    parser.add_argument("--months", default=",".join(JUDGED), help="months to value, comma separated")
    parser.add_argument(
        "--no-resale", action="store_true", help="leave out the resale test (a model a month)"
    )
    chosen = parser.parse_args()
    started = time.perf_counter()

    def say(text: str) -> None:
        print(f"[{time.perf_counter() - started:5.0f} s] {text}", flush=True)

    king = king_features(king_records(chosen.input, chosen.census))
    say(f"{len(king):,} sales of {king['property_id'].nunique():,} parcels")
    print(_markdown(acceptance(king, tuple(chosen.months.split(",")), say)))
    if not chosen.no_resale:
        print(resale_report(king, load_params(), say))


if __name__ == "__main__":
    main()
