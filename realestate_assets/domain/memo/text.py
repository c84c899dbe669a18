"""Text of unknown origin for a memo: one line, of a bounded length."""

from realestate_assets.domain.core.formats import is_missing

# The longest text of a field, characters: one field must not fill a page.
MAX_LINE = 120


def line(value: object, longest: int = MAX_LINE) -> str | None:
    """Text with single spaces, cut where it is too long; None where there is none."""
    if is_missing(value):
        return None
    text = " ".join(str(value).split())
    return (text if len(text) <= longest else text[:longest].rstrip() + "…") or None


def joined(words: list[str]) -> str:
    """a, b and c."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
