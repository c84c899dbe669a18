"""All kinds of provider a county's `enrichment.providers` may hold."""

from typing import Annotated

from pydantic import Field

from realestate_assets.domain.counties.providers.arcgis import ArcgisProvider
from realestate_assets.domain.counties.providers.attom import AttomProvider
from realestate_assets.domain.counties.providers.census import CensusAcsProvider, CensusGeocoderProvider
from realestate_assets.domain.counties.providers.fema import FemaFloodProvider
from realestate_assets.domain.counties.providers.openaddresses import OpenAddressesProvider
from realestate_assets.domain.counties.providers.regrid import RegridProvider
from realestate_assets.domain.counties.providers.socrata import SocrataProvider

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
