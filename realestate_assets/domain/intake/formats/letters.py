"""Rows that are not UTF-8: those that Windows wrote are read as such, the others are known as broken.

Old programs write letters outside of ASCII as single bytes (Windows-1252). A row is read so only where it is
told apart with certainty: none of its bytes is a sound UTF-8 letter, and each has a meaning in Windows-1252.
"""

from collections.abc import Sequence

FALLBACK = "windows-1252"


def windows_text(record: bytes) -> str | None:
    """The row as Windows-1252; None where it is broken, or was not written so."""
    if b"\0" in record:
        return None
    sound = record.decode("utf-8", "surrogateescape")
    if any(letter > "\x7f" and not "\udc80" <= letter <= "\udcff" for letter in sound):
        return None
    try:
        return record.decode(FALLBACK)
    except UnicodeDecodeError:
        return None


def recoded_note(rows: Sequence[int]) -> tuple[str, ...]:
    """What to say of rows that were read as Windows-1252, by their numbers."""
    if not rows:
        return ()
    some = ", ".join(f"{row:,}" for row in rows[:5]) + (", …" if len(rows) > 5 else "")
    plural = "s" if len(rows) > 1 else ""
    return (
        f"{len(rows):,} row{plural} ({some}) are not UTF-8 and were read as Windows-1252: set `encoding` of "
        "the source if that is wrong",
    )
