"""The rules of sale validity: config/sale_validity.yaml as typed, validated values.

How they are applied is in `sale_validity`; the reasons for the figures stand in the YAML.
"""

import re
from functools import lru_cache
from pathlib import Path

from pydantic import Field, ValidationError, field_validator

from realestate_assets.domain.core.config_file import CONFIG_DIR, read_settings
from realestate_assets.domain.core.strict_model import StrictModel
from realestate_assets.domain.counties.sale_rule_changes import SaleRuleChanges
from resources.errors import PermanentError

BUILT_IN_FILE = CONFIG_DIR / "sale_validity.yaml"


class PriceOutlierRules(StrictModel):
    """When a price is grossly unlike those of homes alike; the reasons of the figures stand in the YAML."""

    months: int = Field(ge=1, le=24)
    min_sales: int = Field(ge=50)
    min_place_sales: int = Field(ge=5)
    below_deviations: float = Field(ge=3)
    above_deviations: float = Field(ge=3)
    place_deviations: float = Field(ge=1)
    min_log_points: float = Field(ge=0.2)


class SaleRules(StrictModel):
    """The whole of sale_validity.yaml."""

    minimum_price_usd: float = Field(gt=0, le=1_000_000)
    resale_window_days: int = Field(ge=1, le=3_650)
    non_arms_length_deeds: tuple[str, ...] = Field(min_length=1)
    price_outliers: PriceOutlierRules

    @field_validator("non_arms_length_deeds")
    @classmethod
    def _plain_words(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if odd := [words for words in value if not re.fullmatch(r"[a-z0-9]+( [a-z0-9]+)*", words)]:
            raise ValueError(f"{odd} must be lower-case words with single blanks, without punctuation")
        return value

    def changed_by(self, changes: SaleRuleChanges) -> "SaleRules":
        """The rules of a county that says something of its own.

        Raises:
            PermanentError: a deed is no plain words, or is one that does not ship.
        """
        if changes == SaleRuleChanges():
            return self
        if unknown := sorted(set(changes.market_deeds) - set(self.non_arms_length_deeds)):
            raise PermanentError(
                f"market_deeds {unknown} are not among those that ship.", field="sale_validity.market_deeds",
                remedy="Take words of config/sale_validity.yaml.",
            )  # fmt: skip
        deeds = dict.fromkeys([*self.non_arms_length_deeds, *changes.more_deeds])
        own = changes.model_dump(include={"minimum_price_usd", "resale_window_days"}, exclude_none=True)
        kept = tuple(words for words in deeds if words not in changes.market_deeds)
        try:
            return SaleRules.model_validate({**self.model_dump(), **own, "non_arms_length_deeds": kept})
        except ValidationError as error:
            raise PermanentError(
                f"The county's deeds are not valid: {error.errors()[0]['msg']}.",
                field="sale_validity.more_deeds",
            ) from error

    @property
    def price_code(self) -> str:
        """Code of a price below the minimum, with the figure: PRICE_UNDER_10000."""
        return f"PRICE_UNDER_{self.minimum_price_usd:.0f}"

    @property
    def resale_code(self) -> str:
        """Code of a sale soon after another, with the figure: RESOLD_WITHIN_365_DAYS."""
        return f"RESOLD_WITHIN_{self.resale_window_days}_DAYS"

    @property
    def deed_pattern(self) -> str:
        """Regular expression that finds a listed deed in a text of plain upper-case words."""
        return r"\b(" + "|".join(words.upper() for words in self.non_arms_length_deeds) + r")\b"


@lru_cache(maxsize=4)
def load_sale_rules(path: Path = BUILT_IN_FILE) -> SaleRules:
    """Read and validate the rules.

    Raises:
        PermanentError: the file is not YAML, or a value is unknown, missing or out of bounds; names it.
    """
    return read_settings(path, SaleRules)
