"""What several commands take: counties and assets, checked before anything is changed.

The graph takes seconds to import: only who chooses assets imports it.
"""

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from realestate_assets.extent import counties, unusable_counties
from resources.errors import PermanentError
from resources.partition import Partition

if TYPE_CHECKING:
    import dagster as dg

# Layers of dbt that are made on the way, as their models are named.
BETWEEN = ("stg_", "int_")
BARE_NAME = re.compile(r"^(\+?)([a-z_]+)(\+?)$")


def check_counties(slugs: tuple[str, ...]) -> tuple[str, ...]:
    """The slugs, once each.

    Raises:
        PermanentError: a slug is not a configured county.
    """
    known = counties()
    for slug in slugs:
        if slug not in known and slug in unusable_counties():
            raise unusable_counties()[slug]
    if unknown := sorted(set(slugs) - set(known)):
        raise PermanentError(
            f"{', '.join(unknown)} is not a configured county.",
            field="--county",
            remedy=f"Configured are: {', '.join(known)}. Add your own as a YAML file, see README.",
        )
    return tuple(dict.fromkeys(slugs))


def select_assets(selection: str | None) -> "list[dg.AssetKey] | None":
    """Asset keys of a Dagster selection; plain names may be separated by commas.

    What is made in one step comes along, and so do the staging and intermediate models that stand in between:
    they are part of the same dbt invocation.

    Raises:
        PermanentError: it is no selection, or selects nothing.
    """
    if not selection:
        return None
    import dagster as dg

    from realestate_assets.definitions import defs
    from realestate_assets.jobs import BY_ITSELF

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
    keys |= {key for key in together if isinstance(key, dg.AssetKey)}
    return sorted(keys | _models_between(keys))


def _models_between(keys: "set[dg.AssetKey]") -> "set[dg.AssetKey]":
    """The staging and intermediate models that these assets are made from, up to what Python makes."""
    from realestate_assets.definitions import defs

    graph = defs.resolve_asset_graph()
    found: set[dg.AssetKey] = set()
    waiting = list(keys)
    while waiting:
        parents = graph.get(waiting.pop()).parent_keys
        between = {key for key in parents if key.path[-1].startswith(BETWEEN)} - found - keys
        found |= between
        waiting += between
    return found


def check_upstream(
    instance: "dg.DagsterInstance", assets: "list[dg.AssetKey]", partitions: Collection[Partition]
) -> None:
    """What the selected assets are made from has been made for every partition.

    Args:
        instance: where materializations are recorded.
        assets: the selection.
        partitions: the partitions that are asked for.

    Raises:
        PermanentError: an asset they need has not been made for some of the partitions.
    """
    from realestate_assets.definitions import defs

    graph = defs.resolve_asset_graph()
    parents = {parent for key in assets for parent in graph.get(key).parent_keys} - set(assets)
    for parent in sorted(parents):
        if graph.get(parent).partitions_def is None or not graph.get(parent).is_materializable:
            continue
        made = instance.get_materialized_partitions(parent)
        if missing := sorted(partition for partition in set(partitions) if partition.key not in made):
            children = sorted(key.path[-1] for key in assets if parent in graph.get(key).parent_keys)
            more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
            raise PermanentError(
                f"{', '.join(children)} needs {parent.path[-1]}, which has not been made for "
                f"{missing[0].key}{more}.",
                field="--select",
                remedy=f"Make it first, or with all that comes before: --select '+{children[0]}'.",
            )
