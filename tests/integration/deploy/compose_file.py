"""`deploy/compose.yaml` as its engine reads it: variables put in, fragments merged."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from resources.home import PROJECT_ROOT

DEPLOY = PROJECT_ROOT / "deploy"
FILE = DEPLOY / "compose.yaml"
# Those that run the image of this repository.
OUR_IMAGE = "realestate-os:0.1.0"
VARIABLE = re.compile(r"\$(?:\$|\{(\w+)(?::-([^}]*))?\})")


@dataclass(frozen=True)
class Service:
    """One service: its entry as it is written, and the parts that tests ask for."""

    name: str
    entry: Mapping[str, Any]

    @property
    def is_ours(self) -> bool:
        """Whether it is a process of the platform."""
        return self.entry["image"] == OUR_IMAGE

    @property
    def is_one_shot(self) -> bool:
        """Whether it ends when its work is done."""
        return self.entry.get("restart") == "no"

    @property
    def command(self) -> list[str]:
        """What runs: entrypoint (where the file sets one) and command."""
        return [str(word) for word in [*self.entry.get("entrypoint", []), *self.entry.get("command", [])]]

    @property
    def environment(self) -> dict[str, str]:
        """Its variables."""
        return {name: str(value) for name, value in self.entry.get("environment", {}).items()}

    @property
    def secrets(self) -> dict[str, str]:
        """Secrets by the path at which the service finds them."""
        found = {}
        for each in self.entry.get("secrets", []):
            source = each if isinstance(each, str) else each["source"]
            target = source if isinstance(each, str) else each["target"]
            found[target if target.startswith("/") else f"/run/secrets/{target}"] = source
        return found

    @property
    def volumes(self) -> list[tuple[str, str, bool]]:
        """Source (a volume's name or a path), target, whether it may only be read."""
        found = []
        for each in self.entry.get("volumes", []):
            source, target, *mode = each.split(":")
            found.append((source, target, mode == ["ro"]))
        return found

    @property
    def waits_for(self) -> dict[str, str]:
        """Names of services that have to be there before, with the condition."""
        return {name: each["condition"] for name, each in self.entry.get("depends_on", {}).items()}

    @property
    def health(self) -> list[str]:
        """The words of its health check; none where it has none."""
        test = self.entry.get("healthcheck", {}).get("test", [])
        if not test:
            return []
        kind, *words = test
        return words if kind == "CMD" else ["/bin/sh", "-c", *words]


def interpolated(text: str, variables: Mapping[str, str]) -> str:
    """`${NAME:-default}` by its value, `$$` by a dollar."""

    def value(match: re.Match[str]) -> str:
        if not match[1]:
            return "$"
        return variables.get(match[1]) or match[2] or ""

    return VARIABLE.sub(value, text)


@cache
def document() -> dict[str, Any]:
    """The whole file, with nothing set."""
    return _walk(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def services() -> dict[str, Service]:
    """All services by name."""
    return {name: Service(name, entry) for name, entry in document()["services"].items()}


def _walk(value: Any) -> Any:
    # After parsing, as the engine does: a value with a colon stays a value.
    if isinstance(value, dict):
        return {key: _walk(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_walk(each) for each in value]
    return interpolated(value, {}) if isinstance(value, str) else value


def image_environment() -> dict[str, str]:
    """What deploy/Dockerfile sets in the image that runs."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    (block,) = re.findall(r"^ENV (PATH=(?:.*\\\n)*.*)$", text, flags=re.M)
    return dict(word.split("=", 1) for word in block.replace("\\\n", " ").split())
