"""The parameters of the learned rent: params.yaml as validated values; reasons stand there."""

from functools import lru_cache
from pathlib import Path

from pydantic import Field

from realestate_assets.domain.core.config_file import read_settings
from realestate_assets.domain.core.strict_model import StrictModel

BUILT_IN_FILE = Path(__file__).with_name("params.yaml")


class CleaningParams(StrictModel):
    """Which amounts and areas are believed."""

    max_deviations: float = Field(gt=1)
    least_deviation: float = Field(gt=0, le=1)
    min_group: int = Field(ge=5)
    min_area_sqft: float = Field(gt=0)
    max_area_sqft: float = Field(gt=0)


class RepostParams(StrictModel):
    """Which advertisements are of one home."""

    max_rent_step: float = Field(ge=0, le=0.5)
    title_letters_town: int = Field(ge=1)
    title_letters_market: int = Field(ge=1)


class LinearParams(StrictModel):
    """The linear part and how much it is shrunken."""

    penalty: float = Field(gt=0)
    base_weight: float = Field(gt=0)
    place_weight: float = Field(gt=0)
    trend_weight: float = Field(ge=0)
    min_count: int = Field(ge=1)
    max_iterations: int = Field(ge=10, le=10_000)


class TreeParams(StrictModel):
    """The boosted trees on what the linear part leaves."""

    rounds: int = Field(ge=1, le=10_000)
    learning_rate: float = Field(gt=0, le=1)
    num_leaves: int = Field(ge=2, le=1_000)
    min_data_in_leaf: int = Field(ge=1)
    feature_fraction: float = Field(gt=0, le=1)
    bagging_fraction: float = Field(gt=0, le=1)
    lambda_l2: float = Field(ge=0)


class IntervalParams(StrictModel):
    """The ends of the interval and what its width hangs on."""

    lower_level: float = Field(gt=0, lt=0.5)
    upper_level: float = Field(gt=0.5, lt=1)
    rounds: int = Field(ge=1, le=10_000)
    size_floor: float = Field(gt=0, le=0.5)


class RentParams(StrictModel):
    """The whole of params.yaml."""

    months: int = Field(ge=1, le=120)
    min_rents: int = Field(ge=30)
    cleaning: CleaningParams
    reposts: RepostParams
    linear: LinearParams
    trees: TreeParams
    folds: int = Field(ge=2, le=20)
    inner_folds: int = Field(ge=2, le=20)
    seed: int
    interval: IntervalParams


@lru_cache(maxsize=4)
def load_rent_params(path: Path = BUILT_IN_FILE) -> RentParams:
    """Read and validate the parameters.

    Raises:
        PermanentError: a value is unknown, missing or out of bounds; names it.
    """
    return read_settings(path, RentParams)
