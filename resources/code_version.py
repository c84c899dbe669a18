"""A version of code by what it does: another comment or layout does not change it, a statement does."""

import ast
import hashlib
from functools import lru_cache
from pathlib import Path

VERSION_LENGTH = 12


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
