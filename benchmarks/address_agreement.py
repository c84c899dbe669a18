"""How often the product reads a street line as scourgify does: the share, and the kinds of difference.

    .venv/bin/python -m benchmarks.address_agreement --input sales.csv.gz --column Address --state WI

Compared are street and unit of each distinct line, units by what tells them apart (`APT 5` and `# 5` are
one); city, state and ZIP behind a line are split off, as intake does. Lines that scourgify cannot read are
counted by themselves.
"""

import argparse
from collections import Counter, defaultdict
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scourgify.exceptions import AddressNormalizationError
from scourgify.normalize import normalize_addr_str

from realestate_assets.domain.core.addresses import normalize_lines, unit_keys
from realestate_assets.domain.core.postal.tails import split_tails
from realestate_assets.domain.core.postal.units import unit_key

SAME, UNREAD = "the same", "scourgify reads none"
Parts = tuple[str, str]


def by_product(lines: list[str], cities: list[str | None], state: str) -> list[Parts]:
    """Street, and what tells the unit apart, of each."""
    nothing = pa.nulls(len(lines), pa.string())
    known = pc.utf8_upper(pa.array(cities, pa.string()))
    street = split_tails(pa.array(lines, pa.string()), known, nothing, nothing, state)[0]
    streets, units = normalize_lines(street, nothing, state)
    return list(zip(pc.fill_null(streets, "").to_pylist(), unit_keys(units).to_pylist(), strict=True))


def by_library(line: str, state: str) -> Parts | None:
    """The same by scourgify; None where it raises."""
    try:
        read = normalize_addr_str(line, state=state)
    except (AddressNormalizationError, KeyError, ValueError, IndexError, AttributeError, TypeError):
        return None
    return read["address_line_1"] or "", unit_key(read["address_line_2"] or "")


def difference(mine: Parts, theirs: Parts | None) -> str:
    """What kind of difference it is."""
    if theirs is None:
        return UNREAD
    if mine == theirs:
        return SAME
    words, others = mine[0].split(), theirs[0].split()
    if mine[1] != theirs[1]:
        return "a word is a unit to one of them" if words != others else "the unit"
    if sorted(words) == sorted(others):
        return "the order of words"
    if len(words) != len(others):
        return "a word more or less in the street"
    changed = sum(one != other for one, other in zip(words, others, strict=True))
    return "the spelling of one word" if changed == 1 else "the spelling of several words"


def compared(
    lines: pd.Series, cities: pd.Series, state: str
) -> dict[str, list[tuple[str, Parts, Parts | None]]]:
    """Every distinct line, by the kind of its difference."""
    found: dict[str, list[tuple[str, Parts, Parts | None]]] = defaultdict(list)
    table = pd.DataFrame(
        {"line": lines.str.strip(), "city": cities.astype(object).where(cities.notna(), None)}
    )
    table = table[table["line"].fillna("") != ""].drop_duplicates("line")
    texts = table["line"].tolist()
    for line, mine in zip(texts, by_product(texts, table["city"].tolist(), state), strict=True):
        theirs = by_library(line, state)
        found[difference(mine, theirs)].append((line, mine, theirs))
    return found


def main() -> None:
    """Print the shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--input", type=Path, required=True, help="CSV or Parquet")
    parser.add_argument("--column", required=True)
    parser.add_argument("--city", help="column of the city, where the file has one")
    parser.add_argument("--state", required=True, help="two letters")
    parser.add_argument("--rows", type=int, default=5_000, help="drawn at random, with a seed")
    parser.add_argument(
        "--show", type=int, default=0, help="so many of each kind; they are addresses of people"
    )
    asked = parser.parse_args()
    is_parquet = asked.input.suffix == ".parquet"
    frame = pd.read_parquet(asked.input) if is_parquet else pd.read_csv(asked.input, dtype=str)
    frame = frame.drop_duplicates(asked.column)
    frame = frame.sample(min(asked.rows, len(frame)), random_state=1)
    cities = frame[asked.city] if asked.city else pd.Series(None, index=frame.index, dtype=object)
    found = compared(frame[asked.column], cities, asked.state)
    counts = Counter({kind: len(each) for kind, each in found.items()})
    print(f"{counts.total():,} distinct lines\n\n| | lines | share, % |\n|---|---|---|")
    for kind, count in counts.most_common():
        print(f"| {kind} | {count:,} | {100 * count / counts.total():.2f} |")
        for line, mine, theirs in found[kind][: asked.show if kind != SAME else 0]:
            print(f"    {line!r}: {mine} / {theirs}")


if __name__ == "__main__":
    main()
