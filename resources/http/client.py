"""The HTTP client of all providers: sessions with APIs, whose ledger and cache are in the warehouse."""

import contextlib
from collections.abc import Iterator

import dagster as dg

from resources.http.api_policy import ApiPolicy
from resources.http.ledger import Ledger
from resources.http.session import ApiSession
from resources.ops_tables import PROVIDER_TABLES
from resources.warehouse.resource import WarehouseResource


class HttpClientResource(dg.ConfigurableResource):
    """Sessions with APIs. Keys come from the environment when a request leaves, not from here."""

    warehouse: dg.ResourceDependency[WarehouseResource]

    @contextlib.contextmanager
    def session(
        self, policy: ApiPolicy, provider: str, run_id: str, county_slug: str
    ) -> Iterator[ApiSession]:
        """An `ApiClient` for one provider in one run.

        Args:
            policy: the API's entry of providers.yaml; one without a name is called like the provider.
            provider: who asks, for the ledger.
            run_id: the run whose budget is spent.
            county_slug: slug of the county it is asked for.
        """
        named = policy if policy.name else policy.model_copy(update={"name": provider})
        self.warehouse.ensure_tables(PROVIDER_TABLES)
        ledger = Ledger(self.warehouse, named, provider, county_slug, run_id)
        session = ApiSession(ledger, named, provider)
        try:
            ledger.purge()
            yield session
        finally:
            session.close()
