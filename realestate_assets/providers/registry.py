"""From the configuration of a county to the providers it asks.

Providers over HTTP are among them only where their API may be asked (`enabled`, or ENABLED_APIS); without
that nothing of theirs is even imported.
"""

from collections.abc import Mapping
from importlib import import_module
from itertools import pairwise
from typing import Protocol

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.enrichment_config import SIMULATED_PROVIDER, Enrichment
from realestate_assets.domain.counties.providers.kinds import HttpProvider
from realestate_assets.providers.base import Provider
from realestate_assets.providers.reference import ReferenceTables
from realestate_assets.providers.simulated import SimulatedProvider
from realestate_assets.providers.table import ReferenceTableProvider
from realestate_assets.settings import Settings
from resources.errors import PermanentError
from resources.http.api import ApiClient
from resources.http.api_policy import ApiPolicy

# Kind of provider -> module of this package and class; `(config, client, county)` makes one.
API_PROVIDERS = {
    "census_acs": ("census_acs", "CensusAcs"),
    "census_geocoder": ("census_geocoder", "CensusGeocoder"),
    "fema_nfhl": ("fema", "FemaFlood"),
    "socrata": ("socrata", "Socrata"),
    "arcgis": ("arcgis", "Arcgis"),
    "attom": ("attom", "Attom"),
    "regrid": ("regrid", "Regrid"),
}
# Reads files of the reference folder, which no switch has to allow: `(config, store, county)` makes one.
FILE_PROVIDERS = {"openaddresses": ("openaddresses", "OpenAddresses")}


class Apis(Protocol):
    """The APIs of one run: which may be asked, on what terms, and a client for each."""

    policies: Mapping[str, ApiPolicy]

    def asks(self, config: HttpProvider) -> bool:
        """True where the provider's API may be asked."""
        ...

    def client(self, config: HttpProvider, county: County) -> ApiClient:
        """A client for a provider of a county; it opens its session with the first request."""
        ...


def providers_of(county: County, tables: ReferenceTables, apis: Apis | None = None) -> list[Provider]:
    """The providers the county's chains may name.

    Args:
        county: the county.
        tables: the reference folder.
        apis: the APIs of the run; without them only files and the simulation are asked.

    Raises:
        PermanentError: a chain asks a paid provider before a free one, or an API has no entry.
    """
    enrichment = county.enrichment
    found: list[Provider] = [ReferenceTableProvider(config, tables) for config in enrichment.tables]
    named = {name for chain in enrichment.chains.values() for name in chain}
    if apis:
        check_order(county, apis.policies)
    for config in enrichment.providers:
        if config.name not in named:
            continue
        if config.kind in FILE_PROVIDERS:
            found.append(_class(FILE_PROVIDERS[config.kind])(config, tables.store, county))
        elif apis and apis.asks(config):
            client = apis.client(config, county)
            found.append(_class(API_PROVIDERS[config.kind])(config, client, county))
    return [*found, SimulatedProvider(county)]


def api_of(config: HttpProvider) -> str:
    """Name of the provider's entry in providers.yaml."""
    return config.api or config.kind


def asking_counties(counties: Mapping[str, County], settings: Settings) -> dict[str, tuple[str, ...]]:
    """API -> counties whose chains or sources ask it with these settings."""
    found: dict[str, list[str]] = {}
    for slug, county in counties.items():
        chained = {name for chain in county.enrichment.chains.values() for name in chain}
        asked = [(api_of(p), p.enabled) for p in county.enrichment.providers if p.name in chained]
        asked += [(source.api, source.enabled) for source in county.api_sources]
        for api, enabled in dict.fromkeys(asked):
            if settings.asks_api(api, enabled) and slug not in found.setdefault(api, []):
                found[api].append(slug)
    return {api: tuple(slugs) for api, slugs in found.items()}


def check_order(county: County, policies: Mapping[str, ApiPolicy]) -> None:
    """Refuse chains that would pay for what a free provider may know.

    Raises:
        PermanentError: a paid provider stands before a free one and the county does not say `paid_first`.
    """
    enrichment = county.enrichment
    if enrichment.paid_first:
        return
    paid = _paid(enrichment, policies)
    for group, chain in enrichment.chains.items():
        asked = [name for name in chain if name != SIMULATED_PROVIDER]
        for first, second in pairwise(asked):
            if first in paid and second not in paid:
                raise PermanentError(
                    f"the chain asks {first}, which costs money, before {second}, which does not.",
                    county=county.slug,
                    source=first,
                    field=f"enrichment.chains.{group}",
                    remedy="Put the free providers first, or say `paid_first: true` under `enrichment`.",
                )


def _paid(enrichment: Enrichment, policies: Mapping[str, ApiPolicy]) -> set[str]:
    entries = {config.name: policies.get(api_of(config)) for config in enrichment.providers}
    return {name for name, policy in entries.items() if policy and policy.cost_per_call_usd > 0}


def _class(place: tuple[str, str]) -> type:
    module, name = place
    return getattr(import_module(f"realestate_assets.providers.{module}"), name)
