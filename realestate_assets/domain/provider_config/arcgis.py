"""Configuration of the arcgis provider."""

from typing import Literal

from realestate_assets.domain.provider_config.base import ProviderConfig


class ArcgisProvider(ProviderConfig):
    """A layer of an ArcGIS feature service joined by parcel number or position."""

    kind: Literal["arcgis"]
