"""Configuration of the census providers."""

from typing import Literal

from pydantic import Field

from realestate_assets.domain.counties.providers.base import ProviderConfig

# The first five-year release of the survey that has figures by ZCTA.
FIRST_ZCTA_RELEASE = 2011


class CensusAcsProvider(ProviderConfig):
    """ZIP figures of the American Community Survey, by ZCTA.

    A release is called by the last year of the five it describes.
    """

    kind: Literal["census_acs"]
    # Raise it when the Bureau has published the next release (December, or later); an older release than
    # possible is asked until then, never one that does not exist.
    newest_release: int = Field(default=2023, ge=FIRST_ZCTA_RELEASE, le=2200)
    # Up to this release the API knows a ZCTA as part of a state and wants the state named, after it not.
    last_release_by_state: int = Field(default=2019, ge=FIRST_ZCTA_RELEASE - 1, le=2200)
    # A URL takes eight characters a ZIP (five digits and an escaped comma): 400 ZIPs and ten variables make
    # some 3,400 characters. That is below the 4,096 which the narrowest servers and proxies in use accept in
    # a request line, and far below the 8,190 of Apache; more would save no call in any shipped county.
    zips_per_request: int = Field(default=400, ge=1, le=900)


class CensusGeocoderProvider(ProviderConfig):
    """Coordinates and census tract of an address, in batches.

    `confidence` is that of an exact match.
    """

    kind: Literal["census_geocoder"]
    benchmark: str = Field(default="Public_AR_Current", pattern=r"^\w+$", description="Address ranges used.")
    geography: str = Field(
        default="Current_Current",
        pattern=r"^\w+$",
        description="`vintage` of the API: edition of the tracts.",
    )
    # A match that had to change the address is often the house next door, now and then another street: low
    # enough to let the next provider of the chain be asked.
    non_exact_confidence: float = Field(default=0.6, ge=0, le=1)
    rows_per_request: int = Field(default=10_000, ge=1, le=10_000, description="The API takes 10,000.")
