"""Rules of promotion and drift: promotion.yaml as typed, validated values. The reasons stand there."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from pydantic import Field, model_validator

from realestate_assets.domain.core.config_file import read_settings
from realestate_assets.domain.core.strict_model import StrictModel

BUILT_IN_FILE = Path(__file__).with_name("promotion.yaml")
# IAAO Standard on Ratio Studies (2013), table 1-3 and section 9.
IAAO_RANGES = {"median_ratio": (0.90, 1.10), "cod": (5.0, 15.0), "prd": (0.98, 1.03), "prb": (-0.05, 0.05)}


class Range(StrictModel):
    """What a figure may be; a range other than the standard's needs a reason."""

    low: float
    high: float
    reason: str = ""

    @model_validator(mode="after")
    def _is_a_range(self) -> "Range":
        if self.low >= self.high:
            raise ValueError("low must be below high")
        return self

    def distance(self, value: float) -> float:
        """How far a value lies outside; 0 within."""
        return max(self.low - value, value - self.high, 0.0)


class Ranges(StrictModel):
    """The figures a candidate must show."""

    median_ratio: Range
    cod: Range
    prd: Range
    prb: Range
    interval_coverage: Range

    @model_validator(mode="after")
    def _deviations_have_reasons(self) -> "Ranges":
        for name, standard in IAAO_RANGES.items():
            own: Range = getattr(self, name)
            if (own.low, own.high) != standard and not own.reason.strip():
                raise ValueError(f"{name} differs from the standard's {standard} and gives no reason")
        return self

    def outside(self, figures: Mapping[str, float | None]) -> dict[str, float]:
        """Distance from its range of each figure outside; one that is not known is not outside."""
        found = {}
        for name in type(self).model_fields:
            value = figures.get(name)
            if value is not None and (distance := getattr(self, name).distance(value)) > 0:
                found[name] = distance
        return found


class AgainstChampion(StrictModel):
    """When a candidate is worse than the model in use on the same sales."""

    min_sales: int = Field(ge=5)
    max_error_rise: float = Field(ge=0, le=0.1)
    small_county: float = Field(ge=0, le=2)
    standard_errors: float = Field(ge=0, le=5)

    def bound(self, trained_on: int, standard_error: float) -> float:
        """Rise of the error, log points, above which a candidate trained on so many sales is worse."""
        allowed = self.max_error_rise + self.small_county / max(trained_on, 1) ** 0.5
        return max(allowed, self.standard_errors * standard_error)


class ChampionRules(StrictModel):
    """Which earlier model is still a champion."""

    max_age_months: int = Field(ge=1, le=24)


class DriftRules(StrictModel):
    """When a shift of inputs or errors is told."""

    psi_watch: float = Field(gt=0, lt=1)
    psi_shift: float = Field(gt=0, lt=5)
    min_properties: int = Field(ge=20)
    min_sales: int = Field(ge=5)
    median_ratio_shift: float = Field(gt=0, lt=1)
    cod_rise: float = Field(gt=1, lt=10)

    @model_validator(mode="after")
    def _watch_comes_first(self) -> "DriftRules":
        if self.psi_watch >= self.psi_shift:
            raise ValueError("psi_watch must be below psi_shift")
        return self


class PromotionPolicy(StrictModel):
    """All of promotion.yaml."""

    ranges: Ranges
    judged_months: int = Field(ge=1, le=24)
    against_champion: AgainstChampion
    champion: ChampionRules
    allow_first: bool
    replace_champion_outside_too: bool
    drift: DriftRules


@lru_cache(maxsize=4)
def load_policy(path: Path = BUILT_IN_FILE) -> PromotionPolicy:
    """Read and validate a policy file.

    Raises:
        PermanentError: the file is not YAML, or a value is unknown, missing or out of bounds.
    """
    return read_settings(path, PromotionPolicy)
