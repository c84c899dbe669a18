"""Configuration of the regrid provider."""

from typing import Literal

from pydantic import Field, model_validator

from realestate_assets.domain.counties.providers.attom import MONTH
from realestate_assets.domain.counties.providers.base import ProviderConfig


class RegridProvider(ProviderConfig):
    """Regrid parcel records (API v2); paid.

    The API takes one parcel number a call, but many points. Asking by number is exact; asking by point spares
    calls and hits the parcel next door where coordinates are poor.

    Args:
        ask_by: how a property is asked for, by the first of these it has; a second try would be paid too.
        points_per_call: points of one call. Where a plan bills records and not calls, set it to 1, or the
            price of a call in providers.yaml to that of so many records: the budget counts calls.
        path: place the parcel numbers are looked up in, `/us/wa/king`; by default that of the county's slug.
        confidence: of a record whose parcel number is the property's.
        point_confidence: of one that was found by its position alone.
        earliest_month: properties of earlier months are not asked for and not paid for: what Regrid knows is
            of today, and would not count for them.
    """

    kind: Literal["regrid"]
    ask_by: tuple[Literal["apn", "point"], ...] = ("apn", "point")
    points_per_call: int = Field(default=50, ge=1, le=100)
    path: str | None = Field(default=None, pattern=r"^/us/[a-z]{2}(/[a-z0-9-]+){1,2}$")
    point_confidence: float = Field(default=0.75, ge=0, le=1)
    earliest_month: str | None = Field(default=None, pattern=MONTH)

    @model_validator(mode="after")
    def _is_consistent(self) -> "RegridProvider":
        if not self.ask_by or len(set(self.ask_by)) != len(self.ask_by):
            raise ValueError("ask_by must name apn, point or both, each once")
        return self
