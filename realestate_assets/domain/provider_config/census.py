"""Configuration of the census providers."""

from typing import Literal

from realestate_assets.domain.provider_config.base import ProviderConfig


class CensusAcsProvider(ProviderConfig):
    """ZIP figures of the American Community Survey, by ZCTA."""

    kind: Literal["census_acs"]


class CensusGeocoderProvider(ProviderConfig):
    """Coordinates and census tract of an address, in batches."""

    kind: Literal["census_geocoder"]
