"""Configuration of the attom provider."""

from typing import Literal

from realestate_assets.domain.provider_config.base import ProviderConfig


class AttomProvider(ProviderConfig):
    """ATTOM property profile; paid."""

    kind: Literal["attom"]
