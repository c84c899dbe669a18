"""Shared fixtures: real services, started once, each test with a database or bucket of its own.

Postgres comes from a wheel and is shared by the xdist workers; SeaweedFS (a real S3 server) is one a worker
and starts only where a test asks for it. No test needs a network, a key or a service of the machine.
"""

import atexit
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import is_hypothesis_test
from hypothesis import settings as hypothesis_settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from realestate_assets.settings import Settings
from resources import retries
from resources.lake import files as lake_store
from resources.lake.store import StoreResource
from resources.warehouse import connections as postgres
from resources.warehouse import embedded as embedded_postgres
from resources.warehouse.resource import WarehouseResource
from tests import tiers
from tests.seaweed import S3Server, seaweed

# Nothing of the developer's own machine reaches a test: neither variables nor the project's .env.
SERVICE_VARIABLES = (
    "DATABASE_URL",
    "DAGSTER_PG_URL",
    "ANALYST_PASSWORD",
    "DAGSTER_HOME",
    "LAKE_URL",
    "LANDING_URL",
    "REFERENCE_URL",
    "S3_ENDPOINT_URL",
    "S3_ADDRESSING",
    "AWS_CA_BUNDLE",
    "QDRANT_URL",
    "QDRANT_API_KEY",
    "QDRANT_QUANTIZATION",
    "EMBEDDING_MODEL",
    "COUNTY_CONFIG_DIR",
    "ENABLED_APIS",
    "CENSUS_API_KEY",
    "SOCRATA_APP_TOKEN",
    "ATTOM_API_KEY",
    "REGRID_TOKEN",
    "ALERT_URLS",
    "ALERT_ROUTES",
    "ALERT_REMIND_HOURS",
    "DAGSTER_WEBSERVER_URL",
    "SCHEDULE_TIMEZONE",
    "LANDING_SETTLE_SECONDS",
    "MIN_FREE_GB",
    "DAGSTER_CELERY_BROKER",
    "MAX_CONCURRENT_RUNS",
    "WORKERS_SHARE_MACHINE",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "SENTRY_DSN",
    "SENTRY_ENVIRONMENT",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OPENLINEAGE_URL",
    "OPENLINEAGE_API_KEY",
    "OPENLINEAGE_NAMESPACE",
    "OIDC_ISSUER",
    "OIDC_CLIENT_ID",
    "OIDC_CLIENT_SECRET",
    "OIDC_NAME",
    "TRACEPARENT",
    "SERVICE_HOST",
    "SERVICE_PORT",
    "SERVICE_BASE_URL",
    "SERVICE_SECRET",
    "SERVICE_DATABASE_URL",
    "TRUSTED_PROXIES",
    "REDIS_URL",
    "MAP_TILES_URL",
    "MAP_TILES_CREDIT",
    "PROPERTY_PHOTOS",
    "CORS_ORIGINS",
    "MAIL_SMTP_URL",
    "MAIL_FROM",
)
for _name in SERVICE_VARIABLES:
    os.environ.pop(_name, None)
os.environ["HF_HUB_OFFLINE"] = "1"
# Nor does a test write where the developer's data are. The xdist workers share the folder by inheriting it.
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["REALESTATE_HOME"] = tempfile.mkdtemp(prefix="realestate-tests-")
    atexit.register(shutil.rmtree, os.environ["REALESTATE_HOME"], ignore_errors=True)
Settings.model_config["env_file"] = None

# Two shared cores: a slow example is no failure. Derandomized: a failure comes back on the next run.
hypothesis_settings.register_profile("repository", deadline=None, derandomize=True, max_examples=40)
# For `make test-long`: new examples each time.
hypothesis_settings.register_profile("thorough", deadline=None, max_examples=300)
# For `make test-fast`; a test that sets its own number of examples keeps it.
hypothesis_settings.register_profile("fast", deadline=None, derandomize=True, max_examples=15)
hypothesis_settings.load_profile("repository")

DBT_TESTS = "tests/integration/dbt/"
SERVERS_VARIABLE = "REALESTATE_TEST_SERVERS"

_numbers = itertools.count()


def pytest_configure(config: pytest.Config) -> None:
    """One folder for the Postgres servers of a session, known to all its workers by the environment.

    Not below pytest's own: the next pytest session closes that to other users, and run by root the server
    works as another user.
    """
    tiers.watch()
    if SERVERS_VARIABLE not in os.environ:
        os.environ[SERVERS_VARIABLE] = tempfile.mkdtemp(prefix="realestate-tests-")
        config.add_cleanup(lambda: shutil.rmtree(os.environ.pop(SERVERS_VARIABLE), ignore_errors=True))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole runs first: begun last, one worker would be busy with them long after the other.

    The lines that open inputs run through are not counted: hundreds of examples, each half as slow again by
    tracing, to see lines that the examples by hand have seen.
    """
    tiers.mark_units(items)
    for item in items:
        if is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker("no_cover")
    items.sort(key=lambda item: item.get_closest_marker("end_to_end") is None)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """A unit test asks for no service, and its fixtures start none."""
    tiers.refuse_service_fixtures(item)
    with tiers.guarded(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """A unit test starts no service; what is torn down after the last test of a worker is not its doing."""
    with tiers.guarded(item):
        return (yield)


class _ByBuild(LoadFileScheduling):
    """The tests of a file go to one worker; the dbt tests all to one, for they share a built market."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return DBT_TESTS if file.startswith(DBT_TESTS) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """The scheduler of `--dist loadfile`."""
    return _ByBuild(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(autouse=True)
def _steps_are_tried_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits minutes for a service that it broke on purpose."""
    monkeypatch.setattr(retries, "FIRST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(lake_store, "FIRST_WAIT_SECONDS", 0.01)


@pytest.fixture(scope="session")
def servers_folder() -> Path:
    """Folder for embedded servers; removed at the end of the session."""
    return Path(os.environ[SERVERS_VARIABLE])


@pytest.fixture(scope="session")
def postgres_root(servers_folder: Path) -> Iterator[Path]:
    """Folder of the session's embedded Postgres; all xdist workers use the same server."""
    root = servers_folder / "postgres"
    embedded_postgres.server_uri(root, "postgres")
    yield root
    embedded_postgres.leave(root)


def _fresh_warehouse(root: Path) -> Iterator[WarehouseResource]:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"test_{worker}_{next(_numbers)}"
    yield WarehouseResource(embedded_root=str(root), database=name)
    connection = postgres.open_connection(embedded_postgres.server_uri(root, "postgres"), autocommit=True)
    postgres.run(connection, f"drop database if exists {name} with (force)")
    connection.close()


@pytest.fixture
def warehouse(postgres_root: Path) -> Iterator[WarehouseResource]:
    """A warehouse with an empty database of its own."""
    yield from _fresh_warehouse(postgres_root)


@pytest.fixture(scope="module")
def module_warehouse(postgres_root: Path) -> Iterator[WarehouseResource]:
    """A warehouse whose database the tests of one module share."""
    yield from _fresh_warehouse(postgres_root)


@pytest.fixture
def lake(tmp_path: Path) -> StoreResource:
    """An empty lake in a local folder."""
    return StoreResource(root_url=str(tmp_path / "lake"))


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A SeaweedFS server; ready after about 10 s."""
    with seaweed(tmp_path_factory.mktemp("seaweed") / "data") as server:
        yield server


@pytest.fixture
def s3_store(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> StoreResource:
    """A store in a new, empty bucket."""
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    return StoreResource(
        root_url=f"s3://{s3_server.create_bucket()}/lake", s3_endpoint_url=s3_server.endpoint_url
    )


@pytest.fixture(scope="module")
def new_home(servers_folder: Path) -> Iterator[Callable[[], Path]]:
    """Makes empty folders of data for whole runs of the command line, each with its own embedded Postgres."""
    made: list[Path] = []

    def make() -> Path:
        made.append(Path(tempfile.mkdtemp(dir=servers_folder, prefix="home-")))
        # The embedded server runs as another user where the tests run as root.
        made[-1].chmod(0o755)
        return made[-1]

    yield make
    for home in made:
        embedded_postgres.leave(home / "postgres")
