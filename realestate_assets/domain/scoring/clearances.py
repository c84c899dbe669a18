"""reviews.yaml: which reasons for a review a person has cleared, who, when and why.

The file is kept like configuration: readable, and worth a commit. What it says holds for the property in
every month; to take a clearance back, delete its entry.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import yaml
from pydantic import Field, field_validator

from realestate_assets.domain.core.config_file import read_yaml, validated
from realestate_assets.domain.core.strict_model import StrictModel
from realestate_assets.domain.sales.validity import FACTS_AFTER_SALE
from resources.whole_file import replace_file

DISCOUNT_BEYOND_SALES = "DISCOUNT_BEYOND_SALES"
FEW_CLOSE_COMPARABLES = "FEW_CLOSE_COMPARABLES"
ARV_OUTSIDE_VALUE_RANGE = "ARV_OUTSIDE_VALUE_RANGE"
REVIEW_CODES = (FACTS_AFTER_SALE, DISCOUNT_BEYOND_SALES, FEW_CLOSE_COMPARABLES, ARV_OUTSIDE_VALUE_RANGE)
HEADER = """\
# Reasons for a review that a person has cleared: `realestate review clear` adds to it. To take one back,
# delete its entry. It holds for the property in every month that is scored from then on.
"""


class Clearance(StrictModel):
    """One reason of one property, looked into."""

    property_id: str = Field(min_length=1, max_length=100)
    reason: str
    by: str = Field(min_length=1, max_length=100)
    when: date
    why: str = Field(min_length=1, max_length=1000)

    @field_validator("reason")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in REVIEW_CODES:
            raise ValueError(f"there is no reason {value}. There are: {', '.join(REVIEW_CODES)}")
        return value

    @field_validator("property_id", "by", "why")
    @classmethod
    def _says_something(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("must not be empty")
        return " ".join(value.split())

    def told(self) -> dict[str, str]:
        """Who, when and why."""
        return {"by": self.by, "when": self.when.isoformat(), "why": self.why}


class Clearances(StrictModel):
    """The whole of reviews.yaml."""

    clearances: tuple[Clearance, ...] = ()

    def by_reason(self) -> Mapping[tuple[str, str], Clearance]:
        """By property_id and code; of several the latest entry."""
        return {(each.property_id, each.reason): each for each in self.clearances}


def read_clearances(path: Path) -> Clearances:
    """What was cleared; nothing where there is no file.

    Raises:
        PermanentError: the file is not YAML, or an entry is not valid; names it.
    """
    if not path.exists():
        return Clearances()
    return validated(path, read_yaml(path), Clearances, "the section on reviews in docs/valuation.md")


def add_clearance(path: Path, clearance: Clearance) -> None:
    """Put one more entry at the end of the file.

    Raises:
        PermanentError: the file that is there is not valid; it is left as it is.
    """
    known = read_clearances(path)
    entries = [each.model_dump() for each in (*known.clearances, clearance)]
    text = yaml.safe_dump({"clearances": entries}, sort_keys=False, allow_unicode=True, width=100)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not at all: a run may be reading it.
    replace_file(path, (HEADER + text).encode())
