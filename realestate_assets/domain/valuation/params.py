"""The parameters of the valuation: params.yaml as typed, validated values. The reasons stand in the YAML."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from realestate_assets.domain.core.config_file import read_settings
from realestate_assets.domain.core.strict_model import StrictModel

BUILT_IN_FILE = Path(__file__).with_name("params.yaml")


class NearbyParams(StrictModel):
    """How near, alike and recent a sale must be to speak for the price level around a property."""

    count: int = Field(ge=1, le=200)
    max_miles: float = Field(gt=0)
    distance_floor_miles: float = Field(gt=0)
    size_scale_log: float = Field(gt=0)
    quality_scale_grades: float = Field(gt=0)
    recency_scale_months: float = Field(gt=0)


class TrainingParams(StrictModel):
    """How many sales a model needs, and its folds."""

    min_county_sales: int = Field(ge=50)
    min_pooled_sales: int = Field(ge=50)
    folds: int = Field(ge=2, le=20)
    parallel_fits: int = Field(ge=1, le=64)


class IndexParams(StrictModel):
    """Smoothing and forward step of the hedonic time index."""

    smoothing: float = Field(ge=0)
    min_sales: int = Field(ge=20)
    forward_slope_months: int = Field(ge=1, le=24)
    max_forward_step: float = Field(ge=0, le=0.1)


class HedonicParams(StrictModel):
    """Penalties of the linear hedonic."""

    term_penalty: float = Field(ge=0)
    place_penalty: float = Field(ge=0)
    place_slope_penalty: float = Field(ge=0)
    huber: float = Field(gt=0)


class AlikeScales(StrictModel):
    """Kernel widths of homes that are all but the same."""

    living_area_sqft: float = Field(gt=0, description="Log points.")
    lot_area_sqft: float = Field(gt=0, description="Log points.")
    quality_code: float = Field(gt=0)
    year_built: float = Field(gt=0)
    bathrooms: float = Field(gt=0)
    condition_code: float = Field(gt=0)


class NeighbourhoodParams(StrictModel):
    """Which sales speak for the level around a home, beyond what the hedonic says, and how loudly."""

    candidates: int = Field(ge=5, le=500)
    max_miles: float = Field(gt=0)
    max_residual: float = Field(gt=0)
    closest_count: int = Field(ge=1)
    near_count: int = Field(ge=1)
    wider_count: int = Field(ge=1)
    closest_floor_miles: float = Field(gt=0)
    near_floor_miles: float = Field(gt=0)
    wider_floor_miles: float = Field(gt=0)
    loose_size_log: float = Field(gt=0)
    loose_grades: float = Field(gt=0)
    size_log: float = Field(gt=0)
    grades: float = Field(gt=0)
    recency_scale_months: float = Field(gt=0)
    alike_scale_miles: float = Field(gt=0)
    alike_recency_months: float = Field(gt=0)
    alike_trust: float = Field(gt=0)
    alike_scales: AlikeScales
    per_sqft_floor_miles: float = Field(gt=0)
    per_sqft_size_log: float = Field(gt=0)
    per_sqft_grades: float = Field(gt=0)
    per_sqft_recency_months: float = Field(gt=0)


class EnsembleParams(StrictModel):
    """How the two learners are joined."""

    local_weight: float = Field(ge=0, le=1)


class LearnerParams(StrictModel):
    """What LightGBM is told; deterministic settings are added in `booster_params`."""

    rounds: int = Field(ge=1, le=10_000)
    learning_rate: float = Field(gt=0, le=1)
    num_leaves: int = Field(ge=2, le=1024)
    min_data_in_leaf: int = Field(ge=1)
    lambda_l2: float = Field(ge=0)
    feature_fraction: float = Field(gt=0, le=1)
    bagging_fraction: float = Field(gt=0, le=1)
    seed: int = Field(ge=0)
    extra_trees: bool = False
    huber_alpha: float | None = Field(default=None, gt=0, description="None: squared error.")

    def booster_params(self) -> dict[str, Any]:
        """LightGBM's parameters for one thread; the result would be the same on several."""
        values = self.model_dump(exclude={"rounds", "huber_alpha"})
        loss = {"objective": "huber", "alpha": self.huber_alpha} if self.huber_alpha else {"objective": "l2"}
        # force_row_wise: the automatic choice between two histogram layouts is made by timing them.
        fixed = {"deterministic": True, "force_row_wise": True, "num_threads": 1}
        return {**values, **loss, **fixed, "bagging_freq": 1, "verbosity": -1}


class IntervalParams(StrictModel):
    """Levels of the interval and resolution of the stored residual distribution."""

    lower_level: float = Field(gt=0, lt=0.5)
    upper_level: float = Field(gt=0.5, lt=1)
    min_spread: float = Field(gt=0)
    quantile_count: int = Field(ge=19, le=9_999)
    forward_factor: float = Field(ge=1, le=2)
    bands: int = Field(ge=1, le=50)
    correction_bands: int = Field(ge=1, le=50, description="1: no correction by band.")
    min_band_sales: int = Field(ge=20)


class SimilarityScales(StrictModel):
    """The difference in each respect that halves the similarity."""

    distance_miles: float = Field(gt=0)
    size_log: float = Field(gt=0)
    lot_log: float = Field(gt=0)
    age_years: float = Field(gt=0)
    bedrooms: float = Field(gt=0)
    bathrooms: float = Field(gt=0)
    quality_grades: float = Field(gt=0)
    condition_points: float = Field(gt=0)
    months_ago: float = Field(gt=0)


class AdjustmentRates(StrictModel):
    """What one unit of difference is worth, as a share of the price (area: of the local price per sq ft)."""

    living_area_share: float = Field(ge=0, le=1)
    lot_area: float = Field(ge=0, le=1)
    bedroom: float = Field(ge=-0.1, le=0.2)
    bathroom: float = Field(ge=0, le=0.2)
    decade_of_age: float = Field(ge=-0.2, le=0)
    quality_grade: float = Field(ge=0, le=0.3)
    condition_point: float = Field(ge=0, le=0.3)


Bounds = tuple[float, float]


class RateBounds(StrictModel):
    """Lowest and highest rate that is believed, in the units of AdjustmentRates."""

    living_area_share: Bounds
    lot_area: Bounds
    bedroom: Bounds
    bathroom: Bounds
    decade_of_age: Bounds
    quality_grade: Bounds
    condition_point: Bounds

    @model_validator(mode="after")
    def _are_rates(self) -> "RateBounds":
        for name, (low, high) in self:
            if low > high:
                raise ValueError(f"{name}: the lower bound is above the upper one")
        # Whatever lies between two rates is a rate.
        for end in (0, 1):
            AdjustmentRates(**{name: bounds[end] for name, bounds in self})
        return self


class ComparableParams(StrictModel):
    """Choice, adjustment and reconciliation of comparables."""

    count: int = Field(ge=1, le=8)
    candidates: int = Field(ge=8, le=500)
    far_candidates: int = Field(ge=1)
    max_months: int = Field(ge=1, le=24)
    radii_miles: tuple[float, ...] = Field(min_length=1)
    enough_in_radius: int = Field(ge=1)
    scales: SimilarityScales
    rates: AdjustmentRates
    rate_bounds: RateBounds
    max_line_share: float = Field(gt=0, lt=1)
    max_gross_share: float = Field(gt=0, lt=1, description="Below 1, so that an adjusted price is positive.")
    arv_comparables_weight: float = Field(ge=0, le=1)
    arv_condition: int = Field(ge=1, le=5)
    arv_min_half_width: float = Field(ge=0, lt=1)

    @model_validator(mode="after")
    def _radii_grow(self) -> "ComparableParams":
        if list(self.radii_miles) != sorted(set(self.radii_miles)) or self.radii_miles[0] <= 0:
            raise ValueError("radii_miles must be positive and grow")
        return self


class ValuationParams(StrictModel):
    """All of params.yaml."""

    nearby: NearbyParams
    training: TrainingParams
    time_index: IndexParams
    hedonic: HedonicParams
    neighbourhood: NeighbourhoodParams
    learner: LearnerParams
    local_learner: LearnerParams
    ensemble: EnsembleParams
    spread_learner: LearnerParams
    intervals: IntervalParams
    comparables: ComparableParams

    def model_settings(self) -> dict[str, Any]:
        """What shapes a model, as stored with it; how many fits run at once does not."""
        chosen = self.model_dump(exclude={"nearby", "comparables"})
        chosen["training"].pop("parallel_fits")
        return chosen


@lru_cache(maxsize=4)
def load_params(path: Path = BUILT_IN_FILE) -> ValuationParams:
    """Read and validate a parameter file.

    Raises:
        PermanentError: the file is not YAML, or a value is unknown, missing or out of bounds.
    """
    return read_settings(path, ValuationParams)
