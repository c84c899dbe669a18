"""Columns of a file and what its source needs of them: their names in the raw table, and whether they fit.

Source columns keep their names. Those of the platform begin with an underscore; `county` and `month` say the
partition. A source column of such a name is kept beside them under another one.
"""

from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches

from realestate_assets.domain.counties.sample_source import RawSource
from realestate_assets.domain.counties.sources import RENTALS, LandedSource
from realestate_assets.domain.intake.file_bytes import Place

META_COLUMNS = ("_source", "_file", "_file_sha256", "_row", "_record", "_fault", "_fault_text")
PLATFORM_COLUMNS = ("county", "month", *META_COLUMNS)
RENAMED_SUFFIX = "_received"
# The widest rolls of assessors have some hundred columns; each costs memory in every row.
MAX_COLUMNS = 4_000
SHOWN_COLUMNS = 40


def raw_name(name: str) -> str:
    """Name of a source column in the raw table: its own, unless a column of the platform has that name."""
    return f"{name}{RENAMED_SUFFIX}" if name in PLATFORM_COLUMNS else name


def received_name(name: str) -> str:
    """The source's own name of a raw column."""
    plain = name.removesuffix(RENAMED_SUFFIX)
    return plain if plain in PLATFORM_COLUMNS else name


def name_columns(names: Sequence[str], place: Place) -> list[str]:
    """Header names as raw column names: trimmed, nameless ones by their position.

    Raises:
        PermanentError: two columns carry one name, so that nobody can say which one is meant; or there are
            more than MAX_COLUMNS, as where the file's lines or its delimiter were taken for others.
    """
    if len(names) > MAX_COLUMNS:
        raise place.error(
            f"has {len(names):,} columns; {MAX_COLUMNS:,} are read at most.",
            "Check `delimiter`, `header_lines` and the line ends, or cut the table to the columns in use.",
        )
    clean = [raw_name(str(name).strip() or f"column_{at}") for at, name in enumerate(names, start=1)]
    if twice := sorted(name for name, count in Counter(clean).items() if count > 1):
        raise place.error(
            f"names the column{'s' if len(twice) > 1 else ''} {_some(twice)} more than once.",
            "Name each column once in the header.",
            _some(twice),
        )
    return clean


def _some(names: Sequence[str]) -> str:
    """The names, the first of them where they are many."""
    more = f" and {len(names) - SHOWN_COLUMNS:,} more" if len(names) > SHOWN_COLUMNS else ""
    return ", ".join(names[:SHOWN_COLUMNS]) + more


def missing_columns(source: LandedSource, columns: Sequence[str]) -> list[str]:
    """Source columns without which a file cannot be of this source; alternatives are joined by `or`.

    Needed are the date, one of the columns that identify a property (of a rent: the rent), and whatever the
    map calls required.
    """
    there = set(columns)
    joined_prefixes = getattr(source, "joined_prefixes", ())

    def has(name: str) -> bool:
        column = source.mapped[name]
        joined = (
            any(c.startswith(joined_prefixes) for c in column.source_columns) if joined_prefixes else False
        )
        # A line or formula, say, of constants alone needs no column.
        return not column.source_columns or joined or bool(there & set(map(raw_name, column.source_columns)))

    always = {"observed_date", "rent_monthly_usd"}
    needed = [n for n, column in source.mapped.items() if column.required or n in always]
    missing = [" or ".join(source.mapped[name].source_columns) for name in needed if not has(name)]
    # A joined table holds nothing of its own.
    named = () if getattr(source, "holds", None) == RENTALS else ("apn", "street")
    identity = [name for name in named if name in source.columns]
    if identity and not any(has(name) for name in identity) and not set(needed).intersection(identity):
        missing.append(" or ".join(c for name in identity for c in source.columns[name].source_columns))
    return list(dict.fromkeys(missing))


def absent_optional(source: RawSource, columns: Sequence[str]) -> list[str]:
    """Mapped source columns the file does not have and can do without."""
    mapped = dict.fromkeys(c for column in source.mapped.values() for c in column.source_columns)
    there = set(columns)
    return [name for name in mapped if raw_name(name) not in there]


def absent_words(source: RawSource, columns: Sequence[str]) -> list[str]:
    """The optional columns that are absent, each with those of the file that are spelled much like it."""
    mapped = {raw_name(c) for column in source.mapped.values() for c in column.source_columns}
    others = [received_name(name) for name in columns if name not in mapped and not name.startswith("_")]
    return [_with_near(name, others) for name in absent_optional(source, columns)]


def _with_near(name: str, others: Sequence[str]) -> str:
    """`Bdrms (near: Bdrm)`; spellings are compared without case, blanks and marks."""
    plain = {"".join(filter(str.isalnum, other.lower())): other for other in others}
    near = get_close_matches("".join(filter(str.isalnum, name.lower())), plain, n=3, cutoff=0.75)
    return f"{name} (near: {', '.join(plain[match] for match in near)})" if near else name


def check_columns(source: LandedSource, columns: Sequence[str], place: Place) -> None:
    """Refuse a file that lacks what its map needs.

    Raises:
        PermanentError: names every missing column.
    """
    if missing := missing_columns(source, columns):
        there = [received_name(name) for name in columns]
        shown = _some(there)
        named = [_with_near(name, there) for name in missing]
        plural = "s" if len(missing) > 1 else ""
        raise place.error(
            f"lacks the required column{plural} {', '.join(named)}; it has {shown}.",
            "Land it under the source whose columns it has, or change the column map in the county's YAML.",
            ", ".join(missing),
        )
