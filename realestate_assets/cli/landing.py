"""The `landing` command: what lies in the landing area, as a table."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from realestate_assets.cli.options import check_counties
from realestate_assets.operations.landing_report import landing_report
from realestate_assets.operations.services import build_services
from realestate_assets.settings import get_settings


def find(slugs: Sequence[str]) -> list[dict]:
    """What lies in the landing area of the settings; see `landing_report`."""
    chosen = check_counties(tuple(slugs))
    resources = build_services(get_settings())
    return landing_report(resources["landing"], resources["warehouse"], chosen)


def print_landing(found: list[dict], console: Console) -> None:
    """One row a file, with the reason where it is not read."""
    if not found:
        console.print("Nothing has landed.")
        return
    table = Table(title="Landing area", title_justify="left")
    for name in ("path", "state", "rows", "months", "reason"):
        table.add_column(name, overflow="fold", justify="right" if name == "rows" else "left")
    for entry in found:
        months = entry["months"]
        span = f"{months[0]} to {months[-1]}" if len(months) > 1 else "".join(months)
        rows = "" if entry["rows"] is None else f"{entry['rows']:,}"
        table.add_row(Text(entry["path"]), entry["state"], rows, span, Text(entry["reason"]))
    console.print(table)
