"""A sentence as tokens: numbers, words, signs, each with its place. What they mean is not said here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

# More than a sentence: what follows is not read, so that no text takes long.
MAX_CHARACTERS = 1000
MAX_DIGITS = 12
# Each alternative is left by its first other character: the time grows with the length and not faster.
_TOKEN = re.compile(
    r"(?P<number>\d+(?:,\d{3})*(?:\.\d+)?|\.\d+)|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)|(?P<sign><=|>=|[^\w\s]|_)"
)
Kind = Literal["number", "word", "sign", "cut", "kept"]
Meaning = TypeVar("Meaning")


@dataclass(frozen=True)
class Token:
    """One word, number or sign; `text` is in lower case, `value` a number's, the span one of characters."""

    kind: Kind
    text: str
    start: int
    end: int
    value: float | None = None


CUT = Token("cut", "", 0, 0)


def tokens_of(sentence: str) -> list[Token]:
    """The tokens of a sentence, in order; of a very long one those of its first 1,000 characters."""
    return [_token(match) for match in _TOKEN.finditer(sentence[:MAX_CHARACTERS])]


def _token(match: re.Match[str]) -> Token:
    kind, text, (start, end) = match.lastgroup, match.group().lower().replace("’", "'"), match.span()
    if kind == "number":
        digits = text.replace(",", "")
        value = float(digits) if len(digits) <= MAX_DIGITS else None
        return Token("number" if value is not None else "sign", text, start, end, value)
    return Token("word" if kind == "word" else "sign", text, start, end)


def table(meanings: Mapping[str, Meaning]) -> dict[tuple[str, ...], Meaning]:
    """Phrases as sequences of token texts: "sq ft | sqft" stands for two phrases of one meaning."""
    found: dict[tuple[str, ...], Meaning] = {}
    for phrases, meaning in meanings.items():
        for phrase in phrases.split(" | "):
            found[tuple(token.text for token in tokens_of(phrase))] = meaning
    return found


LONGEST_PHRASE = 5


def phrase_at(
    tokens: list[Token], at: int, phrases: Mapping[tuple[str, ...], Meaning]
) -> tuple[Meaning, int] | None:
    """The meaning of the longest phrase that begins at a token, and where it ends."""
    for length in range(LONGEST_PHRASE, 0, -1):
        key = tuple(token.text for token in tokens[at : at + length])
        if len(key) == length and key in phrases:
            return phrases[key], at + length
    return None


def corrected(tokens: list[Token], known: frozenset[str], proper: frozenset[str]) -> list[Token]:
    """Words one slip away from exactly one known word, as that word; `proper` ones stay as they are."""
    return [
        replace(token, text=_nearest(token.text, known))
        if token.kind == "word" and token.text not in known and token.text not in proper
        else token
        for token in tokens
    ]


MIN_LETTERS, MIN_LETTERS_REPLACED = 5, 7


def _nearest(word: str, known: frozenset[str]) -> str:
    if len(word) < MIN_LETTERS:
        return word
    near = [each for each in known if abs(len(each) - len(word)) <= 1 and is_one_slip(word, each)]
    return near[0] if len(near) == 1 else word


def is_one_slip(word: str, meant: str) -> bool:
    """True where one letter is lacking, too many, exchanged with its neighbour or, in a long word, another.

    The first letter is right in nearly all slips, and short words have too many neighbours: "horse" is no
    "house".
    """
    if word[0] != meant[0] or len(meant) < MIN_LETTERS or word == meant:
        return False
    shorter, longer = sorted((word, meant), key=len)
    same = next((n for n, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    if len(shorter) < len(longer):
        # A plural is another word and not a slip.
        return shorter[same:] == longer[same + 1 :] and not (same == len(shorter) and longer.endswith("s"))
    if word[same + 2 :] == meant[same + 2 :] and word[same : same + 2] == meant[same : same + 2][::-1]:
        return True
    return len(word) >= MIN_LETTERS_REPLACED and word[same + 1 :] == meant[same + 1 :]
