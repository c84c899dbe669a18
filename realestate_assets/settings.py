"""Where everything is: one settings object, read from the environment and `.env`.

With nothing set, everything runs on this machine under `data/`. Each service is replaced by one variable.
"""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from realestate_assets.domain.core.timezone import TimezoneName
from realestate_assets.domain.counties.county_files import REVIEWS_FILE
from resources.errors import PermanentError
from resources.home import data_home
from resources.setting_kinds import (
    AlertUrls,
    BrokerUrl,
    HomeFolder,
    Hosts,
    HttpUrl,
    IssuerUrl,
    Key,
    ModelName,
    Month,
    Networks,
    Origins,
    PostgresUrl,
    RedisUrl,
    Sender,
    SmtpUrl,
    StoreUrl,
    TilesUrl,
    Word,
    is_safe_way,
    read,
)
from resources.telemetry.config import TelemetrySettings


class Settings(TelemetrySettings):
    """Environment settings; `.env.example` lists them with their meaning."""

    realestate_home: HomeFolder = Field(default_factory=data_home)
    database_url: PostgresUrl | None = None
    dagster_pg_url: PostgresUrl | None = None
    analyst_password: SecretStr | None = None
    lake_url: StoreUrl | None = None
    landing_url: StoreUrl | None = None
    reference_url: StoreUrl | None = None
    s3_endpoint_url: HttpUrl | None = None
    # Where the bucket stands in an address; by default in the path, on AWS in the host name.
    s3_addressing: Literal["path", "virtual"] | None = None
    qdrant_url: HttpUrl | None = None
    qdrant_api_key: Key | None = None
    # How a server keeps vectors in memory, from the next `realestate migrate --reindex` on.
    qdrant_quantization: Literal["none", "int8", "binary"] = "none"
    embedding_model: ModelName | None = None
    county_config_dir: Path | None = None
    # APIs (entries of providers.yaml) that may be asked, separated by commas; `all` for every one.
    enabled_apis: str = ""
    first_month: Month = "2014-01"
    max_partitions_per_run: int = Field(default=36, ge=1, le=500)
    sample_seed: int = Field(default=20240101, ge=0)
    sample_rows_per_month: int = Field(default=240, ge=10, le=100_000)
    memo_limit_per_partition: int = Field(default=10, ge=0, le=10_000)
    memo_paper: Literal["letter", "a4"] = "letter"
    # A landed file is read when its size and time have not changed for so long; objects on S3 appear whole.
    landing_settle_seconds: float = Field(default=15.0, ge=0, le=3600)
    # Runs are handed to Celery workers by this broker (Redis or RabbitMQ); without it they stay here.
    dagster_celery_broker: BrokerUrl | None = None
    # All workers are on this machine, and may use what lies in its folders.
    workers_share_machine: bool = False
    # Runs at once; by default two on one machine. As many as there are workers.
    max_concurrent_runs: int | None = Field(default=None, ge=1, le=1000)
    # In every county of the mainland the day is over when it is a quarter past three there.
    schedule_timezone: TimezoneName = "America/Los_Angeles"
    # A run that would leave less free on the disk of the local data does not begin.
    min_free_gb: float = Field(default=2.0, ge=0, le=100_000)
    # Where alerts go, as Apprise URLs separated by blanks; without one nothing is sent.
    alert_urls: AlertUrls | None = None
    # What of them goes where, by severity, owner and county; without it all goes to ALERT_URLS.
    alert_routes: Path | None = None
    # What lasts so long is told once more.
    alert_remind_hours: float = Field(default=24.0, gt=0, le=8760)
    # Where people open the Dagster UI: alerts link to it.
    dagster_webserver_url: HttpUrl = "http://localhost:3000"
    # Where the watcher asks the UI; by default where people open it.
    webserver_probe_url: HttpUrl | None = None
    # Further names, separated by commas, under which the UI of `realestate dev` may be opened.
    allowed_hosts: Hosts = ""
    # The service (`realestate serve`): where it listens, and where people and programs reach it.
    service_host: Word = "127.0.0.1"
    service_port: int = Field(default=8000, ge=1, le=65_535)
    service_base_url: HttpUrl = "http://localhost:8000"
    # Proxies before it, whose word on who asks (X-Forwarded-For, -Proto, -Uri) is believed.
    trusted_proxies: Networks = ""
    # What its keys are derived from; without it a file of the data folder, made at its first start.
    service_secret: SecretStr | None = None
    # The database as its own role; without it that role at the address of DATABASE_URL.
    service_database_url: PostgresUrl | None = None
    # Where its copies count requests; in Postgres without it.
    redis_url: RedisUrl | None = None
    # Sign-in by OpenID Connect: the provider, what the service is registered as there, the name to show.
    oidc_issuer: IssuerUrl | None = None
    oidc_client_id: Word | None = None
    oidc_client_secret: Key | None = None
    oidc_name: str = Field(default="", max_length=60)
    # Origins, separated by commas, whose pages may ask the service from a browser.
    cors_origins: Origins = ""
    # Tiles under the maps of its pages, and whose they are; without it outlines of counties alone.
    map_tiles_url: TilesUrl | None = None
    map_tiles_credit: str = Field(default="", max_length=200)
    # Photos that sources have addresses of are fetched for people who are signed in; their terms decide.
    property_photos: bool = False
    # Mail: by which server, and who it says wrote it; without one it lies in the folder `mail` of the data.
    mail_smtp_url: SmtpUrl | None = None
    mail_from: Sender | None = None

    @property
    def home(self) -> Path:
        """Absolute folder of all local data."""
        return self.realestate_home.expanduser().resolve()

    def asks_api(self, api: str, enabled: bool = False) -> bool:
        """True where an API may be asked: its own `enabled: true`, or its name (or `all`) in ENABLED_APIS.

        Without either nothing ever opens a connection: a run needs neither network nor key.
        """
        named = {name.strip() for name in self.enabled_apis.split(",")}
        return enabled or bool(named & {api, "all"})

    @property
    def lake_root(self) -> str:
        """Lake location: a local folder or s3://bucket/prefix."""
        return self.lake_url or str(self.home / "lake")

    @property
    def landing_root(self) -> str:
        """Landing location: files lie in <landing>/<county>/<source>/. On S3 it sits inside the lake."""
        if self.landing_url:
            return self.landing_url
        if self.lake_url and "://" in self.lake_url:
            return f"{self.lake_url.rstrip('/')}/landing"
        return str(self.home / "landing")

    @property
    def reference_root(self) -> str:
        """Location of user-supplied reference files for table enrichment."""
        return self.reference_url or str(self.home / "reference")

    @property
    def vectors_root(self) -> Path:
        """Folder of the embedded vector index: one shard a county."""
        return self.home / "vectors"

    @property
    def mail_root(self) -> Path:
        """Folder (Maildir) of mail that no server is set for."""
        return self.home / "mail"

    @property
    def mail_sender(self) -> str:
        """Who mail says that it is from."""
        return self.mail_from or "Real Estate OS <realestate@localhost>"

    @property
    def reviews_file(self) -> Path:
        """What people have cleared: beside the county files of one's own, else with the local data."""
        return (self.county_config_dir or self.home) / REVIEWS_FILE

    @property
    def postgres_root(self) -> Path:
        """Data folder of the embedded Postgres."""
        return self.home / "postgres"


def read_settings() -> Settings:
    """The settings of this process as they stand now.

    `.env` goes into the environment first, so that AWS and provider keys reach their clients too.

    Raises:
        PermanentError: a value is none that can be; it names the variable and does not repeat the value.
    """
    settings = read(Settings)
    folder, routes = settings.county_config_dir, settings.alert_routes
    if folder and not folder.expanduser().is_dir():
        raise _unfit("COUNTY_CONFIG_DIR", "expected a folder that is there")
    if routes and not routes.expanduser().is_file():
        raise _unfit("ALERT_ROUTES", "expected a file that is there")
    if settings.mail_smtp_url and not settings.mail_from:
        raise _unfit("MAIL_FROM", "expected who mail is from, as MAIL_SMTP_URL is set")
    _refuse_half_a_provider(settings)
    _refuse_unknown_apis(settings)
    return settings


def _refuse_half_a_provider(settings: Settings) -> None:
    given = {
        "OIDC_ISSUER": settings.oidc_issuer,
        "OIDC_CLIENT_ID": settings.oidc_client_id,
        "OIDC_CLIENT_SECRET": settings.oidc_client_secret,
    }
    there = [name for name, value in given.items() if value]
    missing = [name for name, value in given.items() if not value]
    if there and missing:
        set_already = " and ".join(there) + (" are set" if len(there) > 1 else " is set")
        raise PermanentError(
            f"{' and '.join(missing)} missing for sign-in by OpenID Connect, as {set_already}.",
            field=missing[0],
            remedy=f"Set {' and '.join(missing)}, or unset {' and '.join(there)}.",
        )
    if there and not is_safe_way(settings.service_base_url):
        raise _unfit("SERVICE_BASE_URL", "expected https://, or this machine, as OIDC_ISSUER is set")


def _unfit(name: str, expected: str) -> PermanentError:
    return PermanentError(f"{expected}.", field=name, remedy=f"Mend or unset {name}.")


def _refuse_unknown_apis(settings: Settings) -> None:
    named = {name.strip() for name in settings.enabled_apis.split(",")} - {"", "all"}
    if not named:
        return
    # What there is stands in providers.yaml, which few installations need to have read here.
    from realestate_assets.domain.counties.provider_policies import load_policies

    known = load_policies(settings.county_config_dir)
    if unknown := sorted(named - known.keys()):
        raise PermanentError(
            f"no API is called {', '.join(unknown)}; there are {', '.join(known)}.",
            field="ENABLED_APIS",
            remedy="Name some of them, separated by commas, or all.",
        )


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once.

    Raises:
        PermanentError: as `read_settings`.
    """
    return read_settings()
