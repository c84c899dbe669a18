"""`realestate demo`: a tenant with made-up people, to look around in."""

import sys
from typing import Annotated

import typer

from realestate_assets.cli.errors import Verbose, ending, err, readable_errors, write_json


@readable_errors
def demo(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    verbose: Verbose = False,
) -> None:
    """Fill the tenant `demo` with simulated people, their searches with alerts, their marks and a team.

    Each is labelled simulated. Prints the passwords of people who are new, once; run again it adds what is
    missing.
    """
    from realestate_assets.cli.users import open_parts
    from realestate_assets.extent import counties
    from realestate_assets.operations.demo import SLUG, fill
    from realestate_assets.settings import get_settings

    parts = open_parts(get_settings())
    parts.make_views()
    filled = fill(parts.transaction, parts.sealer, parts.county_files, counties())
    if as_json:
        told = {"tenant": SLUG, "passwords": dict(filled.passwords)}
        write_json({**ending(0), **told, "searches": filled.searches, "marks": filled.marks})
        return
    err.print(
        f"Tenant {SLUG}: {len(filled.passwords)} people (simulated), {filled.searches} searches and "
        f"{filled.marks} marks were added.",
        highlight=False,
    )
    if filled.passwords:
        err.print("Passwords, which are shown once:", highlight=False)
        for email, password in filled.passwords.items():
            sys.stdout.write(f"{email}\t{password}\n")
