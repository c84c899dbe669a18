"""Which channels an alert goes to: by severity, owner and county, as a small YAML file says.

Without a file everything goes to ALERT_URLS. The file names environment variables that hold addresses, never
an address: it may lie in a repository, and nothing of it is secret.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from resources import strict_yaml
from resources.alerts.alert import CRITICAL, INFO, WARNING, Alert
from resources.errors import PermanentError

DEFAULT = "default"
DEFAULT_VARIABLE = "ALERT_URLS"
# What an alert is about, by what its key begins with.
KIND_OF_PREFIX = {
    "run": "run",
    "check": "check",
    "unfit": "file",
    "stale": "freshness",
    "heartbeat": "service",
    "watch": "service",
}
Severity = Literal["critical", "warning", "info"]
Kind = Literal["run", "check", "file", "freshness", "service"]
# The values of such variables are kept out of everything that is logged, kept or sent.
Variable = Annotated[str, Field(pattern=r"^ALERT_[A-Z0-9_]*URLS?$")]
MOST_REMINDERS: dict[str, int] = {CRITICAL: 1, WARNING: 1, INFO: 0}
REMEDY = "docs/operations.md, Alerts, shows the form of the file."


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class Route(BaseModel):
    """What goes where: all conditions that are given have to hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: Annotated[Names, Field(min_length=1)]
    severity: Annotated[tuple[Severity, ...], BeforeValidator(_listed)] = ()
    owner: Names = ()
    county: Names = ()

    def takes(self, alert: Alert) -> bool:
        """True where the alert fits every condition."""
        return (
            (not self.severity or alert.severity in self.severity)
            and (not self.owner or not set(self.owner).isdisjoint(alert.owners))
            and (not self.county or not set(self.county).isdisjoint(alert.counties))
        )


class Routing(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    channels: dict[str, Variable] = Field(default_factory=dict)
    severity: dict[Kind, Severity] = Field(default_factory=dict)
    reminders: dict[Severity, Annotated[int, Field(ge=0, le=100)]] = Field(default_factory=dict)
    routes: tuple[Route, ...] = ()

    @property
    def variables(self) -> dict[str, str]:
        """The environment variable of each channel by its name; ALERT_URLS is the default's."""
        return {DEFAULT: DEFAULT_VARIABLE, **self.channels}

    @property
    def most_reminders(self) -> dict[str, int]:
        """How often what lasts is told again, by severity."""
        return MOST_REMINDERS | {str(name): most for name, most in self.reminders.items()}

    def severity_of(self, alert: Alert) -> str:
        """The severity the file gives to alerts of its kind, else its own."""
        kind = KIND_OF_PREFIX.get(alert.key.partition(":")[0])
        return next((given for name, given in self.severity.items() if name == kind), alert.severity)

    def channels_of(self, alert: Alert) -> list[str]:
        """The channels of every route that takes it; where none does, the default one."""
        found = [name for route in self.routes if route.takes(alert) for name in route.to]
        return list(dict.fromkeys(found)) or [DEFAULT]

    def unknown(self, owners: Collection[str], counties: Collection[str]) -> list[str]:
        """Routes that no alert can take, in words: of owners nobody is, of counties there are not."""
        return [
            f"routes.{place}: there is no {what} {name}"
            for place, route in enumerate(self.routes, start=1)
            for what, names, known in (("owner", route.owner, owners), ("county", route.county, counties))
            for name in names
            if name not in known
        ]


def read_routing(path: str) -> Routing:
    """The file as it says; without a path everything goes to the default channel.

    Raises:
        PermanentError: it cannot be read, or a value is unknown or missing; names the setting, no value.
    """
    if not path:
        return Routing()
    name, line = Path(path).name, ""
    try:
        content = strict_yaml.load(Path(path).read_text(encoding="utf-8")) or {}
    except OSError as error:
        raise PermanentError(
            f"{path} cannot be read: {error.strerror}.", field="ALERT_ROUTES", remedy=REMEDY
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        content, mark = None, getattr(error, "problem_mark", None)
        line = f" (line {mark.line + 1})" if mark else ""
    # Outside of `except`: PyYAML's text repeats the input.
    if not isinstance(content, dict):
        raise PermanentError(
            f"{name} is not valid YAML of `key: value` lines, each key once{line}.",
            field="ALERT_ROUTES",
            remedy=REMEDY,
        )
    try:
        routing = Routing.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
    else:
        return _with_known_channels(routing, name)
    place = ".".join(str(part + 1 if isinstance(part, int) else part) for part in first["loc"])
    # Outside of `except`: pydantic's text repeats the input, which may be an address put there by mistake.
    if first["loc"][:1] == ("channels",):
        words = "a channel is the name of an environment variable such as ALERT_ONCALL_URLS, not an address"
        place = "channels"
    else:
        words = first["msg"]
    raise PermanentError(f"{name} is not valid: {place}: {words}.", field="ALERT_ROUTES", remedy=REMEDY)


def _with_known_channels(routing: Routing, name: str) -> Routing:
    known = routing.variables
    for place, route in enumerate(routing.routes, start=1):
        if unknown := sorted(set(route.to) - set(known)):
            raise PermanentError(
                f"{name} is not valid: routes.{place}.to: there is no channel {', '.join(unknown)}; "
                f"there are: {', '.join(known)}.",
                field="ALERT_ROUTES",
                remedy=REMEDY,
            )
    return routing
