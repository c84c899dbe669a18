"""`realestate persons export | erase`: what is known of a person, given out and erased."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from realestate_assets.cli.errors import Verbose, ending, readable_errors, write_json

if TYPE_CHECKING:
    from realestate_assets.app.secret import ServiceSecret
    from realestate_assets.operations.persons.report import Report

app = typer.Typer(
    help="Export and erasure of what is known of a person (GDPR, CCPA).",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Email = Annotated[str | None, typer.Option(help="Address of mail: accounts of people who sign in.")]
Owner = Annotated[
    list[str] | None,
    typer.Option(help="Name of an owner of record, first and last; may be given several times."),
]
County = Annotated[
    list[str] | None,
    typer.Option(help="Only in this county: others may bear the name. May be given several times."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command("export")
@readable_errors
def export_(
    email: Email = None, owner: Owner = None, county: County = None, verbose: Verbose = False
) -> None:
    """Print all that is known of a person, as one JSON object."""
    from realestate_assets.operations.persons import accounts, owners

    # Before anything is started: what is asked may be no question.
    account = None if owner else email
    asked: Any = None if account else _wanted(email, owner, county)
    resources, secret = _prepared()
    if account:
        from realestate_assets.app.sealing import Sealer

        found = accounts.export_by_address(resources["warehouse"].database_url(), Sealer(secret), account)
        write_json({**ending(0), "accounts": found})
    else:
        who, counties = asked
        write_json({**ending(0), **owners.export(resources, counties, who)})


@app.command()
@readable_errors
def erase(
    email: Email = None,
    owner: Owner = None,
    county: County = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Default: tell what would be done.")] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Erase a person: an account with all that is theirs, or an owner's name in every record.

    Says what stood where, what became of it, and what is kept by which rule. Given again after a kill it
    finishes. An owner goes onto a list of keyed hashes that every later run applies.
    """
    from realestate_assets.operations.persons import accounts, owners

    account = None if owner else email
    asked: Any = None if account else _wanted(email, owner, county)
    resources, secret = _prepared()
    if account:
        from realestate_assets.app.sealing import Sealer

        url = resources["warehouse"].database_url()
        report = accounts.erase_by_address(url, Sealer(secret), account, is_done=yes)
    else:
        who, counties = asked
        report = owners.erase(resources, counties, who, secret, is_done=yes)
    if as_json:
        write_json({**ending(0), **report.as_json()})
    else:
        _print(report, Console())


def _wanted(email: str | None, owner: list[str] | None, county: list[str] | None) -> Any:
    from realestate_assets.cli.options import check_counties
    from realestate_assets.extent import counties
    from realestate_assets.operations.persons.wanted import wanted

    if email or not owner:
        raise typer.BadParameter("Give --email for an account, or --owner for an owner of record.")
    return wanted(owner, check_counties(tuple(county or ()))), counties()


def _prepared() -> "tuple[dict[str, Any], ServiceSecret]":
    from realestate_assets.app.secret import service_secret
    from realestate_assets.operations.migrate import migrate
    from realestate_assets.operations.services import build_services
    from realestate_assets.settings import get_settings

    settings = get_settings()
    resources = build_services(settings)
    migrate(resources["warehouse"])
    given = settings.service_secret.get_secret_value() if settings.service_secret else None
    return resources, service_secret(given, settings.home)


def _print(report: "Report", console: Console) -> None:
    title = f"Erased: {report.person}" if report.is_done else f"Would be done for {report.person}"
    table = Table(title=title, title_justify="left")
    for name in ("place", "what", "count", "why"):
        table.add_column(name, overflow="fold", justify="right" if name == "count" else "left")
    for line in report.lines:
        table.add_row(line.place, line.deed, f"{line.count:,}", line.why)
    console.print(table)
    for sentence in report.more:
        console.print(sentence, highlight=False)
    if not report.is_done:
        console.print("Nothing was changed: --yes does it.")
