"""Configuration of the socrata provider."""

from typing import Literal

from realestate_assets.domain.provider_config.base import ProviderConfig


class SocrataProvider(ProviderConfig):
    """A Socrata dataset joined by parcel number."""

    kind: Literal["socrata"]
