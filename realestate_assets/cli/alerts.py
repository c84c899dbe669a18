"""`realestate alerts list`: what lasts, since when, and what is not told yet."""

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from realestate_assets.cli.errors import Verbose, readable_errors, write_json

if TYPE_CHECKING:
    from resources.alerts.alert import Kept
    from resources.alerts.ledger import AlertLedger

app = typer.Typer(
    help="What people were told is wrong: see what lasts.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
# A pipe has no width of its own; 80 columns would cut titles off.
PIPE_WIDTH = 150


@app.callback()
def _group() -> None:
    """Without it the one command would have no name of its own."""


def _ledger() -> "AlertLedger":
    from realestate_assets.operations.services import build_services
    from realestate_assets.settings import get_settings

    return build_services(get_settings())["alerts"].ledger


@app.command("list")
@readable_errors
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    verbose: Verbose = False,
) -> None:
    """Show the alerts that last, the oldest first, with since when and when they were told."""
    found = [_row(kept) for kept in _ledger().lasting()]
    if as_json:
        write_json(found)
        return
    table = Table(title=f"{len(found):,} alerts last", title_justify="left")
    for name in ("since", "severity", "what", "owners", "counties", "told"):
        table.add_column(name, overflow="fold")
    for row in found:
        cells = [
            _moment(row["since"]),
            row["severity"],
            row["title"],
            *map(" ".join, (row["owners"], row["counties"])),
        ]
        told = "kept back: it is tried again" if row["held_until"] else "not yet"
        table.add_row(*map(Text, [*cells, _moment(row["told_at"]) if row["told_at"] else told]))
    Console(width=None if sys.stdout.isatty() else PIPE_WIDTH).print(table)


def _row(kept: "Kept") -> dict:
    """An alert as plain values; times are UTC, `told_at` is null before a channel has heard of it."""
    alert = kept.alert
    heard = [each.at for each in kept.told.values() if each.is_open]
    return {
        "key": alert.key,
        "title": alert.title,
        "since": kept.first_at,
        "severity": alert.severity,
        "owners": list(alert.owners),
        "counties": list(alert.counties),
        "told_at": max(heard, default=None),
        "held_until": alert.hold_until,
        "body": alert.body,
        "link": alert.link,
    }


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
