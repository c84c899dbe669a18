"""`realestate retention`: what is older than retention.yaml says, and its removal."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from realestate_assets.cli.errors import Verbose, ending, readable_errors, write_json
from resources.disk import size

if TYPE_CHECKING:
    from realestate_assets.operations.retention.keep import Kept


@readable_errors
def retention(
    apply: Annotated[bool, typer.Option("--apply", help="Remove it. Default: tell alone.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    verbose: Verbose = False,
) -> None:
    """Tell what is older than retention.yaml says: runs, events, alerts, unused models, files put aside.

    The weekly job `housekeeping` removes the same. Days are set in a retention.yaml in COUNTY_CONFIG_DIR.
    """
    import dagster as dg

    from realestate_assets.operations.dagster_home import prepare_dagster_home
    from realestate_assets.operations.retention.keep import Retention
    from realestate_assets.operations.retention.rules import retention_rules
    from realestate_assets.operations.services import build_services
    from realestate_assets.settings import get_settings

    settings = get_settings()
    rules = retention_rules(settings.county_config_dir)
    resources = build_services(settings)
    prepare_dagster_home(settings)
    places = {name: resources[name] for name in ("warehouse", "lake", "landing", "reference")}
    with dg.DagsterInstance.get() as instance:
        kept = list(Retention(rules, instance, **places).carry_out(datetime.now(UTC), apply))
    if as_json:
        rows = [{"kind": each.kind, "keep_days": each.keep_days, **vars(each.found)} for each in kept]
        write_json({**ending(0), "applied": apply, "kinds": rows})
    else:
        _print(kept, apply, Console())


def _print(kept: "list[Kept]", apply: bool, console: Console) -> None:
    table = Table(title="Removed" if apply else "Older than retention.yaml says", title_justify="left")
    for name in ("kind", "kept for", "removed" if apply else "older", "size", "oldest"):
        table.add_column(name, justify="left" if name in ("kind", "oldest") else "right")
    for each in kept:
        days = "for good" if each.keep_days is None else f"{each.keep_days:,} days"
        oldest = f"{each.found.oldest:%Y-%m-%d}" if each.found.oldest else ""
        held = size(each.found.bytes) if each.found.bytes else ""
        table.add_row(each.kind, days, f"{each.found.count:,}", held, oldest)
    console.print(table)
    if not apply and any(each.found.count for each in kept):
        console.print("realestate retention --apply removes it; so does the job housekeeping each Sunday.")
