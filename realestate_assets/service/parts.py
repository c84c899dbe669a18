"""What the service is made of: built once a process, handed to every request, never global."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx
import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.connected import check_connected, refuse_powers
from realestate_assets.app.engine import make_engine, tenant_transaction
from realestate_assets.app.prepare import make_views, prepare
from realestate_assets.app.sealing import Sealer
from realestate_assets.app.secret import ServiceSecret, service_secret
from realestate_assets.app.service_role import ROLE
from realestate_assets.domain.counties.county import County, load_counties
from realestate_assets.operations.accounts.provider import provider_of
from realestate_assets.operations.mail.channels import Channel, channel_of
from realestate_assets.operations.mail.mailer import Mailer
from realestate_assets.operations.pipelines.graphql import Dagster
from realestate_assets.operations.storage import Storage
from realestate_assets.service.context import current_ids
from realestate_assets.service.security.limits import Counts, InPostgres, InRedis
from realestate_assets.settings import Settings
from resources.errors import PermanentError
from resources.http.openid import Provider
from resources.vectors.vectors import Vectors

ROLE_KEY = "database-role"


@dataclass(frozen=True)
class Parts:
    """Settings, secret, database and services of one process.

    Args:
        settings: of the process.
        secret: what keys are derived from.
        engine: connects as the service's own role.
        resources: as `operations.services.build_services` gives them; `warehouse` connects as the owner.
    """

    settings: Settings
    secret: ServiceSecret
    engine: sa.Engine
    resources: Mapping[str, Any]

    @property
    def sealer(self) -> Sealer:
        """Encrypts and finds personal columns."""
        return Sealer(self.secret)

    @cached_property
    def mail(self) -> Channel:
        """How mail leaves."""
        return channel_of(self.settings)

    @property
    def mailer(self) -> Mailer:
        """Writes to people; what it writes waits in the outbox."""
        return Mailer(self.sealer, self.settings.service_base_url)

    @cached_property
    def dagster(self) -> Dagster:
        """The web server of Dagster, where `webserver_probe_url` or else DAGSTER_WEBSERVER_URL says."""
        url = self.settings.webserver_probe_url or self.settings.dagster_webserver_url
        # No proxy of the machine's: it is a neighbour. Nothing is kept open between two questions.
        limits = httpx.Limits(max_keepalive_connections=0)
        return Dagster(str(url), httpx.Client(trust_env=False, limits=limits))

    @cached_property
    def provider(self) -> Provider | None:
        """The provider of sign-in (OIDC_ISSUER), where one is set."""
        return provider_of(self.settings)

    @cached_property
    def counts(self) -> Counts:
        """Where requests are counted."""
        in_postgres, url = InPostgres(self.engine), self.settings.redis_url
        return InRedis(url.get_secret_value(), in_postgres) if url else in_postgres

    @cached_property
    def vector_index(self) -> Vectors:
        """The search index, kept open for this process."""
        index: Vectors = self.resources["vector_index"]
        return index.kept_open(self.settings.vectors_root / ".copies")

    @cached_property
    def storage(self) -> Storage:
        """What lies where, measured once a minute at most."""
        stores = {name: self.resources[name] for name in ("lake", "landing", "reference")}
        index = None if self.settings.qdrant_url else self.settings.vectors_root
        return Storage(stores, self.engine, self.settings.home, index)

    @cached_property
    def county_files(self) -> dict[str, County]:
        """The configured counties, as they are at the first question."""
        return load_counties(self.settings.county_config_dir)

    @contextmanager
    def transaction(
        self, tenant_id: uuid.UUID | None, user_id: uuid.UUID | None = None, *, is_lasting: bool = True
    ) -> Iterator[Session]:
        """One transaction as the service's role, of one tenant; None sees no tenant's rows.

        Args:
            tenant_id: whose rows are seen.
            user_id: who acts.
            is_lasting: on disk when it has ended; else soon after.
        """
        request_id = current_ids().request_id
        with tenant_transaction(
            self.engine, tenant_id, user_id, request_id, is_lasting=is_lasting
        ) as session:
            yield session

    def make_views(self) -> tuple[str, ...]:
        """Make the views of the market again that a dbt build dropped."""
        return make_views(self.resources["warehouse"].database_url())


def build_parts(settings: Settings, resources: Mapping[str, Any]) -> Parts:
    """Prepare the database for the service and connect to it as its role.

    Raises:
        PermanentError: the role is not there and may not be made here, or has powers it must not have; the
            sentence says what an administrator runs.
        TransientError: the database is away.
    """
    secret = service_secret(
        settings.service_secret.get_secret_value() if settings.service_secret else None, settings.home
    )
    warehouse = resources["warehouse"]
    given = settings.service_database_url
    # The embedded server asks the machine who calls; another one asks for a password.
    password = secret.key(ROLE_KEY).hex() if warehouse.url and not given else None
    prepared = prepare(warehouse.database_url(), password)
    if prepared.lack and not given:
        raise PermanentError(prepared.lack, remedy="Then set SERVICE_DATABASE_URL to that role's address.")
    refuse_powers(prepared.role.has_powers)
    if given:
        engine = make_engine(given.get_secret_value)
    else:
        engine = make_engine(warehouse.database_url, user=ROLE, password=password)
    check_connected(engine, given.get_secret_value() if given else warehouse.database_url())
    return Parts(settings, secret, engine, resources)
