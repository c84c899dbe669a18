"""Configuration of the regrid provider."""

from typing import Literal

from realestate_assets.domain.provider_config.base import ProviderConfig


class RegridProvider(ProviderConfig):
    """Regrid parcel record; paid."""

    kind: Literal["regrid"]
