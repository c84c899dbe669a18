"""A service over a database of its own, with people of two tenants, asked without a network."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from realestate_assets.app.prepare import make_views
from realestate_assets.operations.accounts.first import add_person
from realestate_assets.operations.migrate import migrate
from realestate_assets.operations.services import build_services
from realestate_assets.service.application import create_app
from realestate_assets.service.parts import Parts, build_parts
from realestate_assets.service.security import limits
from realestate_assets.service.security.permissions import ROLES
from realestate_assets.settings import Settings
from resources.lake.store import StoreResource
from resources.warehouse.resource import WarehouseResource
from tests.integration.service.a_market import Market, missing_views

PASSWORD = "s3cret horse battery"
TENANTS = ("north", "south")
COUNTIES = {"north": ("king-wa", "cook-il"), "south": ("travis-tx",)}


@pytest.fixture(scope="module")
def parts(module_warehouse: WarehouseResource, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    """Settings, database and services, with a person of each role in two tenants."""
    home: Path = tmp_path_factory.mktemp("home")
    settings = Settings(realestate_home=home, service_secret="x" * 40)
    warehouse = module_warehouse.model_copy(update={"migrations": "realestate_assets:migrations"})
    migrate(warehouse)
    built = build_parts(settings, {**build_services(settings), "warehouse": warehouse})
    for slug in TENANTS:
        for role in ROLES:
            add_person(
                built.transaction, built.sealer, email=f"{role}@{slug}.example.com", name=f"{role} of {slug}",
                slug=slug, roles=[role], password=PASSWORD, counties=COUNTIES[slug],
            )  # fmt: skip
    yield built
    built.engine.dispose()


@pytest.fixture
def warehouse(parts: Parts) -> WarehouseResource:
    """The database of the service, as the owner of its tables."""
    return parts.resources["warehouse"]


@dataclass(frozen=True)
class Asker:
    """Asks the service as one person."""

    client: TestClient
    token: str = ""

    def __call__(self, method: str, path: str, **options):
        headers = {
            **({"Authorization": f"Bearer {self.token}"} if self.token else {}),
            **options.pop("headers", {}),
        }
        return self.client.request(method, path, headers=headers, **options)


@pytest.fixture(scope="module")
def no_limits() -> Iterator[None]:
    """Tests ask more often than a person; those of the limits set them themselves."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("USER_REQUESTS", "ADDRESS_REQUESTS", "ADDRESS_LOGINS"):
            patch.setattr(limits, name, 100_000)
        yield


@pytest.fixture(scope="module")
def client(parts: Parts, no_limits: None) -> Iterator[TestClient]:
    """The service, asked without a network; it raises nothing: what fails is answered."""
    with TestClient(create_app(parts), raise_server_exceptions=False) as asked:
        yield asked


@pytest.fixture(scope="module")
def as_role(client: TestClient) -> Callable[..., Asker]:
    """Asks as a person of a role and tenant."""
    known: dict[tuple[str, str], Asker] = {}

    def of(role: str, tenant: str = "north") -> Asker:
        if (role, tenant) not in known:
            body = {"email": f"{role}@{tenant}.example.com", "password": PASSWORD}
            token = client.post("/api/v1/auth/login", json=body).json()["access_token"]
            known[role, tenant] = Asker(client, token)
        return known[role, tenant]

    return of


@pytest.fixture(scope="module")
def market(parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> Market:
    """Homes, values and sales of three counties, and every view over them."""
    lake = StoreResource(root_url=str(tmp_path_factory.mktemp("lake")))
    parts.resources["lake"] = lake
    made = Market(parts.resources["warehouse"], lake)
    make_views(parts.resources["warehouse"].database_url())
    assert missing_views(made.engine) == set()
    return made


@pytest.fixture(scope="module")
def analyst(market: Market, as_role: Callable[..., Asker]) -> Asker:
    """Asks of the market, in the north."""
    return as_role("analyst")


@pytest.fixture(scope="module")
def stranger(market: Market, as_role: Callable[..., Asker]) -> Asker:
    """Asks of the market, in a tenant that sees another county."""
    return as_role("analyst", "south")
