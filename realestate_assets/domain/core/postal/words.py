"""Words of a street line: cleaned text, directions, kinds of street, house numbers.

Abbreviations are those of USPS Publication 28, as the library scourgify lists them.
"""

import re
import unicodedata
from functools import cache

from scourgify.address_constants import DIRECTIONAL_REPLACEMENTS, STREET_TYPE_ABBREVIATIONS

DIRECTIONS: dict[str, str] = {
    **DIRECTIONAL_REPLACEMENTS,
    **{code: code for code in DIRECTIONAL_REPLACEMENTS.values()},
}
# What counties write beside the spellings of Publication 28.
_COUNTY_TYPES = {"BL": "BLVD", "BLV": "BLVD", "CI": "CIR", "LP": "LOOP", "PW": "PKWY", "TE": "TER"}
# CR is Creek, Circle or Crescent, TR is Trail, Terrace or Trace: which one, only the county knows.
_AMBIGUOUS_TYPES = {"CR": "CR", "TR": "TR"}
STREET_TYPES: dict[str, str] = {
    **{code: code for code in STREET_TYPE_ABBREVIATIONS.values()},
    **STREET_TYPE_ABBREVIATIONS,
    **_COUNTY_TYPES,
    **_AMBIGUOUS_TYPES,
}

# Okina, typographic and typewriter apostrophes are one sign, and one with none: O'Brien is OBrien.
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘‛`´ʻʼʹʽ′＇"))
# A sign with a number in it stands apart from the digit before it: 12½ is not 121/2.
_SIGNS = {ord(c): f" {unicodedata.normalize('NFKD', c)} " for c in "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞№"}
_SIGNS |= dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣－"), "-") | {ord("⁄"): "/"}

# 123, 123A, 123-B, 12-14, 64-12, 12.5, 123/125; W359N5002 of Wisconsin; 20W309 of Illinois.
_NUMBER = re.compile(r"\d[\w/.-]*|[NSEW]\d+[NSEW]\d+\w?")
_GRID_HALVES = re.compile(r"([NSEW]\d+) ([NSEW]\d+\w?) ")
_RANGE = re.compile(r"(\d+[A-Z]?)(?: -|- | - )(\d+[A-Z]?) ")
_GLUED_FRACTION = re.compile(r"(\d+)-(\d{1,2}/\d{1,2}) ")
_MILEPOST = re.compile(r"(?:MILE ?POST|MP|MILE ?MARKER|MM) (\d+(?:\.\d+)?) ")
_ORDINAL = re.compile(r"\d+(?:ST|ND|RD|TH)")
# A point stays where it is a decimal one: 12.5, 441-.5, but not NO.5.
_POINT = re.compile(r"\.(?!\d)|(?<=[^\W\d_])\.")
_FRACTION = re.compile(r"\d{1,2}/\d{1,2}")


def clean(text: str, keep: str = "") -> str:
    """Upper case without accents, apostrophes, control characters, odd punctuation and double blanks.

    Args:
        text: any text.
        keep: further signs that stay, such as the comma.
    """
    upper = text.upper() if text.isascii() else _ascii_signs(text)
    upper = _odd_signs(keep).sub(" ", upper.translate(_APOSTROPHES)).replace("&", " & ")
    return " ".join(_POINT.sub(" ", upper).split())


def split_number(line: str) -> tuple[str, list[str]]:
    """House number and the words behind it; no number where the line does not begin with one."""
    line = _GRID_HALVES.sub(r"\1\2 ", line, count=1) if _GRID_HALVES.match(line) else line
    if post := _MILEPOST.match(line):
        return f"MILEPOST {post[1]}", line[post.end() :].split()
    for pattern, joined in ((_RANGE, r"\1-\2 "), (_GLUED_FRACTION, r"\1 \2 ")):
        line = pattern.sub(joined, line, count=1) if pattern.match(line) else line
    words = line.split()
    if not words or not _NUMBER.fullmatch(words[0]) or _ORDINAL.fullmatch(words[0]):
        return "", words
    parts = 2 if len(words) > 1 and _FRACTION.fullmatch(words[1]) else 1
    return " ".join(words[:parts]), words[parts:]


def direction(words: list[str]) -> str | None:
    """`N` for NORTH, `NE` for NORTH EAST or N E; None for words that are no direction."""
    codes = "-".join(DIRECTIONS.get(word, "?") for word in words)
    if codes in ("N-E", "N-W", "S-E", "S-W"):
        return codes.replace("-", "")
    return codes if codes in DIRECTIONS else None


def ordinal(name: str) -> str:
    """`5` as 5TH, as the street of that number is called; other names as they are."""
    if not (name.isascii() and name.isdigit()):
        return name
    plain = name.lstrip("0") or "0"
    ends = {"1": "ST", "2": "ND", "3": "RD"}
    return plain + ("TH" if plain[-2:-1] == "1" else ends.get(plain[-1], "TH"))


@cache
def _odd_signs(keep: str) -> re.Pattern[str]:
    return re.compile(rf"[^\w\s#&/.{re.escape(keep)}-]|_")


def _ascii_signs(text: str) -> str:
    """Upper case with accents, dashes and fractions as plain signs."""
    text = text.translate(_APOSTROPHES).translate(_SIGNS)
    letters = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return letters.upper().translate(_APOSTROPHES).translate(_SIGNS)
