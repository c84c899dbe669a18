"""`realestate doctor`: try each thing the platform depends on, and say how to mend what fails.

With `--providers`: which APIs could be called now, who asks them, what their budgets hold.
"""

import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.machinery import SourceFileLoader
from types import ModuleType

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from realestate_assets.domain.counties.county import County
from realestate_assets.observability import reach
from realestate_assets.operations.layout import CURRENT, layout_of
from realestate_assets.operations.migrate import version
from realestate_assets.operations.probes import probe_postgres, probe_store, probe_vector_index
from realestate_assets.providers.registry import asking_counties, check_order
from realestate_assets.settings import Settings, get_settings
from resources.alerts.routing import REMEDY as ROUTES_REMEDY
from resources.alerts.routing import read_routing
from resources.errors import PermanentError
from resources.home import PROJECT_ROOT, make_folder
from resources.http.api_policy import ApiPolicy
from resources.http.provider_status import ProviderStatus, provider_status
from resources.warehouse.analyst_role import AnalystState, analyst_state
from resources.warehouse.warehouse import Warehouse


@dataclass(frozen=True)
class Finding:
    """One thing tried: its name, whether it works, what was seen, and how to mend it."""

    name: str
    ok: bool
    seen: str
    remedy: str = ""


def _system_check() -> ModuleType:
    loader = SourceFileLoader("system_check", str(PROJECT_ROOT / "tools" / "system_check.py"))
    module = ModuleType(loader.name)
    loader.exec_module(module)
    return module


def system_libraries() -> str:
    """Pango and HarfBuzz-Subset can be loaded."""
    check = _system_check()
    if missing := check.missing_libraries():
        remedy = f"Run: {check.install_command(missing)}"
        raise PermanentError(f"missing: {', '.join(missing)}", remedy=remedy)
    return ", ".join(check.LIBRARIES)


def disk() -> str:
    """There is room for the lake and the embedded Postgres."""
    home = get_settings().home
    make_folder(home)
    free, floor = shutil.disk_usage(home).free / 1e9, get_settings().min_free_gb
    if free < floor:
        raise PermanentError(
            f"{free:.1f} GB free at {home}, less than MIN_FREE_GB {floor:g}",
            remedy="Free some space, set REALESTATE_HOME elsewhere, or lower MIN_FREE_GB.",
        )
    return f"{free:.0f} GB free at {home}"


def _resources() -> dict:
    from realestate_assets.operations.services import build_services

    return build_services(get_settings())


def postgres() -> str:
    """The warehouse answers."""
    return probe_postgres(_resources()["warehouse"])


def tables() -> str:
    """Version of the tables; one that is older or newer than the code is told, and is no failure."""
    found, newest = version(_resources()["warehouse"])
    if found is None:
        return f"no version yet, the last is {newest}: the first run makes them"
    if found < newest:
        return (
            f"version {found}, the last is {newest}: the next run or `realestate migrate` brings them there"
        )
    return f"version {found}" + (f", newer than this installation ({newest})" if found > newest else "")


def analyst_role() -> str:
    """What the read-only role can do; a role that is absent or may do more is told, and is no failure."""
    return describe_analyst(analyst_state(_resources()["warehouse"]), bool(get_settings().analyst_password))


def describe_analyst(state: AnalystState, has_password: bool) -> str:
    """The state of the role in words, with what is left to do."""
    if not state.exists and state.may_create:
        return "not there yet: the first run makes it"
    if not state.exists:
        return "not there, and this database user may not create it; ask for: create role analyst nologin;"
    login = "logs in" if state.can_login else "no login (set ANALYST_PASSWORD, or: grant analyst to a user)"
    if has_password and not state.can_login:
        login = "no login: this database user may not set its password; ask for: alter role analyst login"
    parts = [f"reads {state.readable} of {state.marts} marts", login]
    if state.has_powers or state.beyond:
        parts.append(f"reaches beyond the marts: {state.beyond or 'its role has powers of an administrator'}")
    return "; ".join(parts)


def service_role() -> str:
    """The role that the service connects as is there, is let in, and has no powers."""
    from realestate_assets.app.connected import describe_role
    from realestate_assets.app.engine import embedded_engine, make_engine

    warehouse, given = _resources()["warehouse"], get_settings().service_database_url
    url = warehouse.database_url()
    if given:
        return describe_role(url, make_engine(given.get_secret_value), given.get_secret_value())
    return describe_role(url, None if warehouse.url else embedded_engine(lambda: url), url)


def sign_in_provider() -> str:
    """The provider of sign-in answers, where one is set; nobody is signed in."""
    from realestate_assets.operations.accounts.provider import try_provider

    return try_provider(get_settings())


def lake() -> str:
    """The lake takes a file and gives it back; its layout is one that this installation knows."""
    store = _resources()["lake"]
    told, layout = probe_store(store), layout_of(store)
    if layout.lake > CURRENT.lake:
        raise PermanentError(
            f"layout {layout.lake}, written by version {layout.written_by}; known is up to {CURRENT.lake}",
            remedy=f"Install version {layout.written_by} or newer.",
        )
    return f"{told}; layout {layout.lake}, index {layout.vectors}"


def landing() -> str:
    """The landing folder takes a file and gives it back."""
    return probe_store(_resources()["landing"])


def reference() -> str:
    """Which reference files of the configuration are there; absent ones only leave fields empty."""
    from realestate_assets.extent import counties

    store = _resources()["reference"]
    files = sorted({table.file for county in counties().values() for table in county.enrichment.tables})
    there = [file for file in files if store.exists(file)]
    return f"{len(there)} of {len(files)} configured files at {store.uri('')}"


def vector_index() -> str:
    """The vector index opens."""
    from realestate_assets.extent import counties

    return probe_vector_index(_resources()["vector_index"], next(iter(counties())))


def embedding_model() -> str:
    """The model loads and gives unit vectors."""
    embedder = _resources()["embedder"]
    vector = embedder.encode(["brick house near water"])[0]
    if not np.isclose(np.linalg.norm(vector), 1.0, atol=1e-3):
        raise PermanentError("vectors are not normalised", remedy="Set EMBEDDING_MODEL to a sentence model.")
    return f"{embedder.model_name}, {len(vector)} dimensions"


def alerts() -> str:
    """Every address and route of alerts can be read; nothing is sent."""
    from realestate_assets.extent import counties

    resource = _resources()["alerts"]
    if not resource.is_on:
        return "off: ALERT_URLS is not set"
    # Whose assets there are only the graph knows, which takes seconds to import.
    from realestate_assets.sensors import known_owners

    routing = read_routing(resource.routes)
    addresses = resource.channels(routing).addresses
    named = {name.partition("#")[0] for name in addresses}
    if unset := [variable for name, variable in routing.variables.items() if name not in named]:
        # What no route takes goes to the default one.
        raise PermanentError(
            f"no address in {', '.join(unset)}", remedy="Set it in the environment or in .env."
        )
    if unknown := routing.unknown(known_owners(), counties()):
        raise PermanentError("; ".join(unknown), field="ALERT_ROUTES", remedy=ROUTES_REMEDY)
    return f"{len(addresses)} addresses, {len(routing.routes)} routes"


def logs() -> str:
    """Where log lines go."""
    return reach.log_lines(get_settings())


def sentry() -> str:
    """Sentry answers, where errors are sent there."""
    return reach.sentry(get_settings())


def traces() -> str:
    """The collector takes traces, where they are sent."""
    return reach.traces(get_settings())


def lineage() -> str:
    """The service of OpenLineage answers, where lineage is sent."""
    return reach.lineage(get_settings())


def broker() -> str:
    """The broker answers, where runs are handed to workers."""
    url = get_settings().dagster_celery_broker
    if url is None:
        return "off: DAGSTER_CELERY_BROKER is not set, runs stay on this machine"
    from realestate_assets.operations.worker import ask_broker

    return ask_broker(url.get_secret_value())


def workers() -> str:
    """Each queue of runs has a worker, where runs are handed to workers."""
    url = get_settings().dagster_celery_broker
    if url is None:
        return "off: runs stay on this machine"
    from realestate_assets.operations.many_machines import refuse_what_is_missing
    from realestate_assets.operations.worker import ask_workers

    refuse_what_is_missing(get_settings())
    return ask_workers(url.get_secret_value())


def county_files() -> str:
    """Every county file is valid."""
    from realestate_assets.extent import counties, unusable_counties

    if broken := unusable_counties():
        raise PermanentError(" / ".join(str(error) for error in broken.values()))
    return f"{len(counties())}: {', '.join(counties())}"


CHECKS: tuple[Callable[[], str], ...] = (
    system_libraries,
    disk,
    county_files,
    alerts,
    logs,
    sentry,
    traces,
    lineage,
    postgres,
    tables,
    analyst_role,
    service_role,
    sign_in_provider,
    lake,
    landing,
    reference,
    vector_index,
    embedding_model,
    broker,
    workers,
)


def diagnose(checks: tuple[Callable[[], str], ...] = CHECKS) -> list[Finding]:
    """Run every check; a failing one never keeps the next from running."""
    findings = [Finding("python", sys.version_info >= (3, 11), sys.version.split()[0], "Use Python 3.11+.")]
    for check in checks:
        name = check.__name__.replace("_", " ")
        try:
            findings.append(Finding(name, True, check()))
        except PermanentError as error:
            findings.append(
                Finding(name, False, str(error).removesuffix(error.remedy or "").strip(), error.remedy or "")
            )
        except Exception as error:
            findings.append(
                Finding(name, False, f"{type(error).__name__}: {error}", "See docs/installing.md.")
            )
    return findings


def print_findings(findings: list[Finding], console: Console) -> None:
    """One line a finding, and the remedy under a failing one."""
    for finding in findings:
        mark = "[green]ok  [/]" if finding.ok else "[bold red]FAIL[/]"
        console.print(mark, f"{finding.name:18}", Text(finding.seen), highlight=False, soft_wrap=True)
        if not finding.ok and finding.remedy:
            console.print("     ", Text(finding.remedy), highlight=False, soft_wrap=True)


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


def find_providers() -> list[ApiFinding]:
    """The state of every configured API, with the counties that ask it."""
    from realestate_assets.domain.counties.provider_policies import load_policies
    from realestate_assets.extent import counties

    settings = get_settings()
    policies = load_policies(settings.county_config_dir)
    return diagnose_providers(_resources()["warehouse"], policies, counties(), settings)


def diagnose_providers(
    warehouse: Warehouse,
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
