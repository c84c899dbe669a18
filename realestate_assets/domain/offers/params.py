"""The parameters of what is learned from offers: params.yaml as validated values; reasons stand there."""

from functools import lru_cache
from pathlib import Path

from pydantic import Field, field_validator, model_validator

from realestate_assets.domain.core.config_file import read_settings
from realestate_assets.domain.core.strict_model import StrictModel

# The terms of the chance of a gain; what they measure is in `cases`.
TERMS = (
    "discount",
    "width",
    "value",
    "condition",
    "market_time",
    "bank_owned",
    "tax_delinquent",
    "absentee",
    "needs_work",
)
BUILT_IN_FILE = Path(__file__).with_name("params.yaml")


class LikelyPrior(StrictModel):
    """Quantiles of log(sale / ask) where no sale with an ask is known, at values of log(value / ask)."""

    at: tuple[float, ...] = Field(min_length=2)
    p10: tuple[float, ...]
    p50: tuple[float, ...]
    p90: tuple[float, ...]

    @model_validator(mode="after")
    def _in_order(self) -> "LikelyPrior":
        rows = (self.p10, self.p50, self.p90)
        if any(len(row) != len(self.at) for row in rows):
            raise ValueError("at, p10, p50 and p90 must be of one length")
        if list(self.at) != sorted(set(self.at)):
            raise ValueError("at must rise")
        if any(not low < middle < high for low, middle, high in zip(*rows, strict=True)):
            raise ValueError("p10 < p50 < p90 is needed everywhere")
        return self


class LikelyParams(StrictModel):
    """How log(sale / ask) is learned."""

    months: int = Field(ge=6, le=24)
    max_offer_days: int = Field(ge=30, le=3_650)
    half_life_months: float = Field(gt=0)
    band_edges: tuple[float, ...] = Field(min_length=3)
    quantile_count: int = Field(ge=19, le=999)
    trust: float = Field(gt=0)
    prior_trust: float = Field(gt=0)
    pool_below: float = Field(ge=0)
    market_days: tuple[int, ...]
    forward_factor: float = Field(ge=1, le=2)
    size_floor: float = Field(gt=0, le=0.1)
    size_trust: float = Field(gt=0)
    level_trust: float = Field(gt=0)
    lower_level: float = Field(gt=0, lt=0.5)
    upper_level: float = Field(gt=0.5, lt=1)
    prior: LikelyPrior

    @model_validator(mode="after")
    def _edges_rise(self) -> "LikelyParams":
        edges = self.band_edges
        if edges[0] != 0 or edges[-1] != 1 or list(edges) != sorted(set(edges)):
            raise ValueError("band_edges must rise from 0 to 1")
        if list(self.market_days) != sorted(set(self.market_days)):
            raise ValueError("market_days must rise")
        return self


class GainPrior(StrictModel):
    """Coefficients before any purchase is known: log odds of the ordinary home, and of each term."""

    level: float
    slopes: dict[str, float]

    @field_validator("slopes")
    @classmethod
    def _in_the_order_of_the_terms(cls, slopes: dict[str, float]) -> dict[str, float]:
        """What is stored has its keys sorted, and coefficients are told apart by their place."""
        if set(slopes) != set(TERMS):
            raise ValueError(f"slopes must be of exactly {list(TERMS)}")
        if slopes["discount"] < 0:
            raise ValueError("discount must not be negative: a higher ask must never be a better chance")
        return {name: slopes[name] for name in TERMS}


class GainParams(StrictModel):
    """How the chance of a gain is learned."""

    horizon_days: int = Field(ge=30, le=1_500)
    gain_ratio: float = Field(gt=1, le=5)
    months: int = Field(ge=24, le=360)
    max_offer_days: int = Field(ge=30, le=3_650)
    min_gains: int = Field(ge=1)
    max_log_discount: float = Field(gt=0, le=2)
    level_spread: float = Field(gt=0)
    slope_spread: float = Field(gt=0)
    year_spread: float = Field(ge=0, le=3)
    needs_work: tuple[str, ...] = Field(min_length=1)
    prior: GainPrior


class OfferParams(StrictModel):
    """The whole of params.yaml."""

    likely: LikelyParams
    gain: GainParams


@lru_cache(maxsize=4)
def load_offer_params(path: Path = BUILT_IN_FILE) -> OfferParams:
    """Read and validate the parameters.

    Raises:
        PermanentError: a value is unknown, missing or out of bounds; names it.
    """
    return read_settings(path, OfferParams)
