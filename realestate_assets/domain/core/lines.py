"""Texts with columns in braces, `{BOROUGH}-{BLOCK:5}-{LOT:4}`; a number says how many zeros pad it to.

The braces are names and widths, nothing else: no attribute, no index, no conversion.
"""

import re
from typing import NamedTuple

MAX_PAD = 40
_BRACES = re.compile(r"\{([^{}]*)\}")


class Piece(NamedTuple):
    """A part of a line: literal text, or a column with the width it is padded to."""

    text: str = ""
    column: str | None = None
    pad: int | None = None


def pieces_of_line(line: str) -> tuple[Piece, ...]:
    """The parts of a line in their order.

    Raises:
        ValueError: a brace without its partner, or without a name in it.
    """
    found: list[Piece] = []
    at = 0
    for match in _BRACES.finditer(line):
        found += [Piece(line[at : match.start()])] if match.start() > at else []
        name, _, width = match[1].rpartition(":")
        has_width = bool(name) and width.isdigit() and 0 < int(width) <= MAX_PAD
        name = name if has_width else match[1]
        if not name.strip():
            raise ValueError(f"line {line!r} has braces without a column name")
        found.append(Piece(column=name.strip(), pad=int(width) if has_width else None))
        at = match.end()
    found += [Piece(line[at:])] if at < len(line) else []
    if any("{" in piece.text or "}" in piece.text for piece in found):
        raise ValueError(f"line {line!r} has a brace without its partner")
    return tuple(found)


def columns_of_line(line: str) -> tuple[str, ...]:
    """Columns in the braces, each once."""
    return tuple(dict.fromkeys(p.column for p in pieces_of_line(line) if p.column is not None))
