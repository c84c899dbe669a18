"""All kinds of provider a county's `enrichment.providers` may hold."""

from typing import Annotated

from pydantic import Field

from realestate_assets.domain.provider_config.arcgis import ArcgisProvider
from realestate_assets.domain.provider_config.attom import AttomProvider
from realestate_assets.domain.provider_config.census import CensusAcsProvider, CensusGeocoderProvider
from realestate_assets.domain.provider_config.fema import FemaFloodProvider
from realestate_assets.domain.provider_config.openaddresses import OpenAddressesProvider
from realestate_assets.domain.provider_config.regrid import RegridProvider
from realestate_assets.domain.provider_config.socrata import SocrataProvider

HttpProvider = Annotated[
    CensusAcsProvider
    | CensusGeocoderProvider
    | FemaFloodProvider
    | SocrataProvider
    | ArcgisProvider
    | AttomProvider
    | RegridProvider
    | OpenAddressesProvider,
    Field(discriminator="kind"),
]
