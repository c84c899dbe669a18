"""Names of people as records write them, in a form in which two spellings of one name are equal.

Order, case, accents and punctuation do not count: "Doe, John" is "JOHN DOE". A line of several owners holds
each of them. Initials and middle names do: who is written with and without one is given both ways.
"""

import re
import unicodedata
from itertools import permutations

SEPARATOR = re.compile(r"[&;/+]|\bAND\b|\bET AL\b|\bET UX\b|\bET VIR\b")
NO_LETTER = re.compile(r"[^A-Z0-9]+")
# Longer names are looked for as they are given: their orders would be thousands.
LONGEST_ORDERED = 5


def name_form(name: str) -> str:
    """One name: its words in capital letters without accents, in alphabetical order."""
    return " ".join(sorted(_words(name)))


def name_forms(line: str) -> frozenset[str]:
    """Forms of all whom a line of owners may name: the line as a whole, and each of its parts.

    A later part that gives first names alone is read with the surname of the first part, at either end of it:
    "DOE JOHN & JANE" names JANE DOE.
    """
    parts = [words for part in SEPARATOR.split(_plain(line)) if (words := _words(part))]
    forms = {" ".join(sorted(_words(line)))}
    for place, words in enumerate(parts):
        forms.add(" ".join(sorted(words)))
        if place and len(words) < len(parts[0]):
            forms |= {" ".join(sorted([*words, surname])) for surname in (parts[0][0], parts[0][-1])}
    return frozenset(forms - {""})


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).upper()


def _words(text: str) -> list[str]:
    return [word for word in NO_LETTER.split(_plain(text)) if word]


def name_pattern(form: str) -> re.Pattern[str]:
    """Finds a name in running text, its words in any order beside each other; the text in capital letters."""
    words = _words(form)
    orders = list(permutations(words)) if len(words) <= LONGEST_ORDERED else [tuple(words)]
    lines = {r"[^A-Z0-9]{1,3}".join(re.escape(word) for word in order) for order in orders}
    return re.compile(r"(?<![A-Z0-9])(?:" + "|".join(sorted(lines)) + r")(?![A-Z0-9])")


def plain_text(text: str) -> str:
    """A text as `name_pattern` reads it: in capital letters, without accents."""
    return _plain(text)
