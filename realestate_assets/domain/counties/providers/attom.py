"""Configuration of the attom provider."""

from typing import Literal

from pydantic import Field, model_validator

from realestate_assets.domain.counties.providers.base import ProviderConfig

# A month before which nothing is asked: the API knows today alone.
MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"


class AttomProvider(ProviderConfig):
    """ATTOM property profiles; paid, one call a property.

    Args:
        endpoint: the resource asked; the basic profile holds all that is read here.
        ask_by: how a property is asked for, by the first of these it has; a second try would be paid too.
        apn_pattern: how the county's parcel numbers are written at ATTOM, `#` for each character:
            `#####-##-###-###`. Without it they are sent as they are, letters and digits alone.
        confidence: of a record whose parcel number or street is the property's.
        low_confidence: of a record that may be another one's: found, but neither of the two agrees, or placed
            by its ZIP alone.
        earliest_month: properties of earlier months are not asked for and not paid for: what ATTOM knows is
            of today, and would not count for them.
    """

    kind: Literal["attom"]
    endpoint: Literal["property/basicprofile", "property/expandedprofile", "property/detail"] = (
        "property/basicprofile"
    )
    ask_by: tuple[Literal["address", "apn"], ...] = ("address", "apn")
    apn_pattern: str | None = Field(default=None, pattern=r"^[#\-. /]*#[#\-. /]*$")
    low_confidence: float = Field(default=0.4, ge=0, le=1)
    earliest_month: str | None = Field(default=None, pattern=MONTH)

    @model_validator(mode="after")
    def _is_consistent(self) -> "AttomProvider":
        if not self.ask_by or len(set(self.ask_by)) != len(self.ask_by):
            raise ValueError("ask_by must name address, apn or both, each once")
        if self.low_confidence > self.confidence:
            raise ValueError("low_confidence must not be above confidence")
        return self
