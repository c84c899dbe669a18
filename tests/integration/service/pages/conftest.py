"""A furnished market, people who read its pages, the service on a port, and a real Chromium."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from starlette.testclient import TestClient

from realestate_assets.service.application import create_app
from realestate_assets.service.parts import Parts
from realestate_assets.service.security import limits
from resources.lake.store import StoreResource
from tests.integration.service.conftest import PASSWORD
from tests.integration.service.pages.a_site import Furnished, furnish, opened

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def market(parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> Furnished:
    """Homes of three counties with all that pages show."""
    return furnish(parts, StoreResource(root_url=str(tmp_path_factory.mktemp("lake"))))


@dataclass(frozen=True)
class Reader:
    """A person's browser without a screen: keeps the cookie, asks for pages."""

    client: TestClient

    def __call__(self, path: str, **options):
        headers = {"Accept": "text/html", **options.pop("headers", {})}
        return self.client.get(path, headers=headers, follow_redirects=False, **options)


@pytest.fixture(scope="module")
def stranger(parts: Parts, market: Furnished) -> Reader:
    """Nobody who is signed in."""
    return Reader(TestClient(create_app(parts), raise_server_exceptions=False))


@pytest.fixture(scope="module")
def as_reader(parts: Parts, market: Furnished) -> Callable[..., Reader]:
    """Reads pages as a person of a role and tenant."""
    known: dict[tuple[str, str], Reader] = {}

    def of(role: str, tenant: str = "north") -> Reader:
        if (role, tenant) not in known:
            client = TestClient(create_app(parts), raise_server_exceptions=False)
            body = {"email": f"{role}@{tenant}.example.com", "password": PASSWORD}
            assert client.post("/api/v1/auth/session", json=body).status_code == 200
            known[role, tenant] = Reader(client)
        return known[role, tenant]

    return of


@pytest.fixture(scope="module")
def site(market: Furnished, parts: Parts) -> Iterator[str]:
    """The service's address; a browser of a test is quicker than a person may be."""
    with pytest.MonkeyPatch.context() as patched:
        for name in ("ADDRESS_LOGINS", "ADDRESS_REQUESTS", "USER_REQUESTS"):
            patched.setattr(limits, name, 10_000)
        with opened(parts) as address:
            yield address


@pytest.fixture(scope="module")
def browser() -> Iterator:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()
