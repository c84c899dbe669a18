"""Tuning: what a set of parameters is worth on rolling months, and what may be tried.

A month is valued by a model of the sales before it, as the product does it, and no month is both tried on and
judged by: choose months before those a model is accepted on.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
import yaml
from pydantic import Field, model_validator
from threadpoolctl import threadpool_limits

from realestate_assets.domain.core.config_file import CONFIG_DIR, read_settings
from realestate_assets.domain.core.strict_model import StrictModel
from realestate_assets.domain.sales.validity import VALID
from realestate_assets.domain.valuation.ensemble import Ensemble, Inputs, training_inputs
from realestate_assets.domain.valuation.features import FeatureSet
from realestate_assets.domain.valuation.neighbourhood import Anchors, anchors_of
from realestate_assets.domain.valuation.params import ValuationParams
from realestate_assets.domain.valuation.ratio_study import ratio_study
from realestate_assets.domain.valuation.time_index import TimeIndex, fit_time_index
from realestate_assets.domain.valuation.train import training_sales
from resources.errors import PermanentError

TUNING_FILE = CONFIG_DIR / "tuning.yaml"
# Parts that shape the time index, the neighbourhood or the folds are prepared once a study.
TUNED = ("learner", "local_learner", "ensemble", "hedonic")


class Range(StrictModel):
    """Where a parameter is looked for."""

    low: float
    high: float
    log: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> "Range":
        if self.low >= self.high or (self.log and self.low <= 0):
            raise ValueError("low < high is needed, and above 0 where the logarithm is drawn")
        return self


class Tuning(StrictModel):
    """The whole of tuning.yaml."""

    trials: int = Field(ge=1)
    timeout_seconds: float = Field(gt=0)
    seed: int = Field(ge=0)
    startup_trials: int = Field(ge=1)
    space: dict[str, Range] = Field(min_length=1)

    @model_validator(mode="after")
    def _known(self) -> "Tuning":
        if strange := [name for name in self.space if name.split(".")[0] not in TUNED]:
            raise ValueError(f"{strange} cannot be tuned: only {', '.join(TUNED)} can")
        return self


def load_tuning() -> Tuning:
    """The settings of config/tuning.yaml.

    Raises:
        PermanentError: the file is not valid; names the setting.
    """
    return read_settings(TUNING_FILE, Tuning)


def parameter(params: ValuationParams, path: str) -> Any:
    """A parameter by its path, such as learner.rounds.

    Raises:
        PermanentError: there is none of that path.
    """
    try:
        return reduce(getattr, path.split("."), params)
    except AttributeError as error:
        raise PermanentError(f"params.yaml has no parameter {path}.", field=f"space.{path}") from error


def with_values(params: ValuationParams, values: Mapping[str, float]) -> ValuationParams:
    """The parameters with some values replaced, validated."""
    content = params.model_dump()
    for path, value in values.items():
        part, name = path.split(".")
        content[part][name] = value
    return ValuationParams.model_validate(content)


def as_yaml(values: Mapping[str, float]) -> str:
    """Values by path as YAML text, to be put into params.yaml by hand; four digits are enough."""
    parts: dict[str, dict[str, float]] = {}
    for path, value in values.items():
        part, name = path.split(".")
        parts.setdefault(part, {})[name] = float(f"{value:.4g}") if isinstance(value, float) else value
    return yaml.safe_dump(parts, sort_keys=False)


@dataclass(frozen=True)
class Month:
    """A month's valid sales, and the sales before it: all that does not depend on what is tried."""

    features: FeatureSet
    index: TimeIndex
    training: Inputs
    target: np.ndarray
    subjects: Inputs
    price: np.ndarray


def rolling_months(
    history: pd.DataFrame, months: Sequence[str], simulated: bool, params: ValuationParams
) -> list[Month]:
    """The months with their training sales; of one county.

    Args:
        history: rows of marts.features with TRAINING_COLUMNS, months before the first included.
        months: to be valued.
        simulated: which kind of sales.
        params: for index and neighbourhood.

    Raises:
        PermanentError: a month has no valid sales, or too few before it.
    """
    prepared = []
    for month in months:
        sales = training_sales(history, month, simulated)
        own = history[(history["month"] == month) & (history["is_simulated"] == simulated)]
        own = own[(own["sale_validity"] == VALID) & (own["sale_price_usd"] > 0)]
        own = own[own["living_area_sqft"].notna() & own["latitude"].notna() & own["longitude"].notna()]
        if len(sales) < params.training.min_county_sales or own.empty:
            raise PermanentError(
                f"{month} has {len(own):,} valid sales and {len(sales):,} before it; "
                f"{params.training.min_county_sales} before it are needed.",
                field="months",
                remedy="Choose later months, or run the graph for earlier ones first.",
            )
        prepared.append(_month(sales, own.sort_values("property_id"), params))
    return prepared


def _month(sales: pd.DataFrame, own: pd.DataFrame, params: ValuationParams) -> Month:
    features = FeatureSet.of_sales(sales, "county")
    index = fit_time_index(sales, params.time_index)
    return Month(
        features,
        index,
        training_inputs(sales, features, params),
        np.log(sales["sale_price_usd"].to_numpy(float)) - index.log_level(sales["sale_date"]),
        Inputs.of(own, Anchors.of(anchors_of(sales)), features, params.neighbourhood),
        own["sale_price_usd"].to_numpy(float),
    )


def accuracy_of(
    months: Sequence[Month], params: ValuationParams, on_month: Callable[[int, float], None] | None = None
) -> dict[str, float]:
    """COD (the objective), median ratio and MdAPE of all months' sales together.

    Values are those before the calibration: bias and bands would need out-of-fold values of each trial.

    Args:
        months: of `rolling_months`.
        params: what is tried.
        on_month: called after each month with its number from 0 and the COD so far.
    """
    values, prices = [], []
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(params.training.parallel_fits) as pool:
        for number, value in enumerate(pool.map(lambda month: _values(month, params), months)):
            values.append(value)
            prices.append(months[number].price)
            if on_month:
                on_month(number, ratio_study(np.concatenate(values), np.concatenate(prices))["cod"])
    found = ratio_study(np.concatenate(values), np.concatenate(prices))
    return {name: found[name] for name in ("cod", "median_ratio", "mdape_pct")}


def _values(month: Month, params: ValuationParams) -> np.ndarray:
    rows = np.ones(len(month.target), dtype=bool)
    fitted = Ensemble.fit(month.training, month.target, rows, month.features, params)
    return np.exp(fitted.estimate(month.subjects).log_value + month.index.forward_step)
