"""A version of code by what it does: another comment or layout does not change it, a statement does."""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

VERSION_LENGTH = 12
# The folders of an installation whose files say what it does.
INSTALLED = ("realestate_assets", "resources", "sensors", "dbt_project", "templates")
# What Python and dbt make beside the files.
MADE_BESIDE = frozenset({"__pycache__", "target", "logs", "dbt_packages"})


@lru_cache(maxsize=64)
def code_version(*files: str) -> str:
    """Short SHA-256 over the syntax trees of Python files, in the order given.

    A hand-kept number would be forgotten at the next change; a hash of the text would redo two minutes of
    work for a comment.

    Args:
        files: paths, as `__file__` of the modules whose result is kept.
    """
    digest = hashlib.sha256()
    for file in files:
        digest.update(ast.dump(ast.parse(Path(file).read_text(encoding="utf-8"))).encode())
    return digest.hexdigest()[:VERSION_LENGTH]


def tree_version(root: Path, folders: Iterable[str]) -> str:
    """Short SHA-256 over the files of an installation, names and bytes: which code a process runs.

    Args:
        root: of the installation.
        folders: of it, by name. What Python and dbt make beside the files does not count.
    """
    digest = hashlib.sha256()
    for folder in sorted(folders):
        for path in sorted(_files(root / folder)):
            digest.update(f"{path.relative_to(root).as_posix()}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:VERSION_LENGTH]


def _files(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        if entry.name in MADE_BESIDE or entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _files(entry)
        elif entry.is_file():
            yield entry
