"""Asking the providers of a county in its chains' order, and settling what they say.

A provider is asked only for the properties that still lack one of its fields with enough confidence: what a
free one has filled is never paid for.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.convert import to_mask
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.enrichment_plan import FIRST_GROUP, Ask, ask_order
from realestate_assets.domain.counties.enrichment_rules import FIELD_NAMES, Rules
from realestate_assets.domain.enrichment.answers import assess
from realestate_assets.domain.enrichment.resolve import Resolved, needless_fields, resolve
from realestate_assets.providers.base import (
    REQUEST_COLUMNS,
    EnrichmentRequest,
    Origin,
    Provider,
    no_facts,
)
from realestate_assets.providers.replies import failed_facts
from resources.errors import TransientError
from resources.http.api import Failure

LOG = logging.getLogger(__name__)
KEYS = ["county", "month", "property_id"]

# Called before a provider is asked, with the provider's name and the properties it is asked for.
Listener = Callable[[str, pa.Table], None]
# Takes out of all facts what is not to be kept, before anything is decided by them.
Withhold = Callable[[pa.Table], pa.Table]


def enrich(
    county: County,
    properties: pa.Table,
    providers: Sequence[Provider],
    listener: Listener | None = None,
    withhold: Withhold | None = None,
) -> Resolved:
    """Ask the providers in the order of the chains, and decide every field.

    A provider that fails for a time leaves nulls with the reason PROVIDER_FAILED, and the chain goes on.

    Args:
        county: the county of all the properties.
        properties: rows of the properties table, of any months.
        providers: those there are; a name in a chain without its provider is passed over.
        listener: see `Listener`.
        withhold: see `Withhold`.

    Raises:
        PermanentError: a provider's schema has drifted, its address is refused, or it answered for what it
            was not asked.
    """
    known = {provider.name: provider for provider in providers}
    asks = ask_order(county.enrichment.chains, known)
    walk = _Walk(county, county.enrichment.rules, properties, listener)
    for position, ask in enumerate(asks):
        walk.ask(known[ask.provider], ask, _still_to_come(known, asks, position))
    facts = withhold(walk.facts) if withhold else walk.facts
    return resolve(properties.select(KEYS), facts, walk.rules, walk.needless)


def _still_to_come(known: Mapping[str, Provider], asks: Sequence[Ask], position: int) -> frozenset[str]:
    """Fields that somebody may be asked for after this ask, about the same properties."""
    simulated = known[asks[position].provider].simulated
    later = [(known[ask.provider], ask) for ask in asks[position + 1 :]]
    return frozenset(
        name
        for provider, ask in later
        if provider.simulated == simulated
        for name in ask.fields
        if name in provider.fields
    )


@dataclass
class _Walk:
    """What is known so far, and what is still lacking: properties x fields."""

    county: County
    rules: Rules
    properties: pa.Table
    listener: Listener | None
    answers: list[pa.Table] = field(default_factory=lambda: [no_facts()])

    def __post_init__(self) -> None:
        self.needless = needless_fields(self.properties)
        self.lacking = ~self.needless
        self.is_simulated = to_mask(self.properties["is_simulated"])
        self.located = self.properties

    @property
    def facts(self) -> pa.Table:
        """All answers so far."""
        return pa.concat_tables(self.answers)

    def ask(self, provider: Provider, ask: Ask, to_come: frozenset[str]) -> None:
        """Ask one provider for what is lacking, and take note of what it filled that others may be asked."""
        wanted = [FIELD_NAMES.index(name) for name in ask.fields if name in provider.fields]
        served = self.is_simulated == provider.simulated
        lacking = self.lacking[:, wanted] & served[:, None]
        rows, columns = lacking.any(axis=1), lacking.any(axis=0)
        if not rows.any():
            return
        asked = self.located.filter(pa.array(rows)).select(REQUEST_COLUMNS)
        fields = tuple(FIELD_NAMES[index] for index, lacks in zip(wanted, columns, strict=True) if lacks)
        if self.listener:
            self.listener(provider.name, asked)
        facts = _answer(provider, EnrichmentRequest(self.county.slug, asked, fields))
        self.answers.append(facts)
        contested = facts.filter(pc.is_in(facts["field"], value_set=pa.array(sorted(to_come), pa.string())))
        if contested.num_rows:
            self.lacking &= ~assess(self.properties, contested, self.rules).settled()
        if FIRST_GROUP in ask.groups and to_come:
            self._locate()

    def _locate(self) -> None:
        """Give properties without coordinates those that were found for them."""
        located = pc.and_(pc.is_valid(self.properties["latitude"]), pc.is_valid(self.properties["longitude"]))
        if np.all(to_mask(located)):
            return
        found = resolve(self.properties.select(KEYS), self.facts, self.rules, self.needless).enrichments
        complete = pc.and_(pc.is_valid(found["geocoded_latitude"]), pc.is_valid(found["geocoded_longitude"]))
        table = self.properties
        for name in ("latitude", "longitude"):
            geocoded = pc.if_else(complete, found[f"geocoded_{name}"], pa.scalar(None, pa.float64()))
            column = pc.if_else(located, self.properties[name], geocoded)
            table = table.set_column(table.column_names.index(name), name, column)
        self.located = table
        self.lacking &= ~needless_fields(table)


def _answer(provider: Provider, request: EnrichmentRequest) -> pa.Table:
    try:
        return provider.fetch(request)
    except TransientError as error:
        LOG.warning("%s: %s did not answer: %s", request.county_slug, provider.name, error)
        origin = Origin(provider.name, simulated=provider.simulated)
        return failed_facts(request, request.fields, Failure.PROVIDER_FAILED, origin)
