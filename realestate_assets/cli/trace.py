"""The `trace` command: asks the warehouse and prints what it says."""

import json
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from realestate_assets.operations.services import build_services
from realestate_assets.operations.trace import trace
from realestate_assets.settings import get_settings

RUN_ID_LENGTH = 8


def find_trace(property_id: str, month: str) -> dict[str, Any]:
    """The trace of a property in the warehouse of the settings."""
    resources = build_services(get_settings())
    found = trace(resources["warehouse"], property_id, month)
    lake = resources["lake"]
    for memo in found["memos"]:
        memo["pdf_at"] = lake.uri(memo["pdf_path"])
    return found


def print_trace(found: dict[str, Any], console: Console) -> None:
    """Print figures with their origin, the memos, and what happened."""
    console.print(Text(f"Property {found['property_id']}", style="bold"))
    console.print(_fields(found["fields"]))
    for row in found["merged"]:
        place = f"{row['source']}: {row['source_file']} row {row['source_row']}"
        console.print(Text(f"Merged in {row['month']}: {place} ({row['reason_code']})"))
    for model in found["models"]:
        used = f"{model.get('used_id', 'none')}, trained for {model.get('used_month', 'no month')}"
        verdict = f"{model['decision']} by {model['judged_sales']:,} sales"
        console.print(Text(f"Model of {model['month']}: {used}, {verdict}"))
    for memo in found["memos"]:
        console.print(
            Text(
                f"Memo of {memo['month']}: {memo['pdf_at']} (sha256 {memo['pdf_sha256'][:12]}, template "
                f"{memo['template_version']})"
            )
        )
    console.print(_events(found["events"]))


def _fields(rows: list[dict]) -> Table:
    table = Table(title="Where its figures come from", title_justify="left")
    for name in ("month", "field", "value", "from", "detail"):
        table.add_column(name, no_wrap=name in ("month", "field"), overflow="fold")
    for row in rows:
        value = _exact(row["value"]) if isinstance(row["value"], float) else str(row["value"])
        table.add_row(row["month"], row["field"], Text(value), Text(row["origin"]), Text(row["detail"]))
    return table


def _exact(value: float) -> str:
    """With the digits it has, as far as coordinates need them: who traces a figure compares it."""
    return f"{value:,.6f}".rstrip("0").rstrip(".")


def _events(rows: list[dict]) -> Table:
    table = Table(title="What happened to it", title_justify="left")
    for name in ("at", "month", "event", "run", "what"):
        table.add_column(name, no_wrap=name != "what", overflow="fold")
    for row in rows:
        payload = {k: v for k, v in json.loads(row["payload"]).items() if k != "record"}
        said = ", ".join(f"{name} {value}" for name, value in payload.items())
        when = row["event_time"].strftime("%Y-%m-%d %H:%M:%S")
        run = row["correlation_id"][:RUN_ID_LENGTH]
        table.add_row(when, row["month"], row["event_type"], run, Text(said))
    return table
