"""Why a home is valued as it is: contributions in dollars from the county's median value to its own.

The values' log points (TreeSHAP of both learners' trees, and the terms of the linear hedonic, joined by the
ensemble's weights) are taken against those of the homes around the median, and turned into dollars by the
logarithmic mean, so that they add up and their order does not matter.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from realestate_assets.domain.core.formats import is_missing
from realestate_assets.domain.valuation.causes import Cause, cause_values, causes_of, causes_with
from realestate_assets.domain.valuation.ensemble import Ensemble, Inputs, local_names
from realestate_assets.domain.valuation.features import NUMERIC_FEATURES
from realestate_assets.domain.valuation.model import ValueModel
from realestate_assets.domain.valuation.tree_shap import tree_shap

BASE, FEATURE, OTHER = "base", "feature", "other"
MOST = 10
COLUMNS = ("property_id", "contribution_rank", "kind", "feature", "feature_value", "contribution_usd")


def median_points(model: ValueModel) -> np.ndarray:
    """Mean log points, a cause each, of the model's homes of median value; the same for all homes.

    Raises:
        ValueError: the model, of an earlier version, has no such homes.
    """
    if not model.median_homes:
        raise ValueError(f"model {model.model_id} has no homes of median value")
    return np.asarray(_log_points(model, model.inputs(_median_homes(model)))[0].mean(axis=0))


def _median_homes(model: ValueModel) -> pd.DataFrame:
    homes = pd.DataFrame(model.median_homes["homes"])
    homes[list(NUMERIC_FEATURES)] = homes[list(NUMERIC_FEATURES)].astype(float)
    return homes


def contributions(
    model: ValueModel,
    features: pd.DataFrame,
    value_usd: np.ndarray,
    start: np.ndarray | None = None,
    inputs: Inputs | None = None,
) -> pd.DataFrame:
    """COLUMNS in long form: for each home the base, its ten largest causes and the rest, to the cent.

    Args:
        model: with the homes of median value; without them (a model of an earlier version) there are none.
        features: rows of marts.features of the homes; the own price in them is not looked at.
        value_usd: their market values P50, as this model gave them.
        start: `median_points` of the model, where they are kept: homes are then explained one by one at a
            twentieth of the time.
        inputs: of the homes, as the model gives them, where they are there; only with `start`.

    Returns:
        MOST + 2 rows a home. Base and contributions add up to the value rounded to cents.
    """
    if not model.median_homes or features.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    if start is None:
        homes = _median_homes(model)
        own = features[list(homes)].astype(homes.dtypes)
        points, linear = _log_points(model, model.inputs(pd.concat([homes, own], ignore_index=True)))
        points = (points - points[: len(homes)].mean(axis=0))[len(homes) :]
        linear = linear[len(homes) :]
    else:
        points, linear = _log_points(model, inputs or model.inputs(features), are_few=True)
        points = points - start
    base = np.exp(model.median_homes["log_median"] + model.index.forward_step)
    values = cause_values(features, np.exp(linear + model.index.forward_step), model.features)
    usd = points * _log_mean(value_usd, base)[:, None]
    causes = causes_with(model.features)
    return _long_form(features["property_id"], values, usd, value_usd, base, causes)


def _log_points(model: ValueModel, inputs: Inputs, are_few: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Log points (rows x causes), and the hedonic's log estimate."""
    level, parts = _parts(model.ensemble, inputs, are_few)
    points = {name: np.zeros(len(level)) for name in causes_with(model.features)}
    for weight, names, shap in parts:
        for position, column in enumerate(names):
            for cause, share in causes_of(column).items():
                points[cause] += weight * share * shap[:, position]
    return np.column_stack(list(points.values())), level


def _parts(
    ensemble: Ensemble, inputs: Inputs, are_few: bool
) -> tuple[np.ndarray, list[tuple[float, list[str], np.ndarray]]]:
    """The hedonic's estimate; weight, column names and log points (rows x columns) of each member."""
    level, matrix = ensemble.local_inputs(inputs)
    terms = ensemble.hedonic.contributions(inputs.terms, inputs.place)
    if are_few:
        direct, local = ensemble.tree_contributions(inputs.matrix, matrix)
    else:
        texts = (ensemble.direct_text, inputs.matrix), (ensemble.local_text, matrix)
        # Small matrices: BLAS's own threads would wait for each other longer than they work.
        with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(len(texts)) as pool:
            (direct, _), (local, _) = pool.map(lambda pair: tree_shap(*pair), texts)
    weight = ensemble.local_weight
    return level, [
        (1.0 - weight, ensemble.features.names, direct),
        (weight, local_names(ensemble.features), local),
        (weight, list(terms), terms.to_numpy()),
    ]


def _log_mean(value: np.ndarray, base: float) -> np.ndarray:
    """(value - base) / (ln value - ln base), the value itself where they are equal.

    Dollars of a log point. Source: B. W. Ang, Decomposition analysis for policymaking in energy: which is the
    preferred method? (Energy Policy 32, 2004): the one decomposition that leaves no rest.
    """
    step = np.log(value / base)
    near = np.abs(step) < 1e-8
    return np.where(near, value, (value - base) / np.where(near, 1.0, step))


def _long_form(
    ids: pd.Series,
    values: pd.DataFrame,
    usd: np.ndarray,
    value_usd: np.ndarray,
    base: float,
    causes: Mapping[str, Cause],
) -> pd.DataFrame:
    order = np.argsort(-np.abs(usd), axis=1, kind="stable")[:, :MOST]
    largest = np.round(np.take_along_axis(usd, order, axis=1), 2)
    start = np.full((len(ids), 1), round(float(base), 2))
    rest = np.round(np.round(value_usd, 2)[:, None] - start - largest.sum(axis=1, keepdims=True), 2)
    amounts = np.column_stack([start, largest, rest])
    features = np.column_stack(
        [np.full(len(ids), BASE), np.array(list(causes))[order], np.full(len(ids), OTHER)]
    )
    kinds = np.array([BASE, *[FEATURE] * order.shape[1], OTHER])
    return pd.DataFrame(
        {
            "property_id": np.repeat(ids.to_numpy(), len(kinds)),
            "contribution_rank": np.tile(np.arange(len(kinds)), len(ids)),
            "kind": np.tile(kinds, len(ids)),
            "feature": features.ravel(),
            "feature_value": _texts(features, values, causes),
            # + 0.0 turns a negative zero into a plain one.
            "contribution_usd": amounts.ravel() + 0.0,
        }
    )


def _texts(features: np.ndarray, values: pd.DataFrame, causes: Mapping[str, Cause]) -> np.ndarray:
    """Each named cause's own value as text; None for base, other and what is unknown."""
    texts = np.full(features.shape, None, dtype=object)
    for name, cause in causes.items():
        row, place = np.nonzero(features == name)
        own = values[cause.value_column].to_numpy(dtype=object)[row]
        texts[row, place] = [None if is_missing(value) else cause.text(value) for value in own]
    return texts.ravel()
