"""City, state and ZIP behind a street in one line: `12 Main St, Lodi, CA 95240`, taken out of it.

A tail is believed where it ends in a state and a ZIP, or in the county's own state, or in a ZIP behind a
comma, and says nothing else than the fields that are given: a home whose line and columns disagree keeps its
line, so that no two become one. Lines without a tail stay letter by letter as they came.
"""

import re
from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scourgify.address_constants import STATE_ABBREVIATIONS

from realestate_assets.domain.core.convert import one_chunk, to_mask
from realestate_assets.domain.core.postal.units import DESIGNATORS
from realestate_assets.domain.core.postal.words import DIRECTIONS, STREET_TYPES, clean

Texts: TypeAlias = "pa.Array | pa.ChunkedArray"

_CODES = "|".join(sorted(set(STATE_ABBREVIATIONS.values())))
_NAMES = "|".join(sorted(STATE_ABBREVIATIONS, key=len, reverse=True))
# A name wants its comma: of `Morgantown, West Virginia` none but the whole is the state.
_STATE = rf"(?:(?:[,\s]\s*(?P<code>{_CODES})\.?)|(?:,\s*(?P<name>{_NAMES})\.?))"
_ZIP = r"[,\s]\s*(?P<zip>\d{5})(?:-?\d{4})?"
_COUNTRY = r"(?:[,\s]\s*(?:USA|U\.S\.A\.|US|UNITED STATES(?: OF AMERICA)?))?\s*$"
_CITY = r"\s*,\s*(?P<city>\p{L}[\p{L} .'’-]*[\p{L}.])\s*"
_LINE = r"(?is)^(?P<line>.*[^\s,])"
# With a ZIP; with the state alone behind a city; with the ZIP alone behind a house and street.
_WITH_CITY = f"{_LINE}{_CITY}{_STATE}{_ZIP}{_COUNTRY}"
_WITHOUT_CITY = rf"{_LINE}[\s,]*{_STATE}{_ZIP}{_COUNTRY}"
_STATE_ALONE = f"{_LINE}{_CITY}{_STATE}{_COUNTRY}"
_ZIP_ALONE = r"(?is)^(?P<line>\d.*\s.*\S)\s*,\s*(?P<zip>\d{5})(?:-\d{4})?\s*$"
# None of the four fits a line without a comma or five digits behind a blank.
_MAY_BE_TAIL = r",|\s\d{5}"
# What stands between commas and is no city.
_NO_CITY = {*DIRECTIONS, *DESIGNATORS, *(code for code in STREET_TYPES.values() if len(code) <= 4)} - {""}
_UNIT_WORDS = {word for word in DESIGNATORS if word not in ("FRONT", "UPPER", "LOWER", "KEY", "NO", "PIER")}
# Kinds that end a street before a city without a comma; others, as Lake or Park, begin the names of cities.
_ENDING_KINDS = frozenset(
    {"ST", "AVE", "RD", "DR", "LN", "CT", "BLVD", "PL", "WAY", "CIR", "TER", "PKWY", "TRL", "LOOP"}
)
_CITY_WORDS = 4
_CITY_WORD = re.compile(r"[^\W\d_][^\W\d_.'’-]*\.?(?:[-'’][^\W\d_]+)*")
_NOTHING = pa.scalar(None, pa.string())
Fields: TypeAlias = tuple[Texts, Texts, Texts, Texts]


def split_tails(street: Texts, city: Texts, state: Texts, zip_code: Texts, home_state: str) -> Fields:
    """Street lines without their tails, and the three fields with what the tails say where they had nothing.

    Args:
        street: street lines as they came.
        city: cities as they came.
        state: two-letter states.
        zip_code: five-digit ZIPs.
        home_state: two-letter state of the county; a tail without a ZIP must name it.
    """
    text = pc.replace_substring_regex(one_chunk(street), r"\s*[\r\n]+\s*", ", ")
    may_be = to_mask(pc.match_substring_regex(text, _MAY_BE_TAIL))
    if not may_be.any():
        return street, city, state, zip_code
    # Most lines have none: they are spared the patterns.
    at = pa.array(np.flatnonzero(may_be))
    fields = {"city": city, "state": state, "zip": zip_code}
    given = pd.DataFrame(
        {name: pc.take(each, at).to_pandas() for name, each in fields.items()}, dtype="object"
    )
    found = _tails(pc.take(text, at), home_state)
    spelled = {name: _spelled(given[name]) for name in fields}
    agrees = {
        name: found[name].isna() | spelled[name].isna() | (spelled[name] == _spelled(found[name]))
        for name in spelled
    }
    # With one ZIP the name of a city is what its people call it: the one given stays.
    same_zip = found["zip"].notna()
    fits = found["line"].notna() & agrees["state"] & agrees["zip"] & (agrees["city"] | same_zip)
    if not fits.any():
        return street, city, state, zip_code
    found = found.where(fits)
    found = _city_of_line(found, spelled["city"])
    back = pa.array(np.cumsum(may_be) - 1, mask=~may_be)
    names = {"street": "line", "city": "city", "state": "state", "zip": "zip"}
    taken = {
        name: pc.take(pa.array(found[column], pa.string(), from_pandas=True), back)
        for name, column in names.items()
    }
    return (
        pc.coalesce(taken["street"], street),
        pc.coalesce(city, taken["city"]),
        pc.coalesce(state, taken["state"]),
        pc.coalesce(zip_code, taken["zip"]),
    )


def _tails(text: pa.Array, home_state: str) -> pd.DataFrame:
    """line, city, state and zip of each line that has a tail; all null elsewhere."""
    parts = [_extracted(text, pattern) for pattern in (_WITH_CITY, _WITHOUT_CITY, _STATE_ALONE, _ZIP_ALONE)]
    found = parts[0].where(~parts[0]["city"].pipe(_are_no_cities))
    for place, part in enumerate(parts[1:], start=1):
        fits = ~part["city"].pipe(_are_no_cities)
        # Of less than a whole tail the state must be the county's: it may be no state at all.
        fits &= (part["state"] == home_state) | (place == len(parts) - 1)
        found = found.where(found["line"].notna(), part.where(fits))
    return found


def _extracted(text: Texts, pattern: str) -> pd.DataFrame:
    matched = pc.extract_regex(text, pattern)
    there = re.findall(r"\(\?P<(\w+)>", pattern)
    nothing = pa.nulls(len(matched), pa.string())
    names = ("line", "city", "code", "name", "zip")
    columns = [pc.struct_field(matched, name) if name in there else nothing for name in names]
    given = [pc.if_else(pc.equal(column, ""), _NOTHING, column) for column in columns]
    frame = pd.DataFrame(
        {name: column.to_pandas() for name, column in zip(names, given, strict=True)}, dtype="object"
    )
    state = frame["code"].str.upper().fillna(frame["name"].str.upper().map(STATE_ABBREVIATIONS))
    frame = frame.assign(state=state.astype("object"))[["line", "city", "state", "zip"]]
    return frame.where(frame.notna(), None)


def _are_no_cities(names: pd.Series) -> pd.Series:
    """Mask of the names that are none; cities are few, each is looked at once."""
    verdicts = {name: _is_no_city(name) for name in names.dropna().unique()}
    return names.map(verdicts).eq(True)


def _is_no_city(name: str | None) -> bool:
    """Whether words between commas are a unit, a direction or a kind of street rather than a city."""
    words = clean(name or "").split()
    return bool(words) and (words[0] in _UNIT_WORDS or (len(words) == 1 and words[0] in _NO_CITY))


def _city_of_line(found: pd.DataFrame, given: pd.Series) -> pd.DataFrame:
    """The cities that stand behind a street without a comma, where the column says the same or nothing."""
    open_lines = found["line"].notna() & found["city"].isna()
    lines = found.loc[open_lines, "line"]
    cut = {line: _cut_city(line) for line in lines.unique()}
    streets, cities = (lines.map(lambda line, part=part: cut[line][part]) for part in (0, 1))
    fits = cities.notna() & (given[open_lines].isna() | (given[open_lines] == _spelled(cities)))
    at = fits[fits].index
    found.loc[at, "line"], found.loc[at, "city"] = streets[at], cities[at]
    return found


def _cut_city(line: str) -> tuple[str, str | None]:
    """`324 Leland Ct Lodi` as street and city; the line and None where more than one reading is possible.

    The city is what stands behind the last kind of street that ends one, letters alone. A direction there may
    belong to either side: `Main St West Sacramento` stays whole.
    """
    words = line.replace(",", " , ").split()
    plain = [clean(word) for word in words]
    kinds = [at for at, word in enumerate(plain) if at > 1 and STREET_TYPES.get(word) in _ENDING_KINDS]
    if len(kinds) > 1 and kinds[-1] == _behind_unit(plain, kinds[-2] + 1):
        if plain[kinds[-1]] != "ST":
            return line, None
        # Of `Lake Rd St Clair Shores` the saint is the city's.
        kinds.pop()
    if not kinds:
        return line, None
    ends = _behind_unit(plain, kinds[-1] + 1)
    city = words[ends:]
    is_city = 0 < len(city) <= _CITY_WORDS and all(map(_CITY_WORD.fullmatch, city))
    first = clean(city[0]) if city else ""
    if not is_city or first in DIRECTIONS or first in DESIGNATORS or _is_no_city(" ".join(city)):
        return line, None
    return " ".join(words[:ends]), " ".join(city)


def _behind_unit(words: list[str], at: int) -> int:
    """Where a unit that begins there ends: behind `#8`, `# 8` and `APT B`; the place itself without one."""
    word = words[at] if at < len(words) else ""
    if word in _UNIT_WORDS:
        return at + 2
    return at + 1 if word.startswith("#") else at


def _spelled(column: pd.Series) -> pd.Series:
    """Upper case, single blanks, no points: as two spellings of one city compare."""
    spelled = {text: clean(text, keep="'") for text in column.dropna().unique()}
    return column.map(spelled, na_action="ignore").astype("object")
