"""Licences of all packages in this environment: nothing that binds who uses or passes on the product.

A gate of `make check`. What a package says of itself is read: its licence expression, else its classifiers,
else its free text, else the first line of the licence itself. Copyleft that reaches no further than its own
files (MPL) is no bond; GPL, AGPL and whatever is not known need an entry below, with the terms that were
looked at and the reason. Other terms, or an entry that nothing needs, fail.
"""

import re
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, distributions

OWN = "realestate-os"
# SPDX identifiers, and what older packages call the same.
FREE = {
    "0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC", "MIT",
    "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0", "Python-2.0", "Unlicense", "Zlib",
    "3-Clause BSD License", "BSD 3-Clause", "BSD License", "Apache 2.0", "Apache License 2.0",
    "Apache Software License", "ISC License (ISCL)", "MIT License", "The MIT License (MIT)",
    "Mozilla Public License 2.0 (MPL 2.0)", "Python Software Foundation License",
    "The Unlicense (Unlicense)",
}  # fmt: skip
# Package -> the terms that were looked at, and why they do not bind. Looked at in 2026-11.
LOOKED_AT: dict[str, tuple[str, str]] = {
    "psycopg2-binary": (
        "GNU Library or Lesser General Public License (LGPL)",
        "a library that is loaded, not changed, and that anybody may replace; with an exception for linking",
    ),
    "pyphen": (
        "GNU General Public License v2 or later (GPLv2+) AND "
        "GNU Lesser General Public License v2 or later (LGPLv2+) AND Mozilla Public License 1.1 (MPL 1.1)",
        "one of the three at the user's choice: taken under the MPL",
    ),
    "text-unidecode": (
        "Artistic License AND GNU General Public License (GPL) AND "
        "GNU General Public License v2 or later (GPLv2+)",
        "one of the two at the user's choice: taken under the Artistic License",
    ),
    "yamllint": (
        "GNU General Public License v3 (GPLv3)",
        "a program that `make check` runs on our files; no part of the product, in no wheel",
    ),
}  # fmt: skip


def terms(package: Distribution) -> str:
    """What a package says of its licence, as an expression; empty where it says nothing."""
    metadata = package.metadata
    if expression := (metadata.get_all("License-Expression") or [""])[0]:
        return str(expression)
    classifiers = [
        each.rpartition("::")[2].strip()
        for each in metadata.get_all("Classifier") or []
        if each.startswith("License ::") and not each.endswith("OSI Approved")
    ]
    if classifiers:
        return " AND ".join(sorted(set(classifiers)))
    text = (metadata.get_all("License") or [""])[0].strip().split("\n")[0]
    return text if text not in ("", "UNKNOWN") else _title(package)


def _title(package: Distribution) -> str:
    """The first line of the licence's own text."""
    files = [file for file in package.files or () if re.match(r"licen[cs]e", file.name, re.IGNORECASE)]
    own = [file for file in files if ".dist-info" in str(file)]
    return own[0].read_text().strip().split("\n")[0].strip() if own else ""


def is_free(expression: str) -> bool:
    """Whether every part of an expression is free, of alternatives one."""
    expression = expression.strip()
    if expression in FREE:
        return True
    for word, enough in (("OR", any), ("AND", all)):
        if len(parts := _parts(expression, word)) > 1:
            return enough(map(is_free, parts))
    inner = re.fullmatch(r"\((.+)\)", expression)
    return inner is not None and is_free(inner[1])


def _parts(expression: str, word: str) -> list[str]:
    """The parts between `word` outside of any parentheses; AND binds closer than OR, so OR is split first."""
    parts, depth = [""], 0
    for piece in re.split(r"(\(|\)|\s+)", expression):
        depth += (piece == "(") - (piece == ")")
        if piece == word and depth == 0:
            parts.append("")
        else:
            parts[-1] += piece
    return [part.strip() for part in parts]


def faults(found: Mapping[str, str], looked_at: Mapping[str, tuple[str, str]]) -> list[str]:
    """A line for each package whose terms are neither free nor looked at, and for each entry without need."""
    said = []
    for name, expression in sorted(found.items()):
        if is_free(expression):
            if name in looked_at:
                said.append(f"{name}: {expression} is free; its entry in tools/licences.py is not needed")
        elif looked_at.get(name, ("",))[0] != expression or not expression:
            said.append(
                f"{name}: {expression or 'says nothing of its licence'}; look at it, see tools/licences.py"
            )
    return said


def installed(packages: Iterable[Distribution]) -> dict[str, str]:
    """Name -> terms, without the product itself."""
    return {p.metadata["Name"].lower(): terms(p) for p in packages if p.metadata["Name"] != OWN}


def main() -> int:
    """Print the faults; 1 if there is one."""
    found = installed(distributions())
    said = faults(found, LOOKED_AT)
    print("\n".join(said) or f"{len(found)} packages, {len(LOOKED_AT)} by hand")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
