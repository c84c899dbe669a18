"""`realestate review list | clear`: what bars a home from praise until a person has looked."""

import datetime
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from realestate_assets.cli.errors import Verbose, err, readable_errors, write_json

if TYPE_CHECKING:
    from resources.warehouse.warehouse import Warehouse

app = typer.Typer(
    help="Scores that a person should look into before they are praised: see them, and clear them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
# A pipe has no width of its own; 80 columns would cut reasons off.
PIPE_WIDTH = 150


def _warehouse() -> "Warehouse":
    from realestate_assets.operations.services import build_services
    from realestate_assets.settings import get_settings

    return build_services(get_settings())["warehouse"]


@app.command("list")
@readable_errors
def list_(
    county: Annotated[list[str] | None, typer.Option(help="County slug; may be given several times.")] = None,
    months: Annotated[
        str | None, typer.Option(help="FROM:TO as YYYY-MM:YYYY-MM, or one month. Default: all.")
    ] = None,
    min_score: Annotated[
        float | None, typer.Option(help="Lowest bird_dog_score. Default: that of a memo.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many homes.")] = 20,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Show scores with a reason for a review, open or cleared, the best first."""
    from realestate_assets.cli.options import check_counties
    from realestate_assets.domain.core import formats
    from realestate_assets.domain.scoring.config import load_scoring_config
    from realestate_assets.extent import month_range
    from realestate_assets.operations.reviews import reviews

    lowest = load_scoring_config().memo_min_score if min_score is None else min_score
    chosen = check_counties(tuple(county or ())), month_range(months) if months else ()
    found = reviews(_warehouse(), *chosen, lowest)
    if as_json:
        write_json(found[:limit])
        return
    is_open = sum(row["needs_review"] for row in found)
    table = Table(title=f"{is_open:,} scores to be reviewed", title_justify="left")
    for name in ("county", "month", "property", "property_id", "score", "reason", "what it says"):
        # An id is there to be copied: it stays in one piece.
        table.add_column(name, overflow="fold", no_wrap=name == "property_id")
    for row in found[:limit]:
        home = [row["county"], row["month"], row["property"] or "", row["property_id"]]
        home.append(formats.score(row["bird_dog_score"]) or "")
        for reason in row["review_reasons"]:
            cleared = reason["cleared"]
            said = f" Cleared by {cleared['by']} on {cleared['when']}: {cleared['why']}" if cleared else ""
            table.add_row(*map(Text, [*home, reason["code"], reason["text"] + said]))
            home = [""] * len(home)
    Console(width=None if sys.stdout.isatty() else PIPE_WIDTH).print(table)
    err.print(f"{min(limit, len(found)):,} of {len(found):,} homes and months shown", highlight=False)


@app.command()
@readable_errors
def clear(
    property_id: Annotated[str, typer.Argument(help="Id of the property, as `review list` shows it.")],
    reason: Annotated[str, typer.Option(help="Code of the reason, such as FACTS_AFTER_SALE.")],
    why: Annotated[str, typer.Option(help="What was looked into, and what was found.")],
    by: Annotated[str, typer.Option(help="Who looked.")],
    verbose: Verbose = False,
) -> None:
    """Write into reviews.yaml that a reason has been looked into and does not hold a home back."""
    from pydantic import ValidationError

    from realestate_assets.domain.scoring.clearances import Clearance
    from realestate_assets.operations.reviews import clear as clear_reason
    from realestate_assets.settings import get_settings
    from resources.errors import PermanentError

    path = get_settings().reviews_file
    today = datetime.datetime.now(tz=datetime.UTC).date()
    try:
        clearance = Clearance(property_id=property_id, reason=reason, by=by, when=today, why=why)
    except ValidationError as error:
        first = error.errors()[0]
        raise PermanentError(
            f"{first['msg'].removeprefix('Value error, ')}.", field=f"--{first['loc'][0]}"
        ) from error
    held = clear_reason(_warehouse(), path, clearance)
    err.print(f"Written to {path}. It counts once the scores are made again:", highlight=False)
    for county in sorted({row["county"] for row in held}):
        months = sorted(row["month"] for row in held if row["county"] == county)
        command = f"realestate run --county {county} --months {months[0]}:{months[-1]} --select 'scores+'"
        sys.stdout.write(command + "\n")
