"""`realestate doctor --providers`: which APIs could be called now, who asks them, what their budgets hold."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from realestate_assets.domain.county import County
from realestate_assets.providers.registry import api_of, check_order
from realestate_assets.settings import Settings
from resources.api_policy import ApiPolicy
from resources.provider_status import ProviderStatus, provider_status
from resources.warehouse import WarehouseResource


@dataclass(frozen=True)
class ApiFinding:
    """One API: its state, and the counties whose runs ask it; none means that it is switched off."""

    status: ProviderStatus
    asked_by: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """False only where an API that is switched on cannot be called."""
        return self.status.ok or not self.asked_by

    def as_json(self) -> dict:
        """The finding as plain values."""
        return {**asdict(self.status), "asked_by": list(self.asked_by), "ok": self.ok}


def asking_counties(counties: Mapping[str, County], settings: Settings) -> dict[str, tuple[str, ...]]:
    """API -> counties whose chains or sources ask it with these settings."""
    found: dict[str, list[str]] = {}
    for slug, county in counties.items():
        chained = {name for chain in county.enrichment.chains.values() for name in chain}
        asked = [(api_of(p), p.enabled) for p in county.enrichment.providers if p.name in chained]
        asked += [(source.api, source.enabled) for source in county.api_sources]
        for api, enabled in dict.fromkeys(asked):
            if settings.asks_api(api, enabled) and slug not in found.setdefault(api, []):
                found[api].append(slug)
    return {api: tuple(slugs) for api, slugs in found.items()}


def diagnose_providers(
    warehouse: WarehouseResource,
    policies: Mapping[str, ApiPolicy],
    counties: Mapping[str, County],
    settings: Settings,
) -> list[ApiFinding]:
    """Try every configured API; nothing is asked of it and no key is sent.

    Raises:
        PermanentError: a county's chain asks a paid provider before a free one.
    """
    for county in counties.values():
        check_order(county, policies)
    asking = asking_counties(counties, settings)
    return [ApiFinding(s, asking.get(s.api, ())) for s in provider_status(warehouse, policies)]


def print_providers(findings: list[ApiFinding], console: Console) -> None:
    """One row an API, and below what to do about those that are switched on and cannot be called."""
    table = Table(title="Providers", title_justify="left")
    for name in ("api", "asked by", "reachable", "key", "budget left"):
        table.add_column(name, overflow="fold")
    for finding in findings:
        status = finding.status
        table.add_row(
            status.api,
            _counties(finding.asked_by),
            _marked(status.reachable, status.reached),
            _marked(status.key_ok, status.key),
            _marked(status.budget_ok, status.budget),
        )
    console.print(table)
    for finding in findings:
        if not finding.ok:
            remedy = Text(finding.status.remedy)
            console.print("[bold red]FAIL[/]", finding.status.api, remedy, soft_wrap=True)
    if not any(finding.asked_by for finding in findings):
        console.print(
            "None is asked: name APIs in ENABLED_APIS, or say `enabled: true` in a county.", highlight=False
        )


def _counties(slugs: tuple[str, ...]) -> str:
    return ", ".join(slugs) if len(slugs) <= 3 else f"{len(slugs)} counties"


def _marked(fine: bool, words: str) -> Text:
    return Text(words, style="" if fine else "red")
