"""What the value model says of a home, line by line: log points whose differences adjust a comparable.

The terms of the model's linear hedonic give each attribute's line. What its trees and the sales around say
beyond them goes with the place: all lines together are the ratio of the model's own values of both homes, so
that no attribute the model uses is left unadjusted. A sale's value is the one out of fold, of a model that
has not seen its price: else the comparable would say only what the model says already.
"""

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from realestate_assets.domain.valuation import out_of_fold
from realestate_assets.domain.valuation.ensemble import Inputs
from realestate_assets.domain.valuation.hedonic import hedonic_terms
from realestate_assets.domain.valuation.model import ValueModel

# Line -> terms of the hedonic, without log_ and _squared. Those of no line are gathered in "other" (stories,
# garage, basement, a county's own facts).
TERMS_OF_LINE = {
    "living_area": ("living_area_sqft",),
    "lot_area": ("lot_area_sqft",),
    "bedrooms": ("bedrooms",),
    "bathrooms": ("bathrooms",),
    # A renovation makes a home younger, not later built: together they are one thing, its age.
    "age": ("effective_age_years", "year_built", "years_since_built_to_5"),
    "quality": ("quality_code",),
    "condition": ("condition_code",),
    "waterfront": ("is_waterfront",),
    "view": ("view_code",),
    "location": ("place", "nearby_living_area_sqft", "nearby_lot_area_sqft"),
}
MODEL_LINES = (*TERMS_OF_LINE, "other")
PREFIX = "log_points_"
# Log of the model's value: of a subject in dollars of the month, of a sale in those of its day.
LOG_VALUE = "model_log_value"
COLUMNS = (*(PREFIX + line for line in MODEL_LINES), LOG_VALUE)
_LINE_OF = {term: line for line, terms in TERMS_OF_LINE.items() for term in terms}


def with_subject_lines(model: ValueModel, subjects: pd.DataFrame) -> pd.DataFrame:
    """Subjects with COLUMNS, unless they have them; the own price is not looked at."""
    if LOG_VALUE in subjects:
        return subjects
    inputs = model.inputs(subjects)
    with threadpool_limits(1, user_api="blas"):
        value = model.predict(subjects, inputs)["market_value_p50_usd"].to_numpy(float)
    return subjects.assign(**subject_lines(model, inputs, value))


def subject_lines(model: ValueModel, inputs: Inputs, value_usd: np.ndarray) -> dict[str, np.ndarray]:
    """COLUMNS of subjects, by their inputs and their values P50."""
    return {**_lines(model, inputs.terms, inputs.place), LOG_VALUE: np.log(value_usd)}


def with_sale_lines(model: ValueModel, sales: pd.DataFrame) -> pd.DataFrame:
    """Sales with COLUMNS; the value is NaN where the model was not trained on the sale."""
    known = out_of_fold.values(model.out_of_fold)[[*out_of_fold.SALE_KEY, "market_value_p50_usd"]]
    keys = sales[out_of_fold.SALE_KEY].astype(str)
    value = keys.merge(known.drop_duplicates(out_of_fold.SALE_KEY), on=out_of_fold.SALE_KEY, how="left")
    logs = np.log(value["market_value_p50_usd"].to_numpy(float))
    terms = hedonic_terms(sales, model.features.extra)
    return sales.assign(**_lines(model, terms, sales[model.features.place]), **{LOG_VALUE: logs})


def _lines(model: ValueModel, terms: pd.DataFrame, place: pd.Series) -> dict[str, np.ndarray]:
    lines = {PREFIX + line: np.zeros(len(terms)) for line in MODEL_LINES}
    for term, points in model.ensemble.hedonic.points(terms, place).items():
        for line, share in _shares(term):
            lines[PREFIX + line] = lines[PREFIX + line] + share * points
    return lines


def _shares(term: str) -> list[tuple[str, float]]:
    """Lines of a term with the share each gets; a product of two is halved (Shapley's value)."""
    if term == "area_by_quality":
        return [("living_area", 0.5), ("quality", 0.5)]
    return [(_LINE_OF.get(term.removeprefix("log_").removesuffix("_squared"), "other"), 1.0)]
