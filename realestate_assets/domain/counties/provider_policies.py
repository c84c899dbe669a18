"""providers.yaml: how each API is called. The entries that ship, and a user's own beside the counties."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from realestate_assets.domain.core.config_file import CONFIG_DIR, read_yaml, validated
from realestate_assets.domain.counties.county_files import PROVIDERS_FILE
from resources.errors import PermanentError
from resources.http.api_policy import ApiPolicy


@lru_cache(maxsize=8)
def load_policies(extra_dir: Path | None = None) -> dict[str, ApiPolicy]:
    """All entries by name, in alphabetical order.

    An entry of the user's own file takes the place of a built-in one of its name as a whole: half an old
    entry under a new address would send the old limits, or the old key, to somebody else.

    Args:
        extra_dir: folder of the user's own county files (COUNTY_CONFIG_DIR).

    Raises:
        PermanentError: a file or an entry is not valid; names the file, the entry and the setting.
    """
    found: dict[str, ApiPolicy] = {}
    for folder in [CONFIG_DIR] + ([extra_dir] if extra_dir else []):
        path = folder / PROVIDERS_FILE
        if path.exists():
            entries = read_yaml(path)
            found |= {str(name): _policy(path, str(name), entry) for name, entry in entries.items()}
    return dict(sorted(found.items()))


def policy_of(policies: dict[str, ApiPolicy], api: str, *, county_slug: str | None = None) -> ApiPolicy:
    """The entry of that name.

    Raises:
        PermanentError: there is none.
    """
    if api not in policies:
        raise PermanentError(
            f"{PROVIDERS_FILE} has no entry {api!r}.",
            county=county_slug,
            source=api,
            remedy=f"Take one of {', '.join(sorted(policies))}, or add it to {PROVIDERS_FILE} in "
            "COUNTY_CONFIG_DIR.",
        )
    return policies[api]


def _policy(path: Path, name: str, entry: Any) -> ApiPolicy:
    if not isinstance(entry, dict) or "name" in entry:
        raise PermanentError(
            f"{path.name}: {name} must hold `key: value` lines, and its name is the line above them.",
            source=name,
        )
    like = "realestate_assets/config/providers.yaml"
    return validated(path, {**entry, "name": name}, ApiPolicy, like, entry=name)
