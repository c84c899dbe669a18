"""Jinja templates of one folder: escaped by default, strict about names, versioned by their content."""

import hashlib
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

VERSION_LENGTH = 12


@lru_cache(maxsize=4)
def environment(folder: Path) -> Environment:
    """The environment of a template folder, compiled once a process.

    Everything is escaped, whatever a file is called: a memo carries text of unknown origin. A name that is
    not in the context is an error, because an empty figure would look like a known nothing.
    """
    return Environment(
        loader=FileSystemLoader(folder, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def render(folder: Path, name: str, context: dict) -> str:
    """One template with its context, as text."""
    return environment(folder).get_template(name).render(context)


def render_plain(folder: Path, name: str, context: dict) -> str:
    """One template that is no markup, such as the text part of a mail: nothing in it is escaped."""
    return environment(folder).overlay(autoescape=False).get_template(name).render(context)


def template_version(*folders: Path) -> str:
    """Short SHA-256 over names and bytes of all files below these folders: templates, styles, fonts."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            digest.update(f"{folder.name}/{path.relative_to(folder).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:VERSION_LENGTH]
