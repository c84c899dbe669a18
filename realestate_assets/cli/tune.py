"""The `tune` command: the tuning job in this process, with progress, and its proposal as text."""

import dagster as dg
from rich.console import Console

from realestate_assets.cli.options import check_counties
from realestate_assets.definitions import defs
from realestate_assets.extent import month_range
from realestate_assets.operations.dagster_home import prepare_dagster_home
from realestate_assets.operations.in_process import execute
from realestate_assets.settings import get_settings
from resources.errors import PermanentError


def tune(
    county_slug: str,
    months: str,
    trials: int | None,
    timeout_seconds: float | None,
    seed: int | None,
    console: Console,
) -> str:
    """Run the job and return what it proposes.

    Raises:
        PermanentError: the study could not be made; says why.
    """
    check_counties((county_slug,))
    month_range(months)
    given = {"trials": trials, "timeout_seconds": timeout_seconds, "seed": seed}
    config = {"county": county_slug, "months": months, **{k: v for k, v in given.items() if v is not None}}
    prepare_dagster_home(get_settings())
    found: list[dg.AssetMaterialization] = []

    def listen(entry: dg.EventLogEntry) -> None:
        event = entry.dagster_event
        if event is None:
            console.print(f"  {entry.user_message}", highlight=False, soft_wrap=True)
        elif event.is_step_materialization:
            found.append(event.step_materialization_data.materialization)

    with dg.DagsterInstance.get() as instance:
        ops = {"tuning_study": {"config": config}}
        outcome = execute(defs, instance, "tuning", [None], on_event=listen, ops=ops)
    if not outcome.success or not found:
        raise PermanentError(outcome.errors[0] if outcome.errors else "The study could not be made.")
    metadata = found[-1].metadata
    return "\n".join(str(metadata[name].value) for name in ("proposal", "best_trials")) + "\n"
