"""What several county files share: layouts of source files, and reference tables all counties use.

A source says `layout: name` and takes over `layouts/<name>.yaml`; what it says itself goes before. The
enrichment of `reference.yaml` serves every county; a county's own table of the same name, or its own chain
for a group, takes the place of the shared one.
"""

from pathlib import Path
from typing import Any

from realestate_assets.domain.core.config_file import CONFIG_DIR, read_yaml
from resources.errors import PermanentError

REFERENCE_FILE = "reference.yaml"
PROVIDERS_FILE = "providers.yaml"
REVIEWS_FILE = "reviews.yaml"


def expand(path: Path) -> dict[str, Any]:
    """The raw content of a county file with its layouts and the shared enrichment filled in.

    Layouts and `reference.yaml` are looked for beside the county file first, then among the built-in ones.
    """
    content = read_yaml(path)
    sources = content.get("sources")
    if isinstance(sources, list):
        content["sources"] = [_with_layout(source, path) for source in sources]
    content["enrichment"] = _with_reference(content.get("enrichment"), path)
    return content


def _with_layout(source: Any, county_file: Path) -> Any:
    if not isinstance(source, dict) or "layout" not in source:
        return source
    own = {key: value for key, value in source.items() if key != "layout"}
    layout = _read_layout(str(source["layout"]), county_file)
    columns = {**(layout.get("columns") or {}), **(own.get("columns") or {})}
    return {**layout, **own, "columns": columns}


def _read_layout(name: str, county_file: Path) -> dict[str, Any]:
    folders = [county_file.parent / "layouts", CONFIG_DIR / "layouts"]
    known = {path.stem: path for folder in reversed(folders) for path in sorted(folder.glob("*.yaml"))}
    if name not in known:
        raise PermanentError(
            f"{county_file.name} names the layout {name!r}, which there is not.",
            field="layout",
            remedy=f"Take one of {', '.join(sorted(known))}, or add {folders[0] / name}.yaml.",
        )
    return read_yaml(known[name])


def _with_reference(enrichment: Any, county_file: Path) -> Any:
    beside = county_file.parent / REFERENCE_FILE
    shared = read_yaml(beside if beside.exists() else CONFIG_DIR / REFERENCE_FILE)
    own = {} if enrichment is None else enrichment
    kinds = {"tables": list, "providers": list, "chains": dict}
    parts = {n: own.get(n) or kind() for n, kind in kinds.items()} if isinstance(own, dict) else {}
    if {n: type(part) for n, part in parts.items()} != kinds:
        return enrichment  # not of the right shape: the validation says so, with the place
    replaced = {_name(provider) for provider in (*parts["tables"], *parts["providers"])}
    merged = {
        name: [p for p in shared.get(name) or [] if _name(p) not in replaced] + parts[name]
        for name in ("tables", "providers")
    }
    chains = {**(shared.get("chains") or {}), **parts["chains"]}
    return {**shared, **own, **merged, "chains": chains}


def _name(table: Any) -> str:
    return str(table.get("name") if isinstance(table, dict) else table)
