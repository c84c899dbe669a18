"""Whether those who are told of the platform can be reached; `realestate doctor` asks. No data is sent.

Each function says what it saw, or raises with what to do.
"""

from urllib.parse import urlsplit

import httpx

from realestate_assets.settings import Settings
from resources.errors import PermanentError
from resources.scrub import scrub
from resources.telemetry.logs import FILE

TIMEOUT_SECONDS = 5.0


def log_lines(settings: Settings) -> str:
    """Where lines go and from which level."""
    shown = "JSON on stderr" if settings.log_format == "json" else "for a person on stderr"
    return f"{shown}, JSON in {settings.home / FILE}; {settings.log_level} and above"


def sentry(settings: Settings) -> str:
    """Sentry answers at the DSN's address."""
    if settings.sentry_dsn is None:
        return "off: SENTRY_DSN is not set"
    from sentry_sdk.utils import Dsn

    dsn = Dsn(settings.sentry_dsn.get_secret_value())
    # Nothing but the address: an event is sent by POST alone.
    status = _status("GET", f"{dsn.scheme}://{dsn.netloc}{dsn.path}", "SENTRY_DSN")
    return f"{dsn.netloc} answers (HTTP {status}), environment {settings.sentry_environment}"


def traces(settings: Settings) -> str:
    """The collector takes an empty request for traces."""
    endpoint = settings.traces_endpoint
    name = "OTEL_EXPORTER_OTLP_ENDPOINT"
    if endpoint is None:
        return f"off: {name} is not set"
    status = _status("POST", endpoint, name, content=b"", headers=_otlp_headers())
    if status >= 300:
        raise PermanentError(
            f"{_host(endpoint)} answers HTTP {status} to an empty request for traces.",
            field=name,
            remedy="It must take OTLP over HTTP (usually port 4318) as protobuf; keys go into "
            "OTEL_EXPORTER_OTLP_HEADERS.",
        )
    return f"{_host(endpoint)} takes traces"


def lineage(settings: Settings) -> str:
    """The service of OpenLineage answers."""
    if settings.openlineage_url is None:
        return "off: OPENLINEAGE_URL is not set"
    status = _status("GET", settings.openlineage_url, "OPENLINEAGE_URL")
    namespace = settings.openlineage_namespace
    return f"{_host(settings.openlineage_url)} answers (HTTP {status}), namespace {namespace}"


def _otlp_headers() -> dict[str, str]:
    from opentelemetry.sdk.environment_variables import (
        OTEL_EXPORTER_OTLP_HEADERS,
        OTEL_EXPORTER_OTLP_TRACES_HEADERS,
    )
    from opentelemetry.util.re import parse_env_headers

    from resources.home import setting

    told = setting(OTEL_EXPORTER_OTLP_TRACES_HEADERS) or setting(OTEL_EXPORTER_OTLP_HEADERS)
    return {**parse_env_headers(told, liberal=True), "Content-Type": "application/x-protobuf"}


def _status(
    method: str, url: str, field: str, content: bytes | None = None, headers: dict[str, str] | None = None
) -> int:
    try:
        return httpx.request(
            method, url, content=content, headers=headers, timeout=TIMEOUT_SECONDS
        ).status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise PermanentError(
            f"{_host(url)} does not answer: {scrub(str(error)) or type(error).__name__}.",
            field=field,
            remedy="Runs go on without; what they would have told it is lost.",
        ) from error


def _host(url: str) -> str:
    """Host and port alone: the rest may hold a password or a key."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
