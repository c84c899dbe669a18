"""`realestate users`: the first people and tenants, from the machine that the platform runs on."""

import secrets
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from realestate_assets.cli.errors import Verbose, ending, err, readable_errors, write_json

if TYPE_CHECKING:
    from realestate_assets.service.parts import Parts
    from realestate_assets.settings import Settings

app = typer.Typer(help="People who may sign in to the service.", no_args_is_help=True)

PASSWORD_BYTES = 12
# Of an installation's first account where nobody was added: nobody's mail box.
FIRST_EMAIL, FIRST_TENANT = "admin@example.com", "main"


@app.callback()
def users() -> None:
    """People who may sign in to the service."""


@app.command()
@readable_errors
def add(
    email: Annotated[str, typer.Argument(help="Address of mail that the person signs in with.")],
    name: Annotated[str, typer.Option(help="Name of the person. Default: what stands before the @.")] = "",
    tenant: Annotated[str, typer.Option(help="Short name of the tenant; made where it is new.")] = "main",
    role: Annotated[list[str] | None, typer.Option(help="Role; may be given several times.")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from stdin. Default: one is made.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    verbose: Verbose = False,
) -> None:
    """Add somebody who may sign in; prints the password that was made, once.

    The first tenant looks after the installation, and a tenant made here sees all configured counties.
    """
    from realestate_assets.extent import counties
    from realestate_assets.operations.accounts.first import add_person
    from realestate_assets.service.security.permissions import ROLES
    from realestate_assets.settings import get_settings

    roles = role or ["admin"]
    if unknown := sorted(set(roles) - ROLES.keys()):
        raise typer.BadParameter(f"--role: {', '.join(unknown)} is none of {', '.join(ROLES)}.")
    parts = open_parts(get_settings())
    given = sys.stdin.readline().rstrip("\r\n") if password_stdin else ""
    made = "" if password_stdin else secrets.token_urlsafe(PASSWORD_BYTES)
    added = add_person(
        parts.transaction,
        parts.sealer,
        email=email,
        name=name or email.partition("@")[0],
        slug=tenant,
        roles=roles,
        password=given or made,
        counties=counties(),
    )
    if as_json:
        write_json({**ending(0), "user_id": str(added.user_id), "tenant": tenant, "password": made or None})
        return
    new = f", a new tenant{' that looks after the installation' if added.is_operator else ''}"
    err.print(
        f"{email} is {', '.join(roles)} of {tenant}{new if added.is_new_tenant else ''}.", highlight=False
    )
    if made:
        err.print("Its password, which is shown once:", highlight=False)
        sys.stdout.write(f"{made}\n")


@app.command("password")
@readable_errors
def set_password(
    email: Annotated[str, typer.Argument(help="Address of mail of the account.")],
    tenant: Annotated[str | None, typer.Option(help="Tenant, where the address has several.")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from stdin. Default: one is made.")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Give an account another password, and end its sign-ins; prints the one that was made, once."""
    from realestate_assets.operations.accounts.first import set_password as change
    from realestate_assets.settings import get_settings

    given = sys.stdin.readline().rstrip("\r\n") if password_stdin else ""
    made = "" if password_stdin else secrets.token_urlsafe(PASSWORD_BYTES)
    parts = open_parts(get_settings())
    slug = change(parts.transaction, parts.sealer, email=email, tenant=tenant, password=given or made)
    err.print(f"{email} of {slug} has another password; its sign-ins are ended.", highlight=False)
    if made:
        sys.stdout.write(f"{made}\n")


@app.command("counties")
@readable_errors
def tenant_counties(
    tenant: Annotated[str, typer.Argument(help="Short name of the tenant.")],
    add: Annotated[
        list[str] | None, typer.Option(help="County to show it; may be given several times.")
    ] = None,
    remove: Annotated[list[str] | None, typer.Option(help="County it sees no more.")] = None,
    verbose: Verbose = False,
) -> None:
    """Show which counties a tenant sees, and change it."""
    from realestate_assets.extent import counties
    from realestate_assets.operations.accounts.first import change_counties
    from realestate_assets.settings import get_settings

    if unknown := sorted({*(add or ()), *(remove or ())} - set(counties())):
        raise typer.BadParameter(f"{', '.join(unknown)}: configured are {', '.join(counties())}.")
    parts = open_parts(get_settings())
    for county in change_counties(parts.transaction, tenant=tenant, add=add or (), remove=remove or ()):
        sys.stdout.write(f"{county}\n")


def open_parts(settings: "Settings") -> "Parts":
    """The service's parts, its tables brought up to date, as each command about people needs them."""
    from realestate_assets.operations.migrate import migrate
    from realestate_assets.operations.services import build_services
    from realestate_assets.service.parts import build_parts

    resources = build_services(settings)
    migrate(resources["warehouse"])
    return build_parts(settings, resources)


def first_sign_in(settings: "Settings", *, is_shown: bool) -> list[str]:
    """Lines that say how to sign in for the first time; none where there are accounts.

    Args:
        settings: of the installation.
        is_shown: a person reads them: an account is made, whose password no log gets to see.
    """
    from realestate_assets.app.sign_in import any_tenant
    from realestate_assets.extent import counties
    from realestate_assets.operations.accounts.first import add_person

    parts = open_parts(settings)
    try:
        with parts.transaction(None) as session:
            if any_tenant(session):
                return []
        if not is_shown:
            return ["Nobody may sign in to the service yet: realestate users add you@example.com"]
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        add_person(
            parts.transaction, parts.sealer, email=FIRST_EMAIL, name="admin", slug=FIRST_TENANT,
            roles=["admin"], password=password, counties=counties(),
        )  # fmt: skip
        return [f"First sign-in: {FIRST_EMAIL} with the password {password} (shown once)"]
    finally:
        parts.engine.dispose()
