"""Configuration of the openaddresses provider."""

from typing import Literal

from realestate_assets.domain.provider_config.base import ProviderConfig


class OpenAddressesProvider(ProviderConfig):
    """An OpenAddresses file: coordinates and address by parcel number or address."""

    kind: Literal["openaddresses"]
