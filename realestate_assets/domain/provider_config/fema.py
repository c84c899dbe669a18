"""Configuration of the fema provider."""

from typing import Literal

from realestate_assets.domain.provider_config.base import ProviderConfig


class FemaFloodProvider(ProviderConfig):
    """Flood zone at a point of the National Flood Hazard Layer."""

    kind: Literal["fema_nfhl"]
