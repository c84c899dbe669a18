"""Settings of what is told: read by every process that runs the platform's code, Dagster's own included."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from resources.errors import PermanentError
from resources.home import load_environment

Level = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR"],
    BeforeValidator(lambda value: value.upper() if isinstance(value, str) else value),
]
HttpUrl = Annotated[str, Field(pattern=r"^https?://[^\s/]+")]


class TelemetrySettings(BaseSettings):
    """Part of `realestate_assets.settings.Settings`; foreign tools have their own standard names."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    # What stands on stderr: lines for a person, or one JSON object a line.
    log_format: Literal["console", "json"] = "console"
    log_level: Level = "INFO"
    # Where unexpected errors go; without it nothing is sent.
    sentry_dsn: SecretStr | None = None
    sentry_environment: str = "production"
    # Where traces go, by OTLP over HTTP; the address of all signals, or that of traces alone.
    otel_exporter_otlp_endpoint: HttpUrl | None = None
    otel_exporter_otlp_traces_endpoint: HttpUrl | None = None
    # Where run events go.
    openlineage_url: HttpUrl | None = None
    openlineage_api_key: SecretStr | None = None
    openlineage_namespace: str = Field(default="realestate", min_length=1)

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
    load_environment()
    try:
        return TelemetrySettings()
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]
        name = str(fault["loc"][0]).upper()
        raise PermanentError(f"{fault['msg']}.", field=name, remedy=f"Mend or unset {name}.") from None
