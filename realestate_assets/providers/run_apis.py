"""The APIs one run asks: sessions that open with the first request, and what came of them in the end."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.provider_policies import policy_of
from realestate_assets.domain.counties.providers.kinds import HttpProvider
from realestate_assets.providers.registry import api_of
from resources.http.api import ApiAnswer, ApiClient, ApiRequest
from resources.http.api_policy import ApiPolicy
from resources.http.client import HttpClientResource
from resources.http.session import ApiSession, Totals


class LazyClient:
    """An `ApiClient` whose session is opened when something is to be sent: mostly nothing is lacking."""

    def __init__(self, provider: str, base_url: str, open_session: Callable[[], ApiSession]) -> None:
        self.provider, self.base_url = provider, base_url
        self.session: ApiSession | None = None
        self._open = open_session

    def send_all(self, requests: Sequence[ApiRequest]) -> list[ApiAnswer]:
        """See `ApiClient`."""
        if not requests:
            return []
        if self.session is None:
            self.session = self._open()
        return self.session.send_all(requests)


class RunApis:
    """The sessions of one run, closed together at its end: `with RunApis(...) as apis`.

    Args:
        http: the HTTP client.
        policies: entries of providers.yaml.
        may_ask: whether an API may be asked: its name, and whether the county itself enables it.
        run_id: the run whose budget is spent.
    """

    def __init__(
        self,
        http: HttpClientResource,
        policies: Mapping[str, ApiPolicy],
        may_ask: Callable[[str, bool], bool],
        run_id: str,
    ) -> None:
        self.policies = policies
        self._http, self._may_ask, self._run_id = http, may_ask, run_id
        self._sessions = contextlib.ExitStack()
        self._clients: dict[tuple[str, str], LazyClient] = {}

    def __enter__(self) -> "RunApis":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sessions.__exit__(kind, error, trace)

    def asks(self, config: HttpProvider) -> bool:
        """True where the provider's API may be asked."""
        return self._may_ask(api_of(config), config.enabled)

    def client(self, config: HttpProvider, county: County) -> ApiClient:
        """The client of one provider of one county.

        Raises:
            PermanentError: providers.yaml has no entry for its API.
        """
        policy = policy_of(dict(self.policies), api_of(config), county_slug=county.slug)

        def open_session() -> ApiSession:
            return self._sessions.enter_context(
                self._http.session(policy, config.name, self._run_id, county.slug)
            )

        client = LazyClient(config.name, policy.base_url, open_session)
        self._clients[county.slug, config.name] = client
        return client

    def is_api(self, county_slug: str, provider: str) -> bool:
        """True where the provider of the county is asked over HTTP."""
        return (county_slug, provider) in self._clients

    def totals(self) -> dict[tuple[str, str], Totals]:
        """What was done for each county and provider so far; only those that were asked."""
        return {
            key: client.session.totals for key, client in self._clients.items() if client.session is not None
        }
