"""Settings files: YAML as validated values, and one way to say what is wrong with a file."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from realestate_assets.domain.core.strict_model import UNKNOWN_KEY
from resources import strict_yaml
from resources.errors import PermanentError

CONFIG_DIR = Path(__file__).resolve().parents[2] / "config"

Settings = TypeVar("Settings", bound=BaseModel)


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML file whose top is a mapping.

    Raises:
        PermanentError: not YAML, a key that stands twice, or something else than a mapping.
    """
    try:
        content = strict_yaml.load(path.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        raise _unreadable(path, error) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PermanentError(f"{path.name} is not valid YAML: {error}.") from error
    except OSError as error:
        raise PermanentError(f"{path} cannot be read: {error.strerror}.") from error
    if not isinstance(content, dict):
        raise PermanentError(
            f"{path.name} is not a valid configuration file: it must hold `key: value` lines."
        )
    return content


def _unreadable(path: Path, error: yaml.MarkedYAMLError) -> PermanentError:
    mark = error.problem_mark
    place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    remedy = None
    if "second time" in str(error.problem):
        remedy = "Keep one of the two."
    if "mapping values are not allowed" in str(error.problem):
        remedy = "A key and its values stand on lines of their own, the values indented below it."
    if "cannot start any token" in str(error.problem):
        remedy = 'Put a value that begins with %, @ or ` into quotes, such as format: "%m/%d/%Y".'
    return PermanentError(f"{path.name} is not valid YAML{place}: {error.problem}.", remedy=remedy)


def validated(path: Path, content: Any, model: type[Settings], like: str, entry: str = "") -> Settings:
    """The content of `path`, or of one entry of it, as `model`.

    Args:
        path: the file, for the error.
        content: what was read from it.
        model: the settings.
        like: what to compare the file with, for the error.
        entry: name of the entry, put before the setting in the error.

    Raises:
        PermanentError: a value is unknown, missing or out of bounds; names file and setting.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first, *others = error.errors(include_input=False)
    key = (first["ctx"]["key"],) if first["type"] == UNKNOWN_KEY else ()
    place = ".".join(str(part) for part in (entry, *first["loc"], *key) if part != "")
    # Outside of `except`: pydantic's own text repeats the input, which may hold a key put there by mistake.
    raise PermanentError(
        f"{path.name} is not valid: {first['msg'].removeprefix('Value error, ')}."
        + (f" {len(others)} more mistakes." if len(others) > 1 else " One more mistake." if others else ""),
        field=place or None,
        remedy=f"Compare it with {like}.",
    )


def read_settings(path: Path, model: type[Settings]) -> Settings:
    """A whole file as `model`; the built-in file of that name is what to compare it with.

    Raises:
        PermanentError: the file is not YAML, or a value is unknown, missing or out of bounds.
    """
    return validated(path, read_yaml(path), model, f"the {path.name} in the repository")
