"""What several commands take: counties and assets, checked before anything is changed."""

import re

import dagster as dg

from realestate_assets.definitions import defs
from realestate_assets.jobs import BY_ITSELF
from realestate_assets.partitions import counties
from resources.errors import PermanentError

BARE_NAME = re.compile(r"^(\+?)([a-z_]+)(\+?)$")


def check_counties(slugs: tuple[str, ...]) -> tuple[str, ...]:
    """The slugs, once each.

    Raises:
        PermanentError: a slug is not a configured county.
    """
    known = counties()
    if unknown := sorted(set(slugs) - set(known)):
        raise PermanentError(
            f"{', '.join(unknown)} is not a configured county.",
            field="--county",
            remedy=f"Configured are: {', '.join(known)}. Add your own as a YAML file, see README.",
        )
    return tuple(dict.fromkeys(slugs))


def select_assets(selection: str | None) -> list[dg.AssetKey] | None:
    """Asset keys of a Dagster selection; plain names may be separated by commas."""
    if not selection:
        return None
    # A bare name as the UI's own syntax has it: there `+name` is all that stands before it, not one step.
    parts = [BARE_NAME.sub(r'\1key:"\2"\3', part.strip()) for part in selection.split(",") if part.strip()]
    graph = defs.resolve_asset_graph()
    try:
        chosen = [dg.AssetSelection.from_string(part).resolve(graph) for part in parts]
    except Exception as error:
        raise PermanentError(
            f"{selection!r} is not a selection of assets.", field="--select",
            remedy="Use asset names, such as 'scores,memos', or a Dagster selection, such as '+features'.",
        ) from error  # fmt: skip
    keys = set().union(*chosen) - {dg.AssetKey(name) for name in BY_ITSELF}
    if not keys:
        raise PermanentError(f"{selection!r} selects no asset.", field="--select")
    # Tables made in one step are made together: who asks for properties gets their rejects too.
    together = set().union(*(graph.get(key).execution_set_entity_keys for key in keys))
    return sorted(keys | {key for key in together if isinstance(key, dg.AssetKey)})
