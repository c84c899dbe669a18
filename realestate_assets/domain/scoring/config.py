"""The scoring settings: config/scoring.yaml as typed, validated values, and the version hash of a score.

What a signal measures is in `scoring`, what it says to a reader in `reasons`.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

import numpy as np
from pydantic import Field, model_validator

from realestate_assets.domain.core.config_file import CONFIG_DIR, read_settings
from realestate_assets.domain.core.strict_model import StrictModel
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.scoring.cashflow import Floats
from realestate_assets.domain.scoring.reasons import SIGNALS
from realestate_assets.domain.tables import SCORE_COMPONENTS

BUILT_IN_FILE = CONFIG_DIR / "scoring.yaml"

# A lower asking price must never lower the score: these signals rise as the price falls, and the yields do so
# only from 0 upwards (a negative NOI over a smaller price is more negative).
RISING_WITH_DISCOUNT = ("gain_probability", "offer_gap_pct")
YIELDS = ("cap_rate_pct", "cash_on_cash_pct")
# The component of pressure to sell, all of whose signals rise.
PRESSURE = "motivation"


class Ramp(StrictModel):
    """A straight line from 0 at `low` to 1 at `high`; low above high counts downwards.

    `unknown` is the strength of what is not known: that of the unfavourable quarter of homes.
    """

    weight: float = Field(gt=0, le=1)
    low: float
    high: float
    unknown: float = Field(ge=0, le=0.5)

    @model_validator(mode="after")
    def _has_a_slope(self) -> "Ramp":
        if self.low == self.high:
            raise ValueError("low and high must differ")
        return self

    @property
    def benchmark(self) -> float | None:
        """The neutral value, in the middle."""
        return round((self.low + self.high) / 2, 6)

    @property
    def falls(self) -> bool:
        """True where more of it is worth less."""
        return self.low > self.high

    def strength(self, values: Floats) -> Floats:
        """Values mapped to [0, 1]; missing stays missing."""
        return np.clip((values - self.low) / (self.high - self.low), 0.0, 1.0)


class Flag(StrictModel):
    """A yes-or-no signal: what each answer is worth."""

    weight: float = Field(gt=0, le=1)
    when_true: float = Field(ge=0, le=1)
    when_false: float = Field(ge=0, le=1)

    @property
    def unknown(self) -> float:
        """The strength of what is not known: the worse answer, but never more than neutral."""
        return min(self.when_true, self.when_false, 0.5)

    @property
    def benchmark(self) -> float | None:
        """A flag has no benchmark."""
        return None

    @property
    def falls(self) -> bool:
        """True where a yes is worth less than a no."""
        return self.when_true < self.when_false

    def strength(self, values: Floats) -> Floats:
        """1 and 0 mapped to the two answers; missing stays missing."""
        return np.where(np.isnan(values), np.nan, np.where(values > 0, self.when_true, self.when_false))


class Component(StrictModel):
    """One component: its weight in the score and its signals, whose weights sum to 1."""

    weight: float = Field(gt=0, le=1)
    signals: dict[str, Ramp | Flag]

    @model_validator(mode="after")
    def _weights_sum_to_one(self) -> "Component":
        _check_sum("signals", [s.weight for s in self.signals.values()])
        return self


class Classes(StrictModel):
    """Lowest score of each class."""

    excellent: float = Field(gt=0, le=100)
    good: float = Field(gt=0, le=100)
    fair: float = Field(gt=0, le=100)

    @model_validator(mode="after")
    def _descending(self) -> "Classes":
        if not self.excellent > self.good > self.fair:
            raise ValueError("excellent > good > fair is needed")
        return self


class Confidence(StrictModel):
    """How confidence is made and what it does."""

    data_share: float = Field(ge=0, le=1)
    effect: float = Field(ge=0, le=1)


class Review(StrictModel):
    """What makes a score doubtful until a person has looked; see `reviews`."""

    max_discount_pct: float = Field(gt=0, le=100)
    min_close_comparables: int = Field(ge=0, le=8)


class Paying(StrictModel):
    """What a home above fair earns, let or flipped; see `paying`."""

    min_dscr: float = Field(ge=0)
    min_flip_roi_pct: float = Field(ge=0)


class ScoringConfig(StrictModel):
    """The whole of scoring.yaml."""

    version: int = Field(ge=1)
    classes: Classes
    review: Review
    paying: Paying
    memo_min_score: float = Field(ge=0, le=100)
    min_components: int = Field(ge=1, le=len(SCORE_COMPONENTS))
    confidence: Confidence
    buy_box_penalty_points: float = Field(ge=0, le=100)
    reason_min_points: float = Field(ge=0)
    required: tuple[str, ...]
    key_fields: tuple[str, ...] = Field(min_length=1)
    components: dict[str, Component]

    @model_validator(mode="after")
    def _consistent(self) -> "ScoringConfig":
        if set(self.components) != set(SCORE_COMPONENTS):
            raise ValueError(f"components must be exactly {list(SCORE_COMPONENTS)}")
        _check_sum("components", [c.weight for c in self.components.values()])
        named = {name: signal for c in self.components.values() for name, signal in c.signals.items()}
        if set(named) != set(SIGNALS):
            raise ValueError(f"signals must be exactly {sorted(SIGNALS)}")
        for component, settings in self.components.items():
            if strange := [s for s in settings.signals if SIGNALS[s].component != component]:
                raise ValueError(f"signals {strange} do not belong to {component}")
        for name, signal in named.items():
            if isinstance(signal, Flag) != SIGNALS[name].is_flag:
                raise ValueError(f"{name} must be a {'flag' if SIGNALS[name].is_flag else 'ramp'}")
        return self

    @model_validator(mode="after")
    def _monotone(self) -> "ScoringConfig":
        signals = [pair for component in self.components.values() for pair in component.signals.items()]
        ramps = {name: signal for name, signal in signals if isinstance(signal, Ramp)}
        for name in (*RISING_WITH_DISCOUNT, *YIELDS):
            if ramps[name].low > ramps[name].high:
                raise ValueError(f"{name} must rise: a lower price must never lower the score")
        if bad := [name for name, signal in self.components[PRESSURE].signals.items() if signal.falls]:
            raise ValueError(f"{bad} must rise: more pressure to sell must never lower the score")
        if bad := [name for name in YIELDS if ramps[name].low < 0]:
            raise ValueError(f"{bad}: low must be 0 or more, or a lower price could lower the score")
        return self


def _check_sum(what: str, weights: list[float]) -> None:
    # A tolerance, because 0.1 + 0.2 is not 0.3 in floats.
    if abs(np.sum(weights) - 1.0) > 1e-9:
        raise ValueError(f"weights of {what} must sum to 1, not {np.sum(weights):.6f}")


@lru_cache(maxsize=4)
def load_scoring_config(path: Path = BUILT_IN_FILE) -> ScoringConfig:
    """Read and validate the scoring settings.

    Raises:
        PermanentError: the file is not valid; names the setting.
    """
    return read_settings(path, ScoringConfig)


def config_version(config: ScoringConfig, county: County) -> str:
    """Short SHA-256 of all that can change a score: scoring, market, neighbourhoods, underwriting."""
    used = {
        "scoring": config.model_dump(mode="json"),
        "county": county.model_dump(mode="json", include={"slug", "market", "neighborhoods", "underwriting"}),
    }
    return hashlib.sha256(json.dumps(used, sort_keys=True).encode()).hexdigest()[:12]
