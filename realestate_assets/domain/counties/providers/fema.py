"""Configuration of the fema provider."""

from typing import Literal

from pydantic import Field

from realestate_assets.domain.counties.providers.base import ProviderConfig


class FemaFloodProvider(ProviderConfig):
    """Flood zone at a point of the National Flood Hazard Layer.

    The layer is the map in force today and carries no date: its facts are as old as the day they were
    retrieved. For months gone by they count only with `allow_later_vintage`.
    """

    kind: Literal["fema_nfhl"]
    layer: int = Field(default=28, ge=0, description="Flood Hazard Zones in the service.")
    # What bounds a request is the reply, 2,000 polygons at most: 1,000 neighbouring points lie in a few
    # hundred. A reply that is cut short all the same is asked for in halves.
    points_per_request: int = Field(default=1_000, ge=1, le=5_000)
    # Five decimals are 1.1 m; the maps are drawn at 1:12,000, on which a line is good for about 10 m.
    coordinate_decimals: int = Field(default=5, ge=3, le=7)
    # Polygons come simplified by no more than this (1.1 m): a zone may hold 100,000 corners.
    simplify_degrees: float = Field(default=0.00001, ge=0, le=0.0001)
    # Where the service withholds the outlines every point is a call of its own; beyond this many, none is.
    single_points_at_most: int = Field(default=2_000, ge=0)
