"""Settings of what is told: read by every process that runs the platform's code, Dagster's own included."""

from typing import Annotated, Literal

from pydantic import BeforeValidator
from pydantic_settings import BaseSettings, SettingsConfigDict

from resources.setting_kinds import EnvironmentName, HttpUrl, Key, SentryDsn, Word, read

Level = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR"],
    BeforeValidator(lambda value: value.upper() if isinstance(value, str) else value),
]


class TelemetrySettings(BaseSettings):
    """Part of `realestate_assets.settings.Settings`; foreign tools have their own standard names."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    # What stands on stderr: lines for a person, or one JSON object a line.
    log_format: Literal["console", "json"] = "console"
    log_level: Level = "INFO"
    # Where unexpected errors go; without it nothing is sent.
    sentry_dsn: SentryDsn | None = None
    sentry_environment: EnvironmentName = "production"
    # Where traces go, by OTLP over HTTP; the address of all signals, or that of traces alone.
    otel_exporter_otlp_endpoint: HttpUrl | None = None
    otel_exporter_otlp_traces_endpoint: HttpUrl | None = None
    # Where run events go.
    openlineage_url: HttpUrl | None = None
    openlineage_api_key: Key | None = None
    openlineage_namespace: Word = "realestate"

    @property
    def traces_endpoint(self) -> str | None:
        """Where spans are posted; None where nothing is."""
        if self.otel_exporter_otlp_traces_endpoint:
            return self.otel_exporter_otlp_traces_endpoint
        base = self.otel_exporter_otlp_endpoint
        return f"{base.rstrip('/')}/v1/traces" if base else None


def read_settings() -> TelemetrySettings:
    """The settings of this process, from its environment and `.env`.

    Raises:
        PermanentError: a value is none that can be; it names the variable and does not repeat the value.
    """
    return read(TelemetrySettings)
