"""What a contribution is attributed to: columns of the learners gathered into causes a reader knows.

Several columns say one thing (ZIP and coordinates are the location; six figures of the sales around are what
nearby homes sold for), and one attribute enters as itself, its log and its square.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from realestate_assets.domain.core import formats
from realestate_assets.domain.counties.extra_features import PREFIX
from realestate_assets.domain.valuation.extra_columns import with_extras
from realestate_assets.domain.valuation.features import NUMERIC_FEATURES, FeatureSet
from realestate_assets.domain.valuation.neighbourhood import NEIGHBOURHOOD_FEATURES

Text = Callable[[Any], str | None]
# The hedonic's prediction as the local learner's trees see it: what they correct of it, by price class.
LINEAR_ESTIMATE = "hedonic"


def _per_sqft(value: float | None) -> str | None:
    text = formats.usd(value)
    return text and f"{text} per sq ft"


def _year(value: float | None) -> str | None:
    year = formats.known(value)
    return None if year is None else str(int(year))


def _of_five(value: float | None) -> str | None:
    return f"{formats.compact(value)} of 5"


@dataclass(frozen=True)
class Cause:
    """A cause, the columns it gathers beside the one of its name, and how its value is written."""

    name: str
    text: Text
    others: tuple[str, ...] = ()
    # The column that shows its value, where it is not the one of its name.
    shown_by: str | None = None

    @property
    def value_column(self) -> str:
        """Column of the features that is written."""
        return self.shown_by or self.name


NAMED = (
    Cause("location", str, ("latitude", "longitude", "zip", "county", "place"), shown_by="place"),
    Cause(
        "nearby_sales",
        _per_sqft,
        (
            "nearby_price_per_sqft_usd",
            "nearby_median_price_usd",
            "nearby_mean_distance_mi",
            *NEIGHBOURHOOD_FEATURES,
        ),
        shown_by="nearby_price_per_sqft_usd",
    ),
    Cause("price_class", formats.usd, (LINEAR_ESTIMATE,), shown_by=LINEAR_ESTIMATE),
    Cause("property_type", str, ("is_single_family", "is_condo", "is_townhouse")),
    Cause("year_built", _year, ("years_since_built_to_5",)),
    Cause("living_area_sqft", formats.sqft),
    Cause("lot_area_sqft", formats.sqft),
    Cause("nearby_living_area_sqft", formats.sqft),
    Cause("nearby_lot_area_sqft", formats.sqft),
    Cause("basement_share", formats.share),
    Cause("effective_age_years", formats.years),
    Cause("condition_code", _of_five),
    Cause("is_waterfront", formats.yes_no),
    Cause("is_flood_hazard_area", formats.yes_no),
    Cause("zip_median_price_per_sqft_usd", _per_sqft),
    Cause("zip_population", formats.count),
)
_GATHERED = {column: cause.name for cause in NAMED for column in (cause.name, *cause.others)}


def _plain(name: str) -> Cause:
    by_unit: dict[str, Text] = {"_usd": formats.usd, "_pct": formats.percent}
    return Cause(name, next((text for end, text in by_unit.items() if name.endswith(end)), formats.compact))


CAUSES: Mapping[str, Cause] = {
    cause.name: cause
    for cause in (*NAMED, *(_plain(name) for name in NUMERIC_FEATURES if name not in _GATHERED))
}


def causes_with(features: FeatureSet) -> Mapping[str, Cause]:
    """The causes of a model: those of all counties, and each extra feature as one of its own."""
    return {
        **CAUSES,
        **{c.name: Cause(c.name, str if c.is_category else formats.compact) for c in features.extra},
    }


def causes_of(column: str) -> dict[str, float]:
    """Causes of a column of a learner or a term of the hedonic, with the share each gets."""
    if column == "area_by_quality":
        # Two players of one product: Shapley's value halves it.
        return {"living_area_sqft": 0.5, "quality_code": 0.5}
    if column.startswith(PREFIX):
        return {column.partition("=")[0]: 1.0}
    name = column.removeprefix("log_").removesuffix("_squared")
    return {next((_GATHERED[n] for n in (column, name) if n in _GATHERED), name): 1.0}


def cause_values(
    features: pd.DataFrame, linear_estimate_usd: np.ndarray, model_features: FeatureSet
) -> pd.DataFrame:
    """The column that shows each cause's value, for `Cause.text`.

    Args:
        features: rows of marts.features.
        linear_estimate_usd: what the hedonic alone says of each, USD of the valued month.
        model_features: of the model: the column that names the place, and the extra features.
    """
    features = with_extras(features, model_features.extra)
    causes = causes_with(model_features)
    known = [c.value_column for c in causes.values() if c.value_column in features]
    flags = {name: features[f"is_{name}"] for name in ("single_family", "condo", "townhouse")}
    kinds = [flag.to_numpy(dtype=float, na_value=np.nan) == 1.0 for flag in flags.values()]
    unknown = np.logical_and.reduce([flag.isna().to_numpy() for flag in flags.values()])
    names = [name.replace("_", " ") for name in flags]
    kind = np.where(unknown, "", np.select(kinds, names, "other"))
    made = {
        "place": features[model_features.place],
        "property_type": kind,
        LINEAR_ESTIMATE: linear_estimate_usd,
    }
    return features[known].assign(**made)
