"""Asking the providers of a county in its chains' order, and settling what they say."""

import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.county import County
from realestate_assets.domain.enrichment import Resolved, chain_fields, resolve
from realestate_assets.providers.base import REQUEST_COLUMNS, EnrichmentRequest, Provider, no_facts
from realestate_assets.providers.reference import ReferenceTables
from realestate_assets.providers.simulated import SimulatedProvider
from realestate_assets.providers.table import ReferenceTableProvider


def providers_of(county: County, tables: ReferenceTables) -> list[Provider]:
    """The providers the county's chains may name."""
    return [
        *(ReferenceTableProvider(config, tables) for config in county.enrichment.tables),
        SimulatedProvider(county),
    ]


def enrich(county: County, properties: pa.Table, providers: list[Provider]) -> Resolved:
    """Ask each provider once for all properties it serves, and decide every field.

    Args:
        county: the county of all the properties.
        properties: rows of the properties table, of any months.
        providers: see `providers_of`.
    """
    chains = county.enrichment.chains
    answers = [no_facts()]
    for provider in providers:
        fields = tuple(f for f in chain_fields(chains, provider.name) if f in provider.fields)
        served = properties.filter(pc.equal(properties["is_simulated"], provider.simulated))
        if fields and served.num_rows:
            request = EnrichmentRequest(county.slug, served.select(REQUEST_COLUMNS), fields)
            answers.append(provider.fetch(request))
    return resolve(properties.select(["county", "month", "property_id"]), pa.concat_tables(answers), chains)
