"""Value one home by a county's warm model, as the batch does: interval, comparables, what moves the value."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from realestate_assets.domain.comparables.arv import reconcile_arv
from realestate_assets.domain.comparables.model_lines import subject_lines
from realestate_assets.domain.scoring.values import value_rows
from realestate_assets.domain.valuation.ensemble import Inputs
from realestate_assets.domain.valuation.explain import contributions
from realestate_assets.domain.valuation.model import ValueModel
from realestate_assets.domain.valuation.nearby import FIGURES, figures_of
from realestate_assets.domain.valuation.value_bands import with_bands
from realestate_assets.operations.predict.county_model import CountyModel
from realestate_assets.operations.predict.home import Home, feature_row


class MissingInputsError(ValueError):
    """The home lacks what a value cannot do without; `fields` are the ones to give."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        super().__init__(f"A value wants {', '.join(fields)}.")
        self.fields = fields


@dataclass(frozen=True)
class Prediction:
    """A value with all that is said of it; `unknown` are inputs of the model that nothing was said of."""

    value: dict[str, Any]
    comparables: list[dict[str, Any]]
    contributions: list[dict[str, Any]]
    arv: dict[str, Any] | None
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class _Looked:
    """A model, and what it sees of the home, which is wanted more than once."""

    model: ValueModel
    inputs: Inputs

    @property
    def model_id(self) -> str:
        return self.model.model_id

    @property
    def kind(self) -> str:
        return self.model.kind

    def predict(self, features: pd.DataFrame) -> pd.DataFrame:
        return self.model.predict(features, self.inputs)

    def probability_above(self, log_ratio: np.ndarray, log_spread: np.ndarray) -> np.ndarray:
        return self.model.probability_above(log_ratio, log_spread)


def predict(county: CountyModel, home: Home) -> Prediction:
    """The home's market value with its 80 % interval, in dollars of the model's month.

    Args:
        county: the warm model.
        home: what is said of the home; its asking price changes no value.

    Raises:
        MissingInputsError: no living area, or nothing that says where it lies.
    """
    if lacking := missing_inputs(home):
        raise MissingInputsError(lacking)
    promoted, params = county.promoted, county.params
    figures = county.zip_figures.get(str(home.zip or home.place), {})
    row = feature_row(home, promoted.month, figures, promoted.is_simulated)
    nearby = figures_of(row, county.around, params.nearby)
    row = row.assign(**{name: nearby[name].to_numpy() for name in FIGURES})
    inputs = county.model.inputs(row)
    values = with_bands(value_rows(row, _Looked(county.model, inputs)), county.bands)
    p50 = values["market_value_p50_usd"].to_numpy(float)
    reasons = contributions(county.model, row, p50, county.start, inputs)
    subject = row.assign(**subject_lines(county.model, inputs, p50))
    comparables = county.alike.comparables(subject, params)
    by_id = pd.Series(p50, index=values["property_id"])
    arv = _records(reconcile_arv(comparables, by_id, params.comparables))
    names = county.model.features.numeric
    unknown = tuple(name for name, value in zip(names, inputs.matrix[0], strict=False) if np.isnan(value))
    return Prediction(
        _records(values)[0],
        _records(comparables),
        _records(reasons),
        arv[0] if arv else None,
        unknown,
    )


def missing_inputs(home: Home) -> tuple[str, ...]:
    """What a value cannot do without and was not given, as the batch's MISSING_INPUTS."""
    located = home.latitude is not None and home.longitude is not None
    placed = home.zip is not None or home.place is not None
    lacking = () if home.living_area_sqft is not None else ("living_area_sqft",)
    return lacking if located or placed else (*lacking, "latitude", "longitude", "zip")


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain Python; missing as None."""
    columns = {
        str(name): [
            None if is_missing else value
            for value, is_missing in zip(column.tolist(), column.isna().tolist(), strict=True)
        ]
        for name, column in frame.items()
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
