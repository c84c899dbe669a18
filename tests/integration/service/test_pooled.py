"""The service over PgBouncer and a Postgres of another administrator: it works, or says why not."""

import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from starlette.testclient import TestClient

from realestate_assets.app.connected import describe_role
from realestate_assets.app.engine import make_engine
from realestate_assets.app.service_role import ROLE
from realestate_assets.operations.accounts.first import add_person
from realestate_assets.operations.migrate import migrate
from realestate_assets.operations.services import build_services
from realestate_assets.service.application import create_app
from realestate_assets.service.parts import Parts, build_parts
from realestate_assets.settings import Settings
from resources.errors import PermanentError, TransientError
from resources.warehouse.connections import ensure_database
from tests.integration.service.an_external_postgres import PASSWORDS, PGBOUNCER, ExternalPostgres
from tests.integration.service.conftest import PASSWORD

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not PGBOUNCER, reason="pgbouncer is not installed (Debian: pgbouncer)"),
]

MADE = f"create role {ROLE} login password '{PASSWORDS[ROLE]}' nosuperuser nobypassrls"


def services_of(settings: Settings) -> dict:
    assert settings.database_url
    return build_services(
        settings, secret={"DATABASE_URL": settings.database_url.get_secret_value()}.__getitem__
    )


@pytest.fixture(scope="module")
def server(servers_folder) -> Iterator[ExternalPostgres]:
    """With the role that an administrator made, and tables made past the pooler, as in compose.yaml."""
    made = ExternalPostgres(servers_folder / "external")
    try:
        made.start()
        made.sql(MADE)
        made.start_pooler("owner_only", ROLE)
        settings = Settings(database_url=made.url("owner_only"), service_secret="x" * 40)
        migrate(services_of(settings)["warehouse"])
        yield made
    finally:
        made.stop()


def settings_of(server: ExternalPostgres, home, service: str | None) -> Settings:
    return Settings(
        realestate_home=home,
        database_url=server.url("owner_only", pooled=True),
        service_database_url=service,
        service_secret="x" * 40,
    )


@pytest.fixture(scope="module")
def pooled(server, tmp_path_factory) -> Iterator[Parts]:
    """The service, started as `realestate serve` starts it, all of it through the pooler."""
    home = tmp_path_factory.mktemp("home")
    settings = settings_of(server, home, server.url(ROLE, pooled=True))
    resources = services_of(settings)
    migrate(resources["warehouse"])
    built = build_parts(settings, resources)
    for slug in ("north", "south"):
        add_person(
            built.transaction, built.sealer, email=f"admin@{slug}.example.com", name=slug, slug=slug,
            roles=["admin"], password=PASSWORD, counties=["king-wa"],
        )  # fmt: skip
    yield built
    built.engine.dispose()


@pytest.fixture(scope="module")
def tokens(pooled, no_limits) -> dict[str, str]:
    with TestClient(create_app(pooled)) as client:
        return {
            slug: client.post(
                "/api/v1/auth/login", json={"email": f"admin@{slug}.example.com", "password": PASSWORD}
            ).json()["access_token"]
            for slug in ("north", "south")
        }


def test_people_sign_in_write_and_read_through_the_pooler(pooled, tokens):
    with TestClient(create_app(pooled)) as client:
        headers = {"Authorization": f"Bearer {tokens['north']}"}
        made = client.post("/api/v1/keys", json={"name": "k", "scopes": ["me:read"]}, headers=headers)
        assert made.status_code == 201, made.text
        listed = client.get("/api/v1/keys", headers=headers).json()["items"]
        assert [each["name"] for each in listed] == ["k"]
        assert client.get("/readyz").json()["status"] == "ready"


def test_many_at_once_over_few_connections_see_their_own_tenant_each(pooled, tokens):
    seen: dict[str, set[str]] = {"north": set(), "south": set()}
    with TestClient(create_app(pooled)) as client:

        def ask(slug: str) -> None:
            headers = {"Authorization": f"Bearer {tokens[slug]}"}
            for _ in range(15):
                me = client.get("/api/v1/auth/me", headers=headers).json()
                people = client.get("/api/v1/users", headers=headers).json()["items"]
                seen[slug] |= {me["tenant"], *(each["email"] for each in people)}

        threads = [threading.Thread(target=ask, args=(slug,)) for slug in ("north", "south") * 6]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert seen == {slug: {slug, f"admin@{slug}.example.com"} for slug in seen}


def test_no_connection_carries_a_tenant_into_the_next_transaction(pooled):
    left = "select coalesce(current_setting('app.tenant_id', true), '')"
    for _ in range(10):
        with pooled.engine.begin() as connection:
            assert connection.execute(sa.text(left)).scalar() == ""


def test_the_doctor_says_that_all_is_well(server):
    url = server.url(ROLE, pooled=True)
    told = describe_role(server.url("owner_only", pooled=True), make_engine(lambda: url), url)
    assert told == "connects, sees one tenant at a time"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("password", "cannot connect as realestate_service"),
        ("role", "would connect as owner_only, which may see the rows of every tenant"),
        ("unset", "SERVICE_DATABASE_URL"),
        ("database", "cannot connect as realestate_service"),
    ],
)
def test_what_is_wrong_with_the_role_is_said_at_the_start_and_by_the_doctor(server, tmp_path, wrong, said):
    service = {
        "password": server.url(ROLE, password="wr0ng"),
        "role": server.url("owner_only"),
        "unset": None,
        "database": server.url(ROLE, database="nowhere"),
    }[wrong]
    settings = settings_of(server, tmp_path, service)
    with pytest.raises(PermanentError, match=said) as refused:
        build_parts(settings, services_of(settings))
    engine = make_engine(lambda: service) if service else None
    with pytest.raises(PermanentError, match=said) as told:
        describe_role(server.url("owner_only"), engine, service or "")
    for error in (refused, told):
        assert "SERVICE_DATABASE_URL" in str(error.value)
        assert "wr0ng" not in str(error.value) and PASSWORDS["owner_only"] not in str(error.value)


def test_a_role_with_powers_is_refused_with_what_takes_them_away(server, tmp_path):
    settings = settings_of(server, tmp_path, server.url(ROLE))
    server.sql(f"alter role {ROLE} bypassrls")
    try:
        for ask in (
            lambda: build_parts(settings, services_of(settings)),
            lambda: describe_role(server.url("owner_only"), None, ""),
        ):
            with pytest.raises(PermanentError, match=f"alter role {ROLE} nosuperuser nobypassrls"):
                ask()
    finally:
        server.sql(f"alter role {ROLE} nobypassrls")


def test_a_role_that_nobody_made_is_told_with_what_an_administrator_runs(server, tmp_path):
    # Out of sight for a moment: what it owns nothing of cannot be dropped while it has grants.
    server.sql(f"alter role {ROLE} rename to hidden_service")
    try:
        settings = settings_of(server, tmp_path, None)
        with pytest.raises(PermanentError, match=f"create role {ROLE}"):
            build_parts(settings, services_of(settings))
        told = describe_role(server.url("owner_only"), None, "")
        assert f"create role {ROLE}" in told and "SERVICE_DATABASE_URL" in told
    finally:
        server.sql(
            f"alter role hidden_service rename to {ROLE};\nalter role {ROLE} password '{PASSWORDS[ROLE]}'"
        )


def test_a_pooler_that_is_away_is_an_outage_and_no_mistake_in_the_settings(server, tmp_path):
    away = server.url(ROLE, pooled=True).replace(str(server.pooler_port), "1")
    settings = replace_service(settings_of(server, tmp_path, None), away)
    with pytest.raises(TransientError):
        build_parts(settings, services_of(settings))


def replace_service(settings: Settings, url: str) -> Settings:
    return settings.model_copy(update={"service_database_url": SecretStr(url)})


def test_a_pooler_that_does_not_know_the_role_is_named(server, tmp_path):
    server.stop_pooler()
    server.start_pooler("owner_only")
    try:
        settings = settings_of(server, tmp_path, server.url(ROLE, pooled=True))
        with pytest.raises(PermanentError, match="PgBouncer has to know the role"):
            build_parts(settings, services_of(settings))
    finally:
        server.stop_pooler()
        server.start_pooler("owner_only", ROLE)


def test_many_at_once_are_told_that_the_database_is_there(server):
    # What each run of a worker asks first; a query prepared on one connection of the pooler's and executed on
    # another failed there.
    url, failed = server.url("owner_only", pooled=True), []

    def ask() -> None:
        for _ in range(15):
            try:
                ensure_database(url, "homes")
            except (PermanentError, TransientError) as error:
                failed.append(str(error))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
