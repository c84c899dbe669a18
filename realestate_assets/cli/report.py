"""The report of a run: one JSON object, or tables for a person."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from realestate_assets.domain.core import formats
from resources.home import command

MAX_CHECKS_SHOWN = 12
# Counts of the report that are read back from the warehouse; null where they cannot be.
COUNTS = (
    "sent", "offers", "received", "accepted", "duplicates", "rejected", "of_other_months", "undated",
)  # fmt: skip


def sent_line(counts: Mapping[str, int]) -> str:
    """What the sources sent and where each row of it stands, as a sum."""
    parts = ("accepted", "duplicates", "rejected", "of_other_months", "undated")
    told = " + ".join(f"{part.replace('_', ' ')} {counts[part]:,}" for part in parts)
    offers = f" and {counts['offers']:,} offers of sold rows" if counts["offers"] else ""
    return f"Sent {counts['sent']:,}{offers} = {told}"


@dataclass
class Report:
    """What a run did. Field names are those of the JSON output."""

    success: bool
    run_ids: list[str]
    errors: list[str]
    warnings: list[str]
    failed_checks: list[dict]
    sent: int | None
    offers: int | None
    received: int | None
    accepted: int | None
    duplicates: int | None
    rejected: int | None
    of_other_months: int | None
    undated: int | None
    rejects_by_reason: dict[str, int]
    months_to_run: list[dict]
    stages: list[dict]
    steps: list[dict]
    reuse: dict[str, dict[str, int]]
    valuation: dict
    best_deals: list[dict]
    memos: int | None
    memos_at: str
    boards_at: str
    docs_at: str
    seconds: float
    peak_rss_mb: float
    # When the run ended that made all this, where it stands and was not done again.
    stands_since: str | None = None

    def as_json(self) -> dict:
        """The report as plain values."""
        return asdict(self)

    @property
    def error(self) -> str:
        """Why the run failed, in a sentence; empty where it did not."""
        if self.success:
            return ""
        failed = [f"{check['asset']}: {check['name']} does not hold." for check in self.failed_checks]
        return " ".join(dict.fromkeys(self.errors)) or " ".join(failed) or "The run failed."

    def print(self, console: Console) -> None:
        """Print the report as tables, and what to do next."""
        if self.stages:
            console.print(self._stages())
        self._print_intake(console)
        for asset, counts in self.reuse.items():
            text = f"{asset}: {counts['made']:,} made, {counts['reused']:,} unchanged and reused"
            console.print(text, highlight=False)
        if self.valuation.get("n"):
            console.print(self._valuation(), highlight=False)
        if self.best_deals:
            console.print(self._deals())
        self._print_checks(console)
        if self.success:
            memos = "?" if self.memos is None else f"{self.memos:,}"
            console.print(f"Memos      {memos} under {self.memos_at}", highlight=False, soft_wrap=True)
            console.print(f"Deal board {self.boards_at}", highlight=False, soft_wrap=True)
            console.print(f"dbt docs   {self.docs_at}", highlight=False, soft_wrap=True)
            console.print(
                f"Next       {command('dev')} opens the Dagster UI over the same data", highlight=False
            )
        for error in dict.fromkeys(self.errors):
            console.print("[bold red]Error:[/] ", end="")
            console.print(error, markup=False, highlight=False, soft_wrap=True)
        if self.stands_since:
            console.print(
                f"Nothing has changed since the run that ended {self.stands_since}: all of it stands. "
                "--again does it anyway.",
                highlight=False,
                soft_wrap=True,
            )
            return
        console.print(
            f"{'Done' if self.success else 'Failed'} in {self.seconds:,.1f} s, "
            f"peak memory {self.peak_rss_mb:,.0f} MB",
            highlight=False,
        )

    def _print_intake(self, console: Console) -> None:
        if self.sent:
            console.print(sent_line(asdict(self)), highlight=False)
        for told in self.months_to_run:
            console.print(
                f"{told['records']:,} fetched records belong to {told['month']}: "
                f"realestate run --county {told['county']} --months {told['month']} takes them in",
                highlight=False,
                soft_wrap=True,
            )
        if self.rejects_by_reason:
            console.print(self._rejects())
        for warning in self.warnings:
            console.print("[yellow]Warning:[/] ", end="")
            console.print(warning, markup=False, highlight=False, soft_wrap=True)

    def _stages(self) -> Table:
        table = Table(title="Rows per stage", title_justify="left")
        table.add_column("asset")
        table.add_column("rows", justify="right")
        table.add_column("step s", justify="right")
        for stage in self.stages:
            rows = "" if stage["rows"] is None else f"{stage['rows']:,}"
            seconds = "" if stage["seconds"] is None else f"{stage['seconds']:,.1f}"
            table.add_row(stage["asset"], rows, seconds)
        return table

    def _rejects(self) -> Table:
        table = Table(title="Rejects by reason", title_justify="left")
        table.add_column("reason")
        table.add_column("rows", justify="right")
        for reason, rows in self.rejects_by_reason.items():
            table.add_row(reason, f"{rows:,}")
        return table

    def _valuation(self) -> str:
        def show(name: str, form: str) -> str:
            value = self.valuation.get(name)
            return "n/a" if value is None else format(value, form)

        return (
            f"Values against {self.valuation['n']:,} sales: median ratio {show('median_ratio', '.3f')}, "
            f"COD {show('cod', '.1f')}, PRD {show('prd', '.3f')}, PRB {show('prb', '.3f')}, "
            f"MdAPE {show('mdape_pct', '.1f')} %, P10-P90 covers {show('interval_coverage', '.1%')}"
        )

    def _deals(self) -> Table:
        simulated = any(deal["is_simulated"] for deal in self.best_deals)
        past = any(deal["offer_state"] == "retrospective" for deal in self.best_deals)
        title = "Back-test, nothing on offer: ten best scores of sales" if past else "Ten best deals on offer"
        table = Table(title=title + (" (SIMULATED DATA)" if simulated else ""), title_justify="left")
        columns: tuple[tuple[str, JustifyMethod], ...] = (
            ("county", "left"), ("month", "left"), ("property", "left"), ("ZIP", "left"), ("asking", "right"),
            ("value P50", "right"), ("ask below value", "right"), ("score", "right"), ("class", "left"),
        )  # fmt: skip
        for name, justify in columns:
            table.add_column(name, justify=justify, no_wrap=name in ("county", "month"))
        assumed = False
        for deal in self.best_deals:
            mark = "*" if deal["is_asking_price_assumed"] else ""
            assumed |= bool(mark)
            asking, discount = deal["asking_price_usd"], deal["discount_to_value_pct"]
            table.add_row(
                deal["county"],
                deal["month"],
                Text(deal["property"] or ""),
                deal["zip"] or "",
                "" if asking is None else f"${asking:,.0f}{mark}",
                f"${deal['market_value_p50_usd']:,.0f}",
                "" if discount is None else f"{discount:.1f} %",
                formats.score(deal["bird_dog_score"]) or "",
                deal["score_class"],
            )
        if assumed:
            table.caption = "* the recorded sale price serves as asking price"
        return table

    def _print_checks(self, console: Console) -> None:
        for check in self.failed_checks[:MAX_CHECKS_SHOWN]:
            colour = "red" if check["severity"] == "ERROR" else "yellow"
            console.print(
                f"[{colour}]{check['severity'].lower()}[/] {check['asset']}: {check['name']}", highlight=False
            )
        if (more := len(self.failed_checks) - MAX_CHECKS_SHOWN) > 0:
            console.print(f"… and {more} more checks that did not pass; see the Dagster UI")
