"""A search sentence, understood: the facts it says, what no column can tell, and the words that remain.

Rules read the sentence from left to right, each a few tokens; what no rule knows stays a word and ranks by
meaning. A sentence model is no judge of facts: to it "no pool" is nearer to "a pool" than "swimming pool" is.
A grammar of a parsing library was not taken: nine words in ten of such sentences belong to no rule, and an
ambiguous grammar takes time that grows faster than the sentence.
"""

from dataclasses import dataclass, field, replace
from datetime import date

from realestate_assets.domain.search.facts import Fact, Understood, Wish, keyed
from realestate_assets.domain.search.places import Gazetteer
from realestate_assets.domain.search.rules import Found, Setting, found_at
from realestate_assets.domain.search.tokens import CUT, Token, corrected, phrase_at, tokens_of
from realestate_assets.domain.search.vocabulary import JOINING, NEGATORS, PROPER_WORDS, known_words

# Facts of these columns that stand side by side are alternatives: "condo or townhouse".
ALTERNATIVES = frozenset({"property_type", "status", "place", "zip", "near", "county"})
BETWEEN_ALTERNATIVES = frozenset({"or", "and", ",", "/", "&", "nor"})
CHAINING = frozenset({"or", "nor"})


def understand(sentence: str, today: date, places: Gazetteer | None = None) -> Understood:
    """Read a sentence; never raises, and takes time in proportion to its length.

    Args:
        sentence: as people write it; beyond 1,000 characters it is not read.
        today: what "last year" and "10 years old" count from.
        places: the names that are known; without them none is understood.
    """
    setting = Setting(today, places or Gazetteer())
    reading = _Reading(sentence, setting)
    tokens = corrected(
        tokens_of(sentence),
        known_words() | setting.places.words,
        PROPER_WORDS | JOINING | setting.places.parts,
    )
    while True:
        # What was cut may bring words together that say something: read again until nothing is found.
        left = _without_joining(reading.read(tokens))
        if left == tokens:
            break
        tokens = left
    facts = sorted(reading.facts, key=lambda fact: fact.span)
    return Understood(sentence, keyed(facts), tuple(reading.wishes), _text(sentence, tokens))


@dataclass
class _Reading:
    """The facts found so far, in one sentence."""

    sentence: str
    setting: Setting
    facts: list[Fact] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)

    def read(self, tokens: list[Token]) -> list[Token]:
        """One pass; what is left of the tokens, a cut in the place of each phrase that was understood."""
        left: list[Token] = []
        at, joined_at, last = 0, -1, None
        while at < len(tokens):
            found = found_at(tokens, at, self.setting) if tokens[at].kind not in ("cut", "kept") else None
            if found is None:
                left.append(tokens[at])
                at += 1
                continue
            found = self._chained(tokens, at, found, last)
            between = left[joined_at:] if joined_at >= 0 else None
            last = self._taken(tokens[at : found.end], found, between)
            left += (
                [replace(each, kind="kept") for each in tokens[at : found.end]] if found.is_kept else [CUT]
            )
            at, joined_at = found.end, len(left)
        return left

    def _chained(self, tokens: list[Token], at: int, found: Found, last: Found | None) -> Found:
        """A negation goes on over "or": "no pool or hot tub"."""
        is_chained = at > 0 and tokens[at - 1].text in CHAINING and last is not None
        if not is_chained or last is None or last.end != at - 1 or not _is_negated(last):
            return found
        facts = tuple(replace(fact, is_negated=True) for fact in found.facts)
        wish = replace(found.wish, is_negated=True) if found.wish else None
        return Found(found.end, facts, wish)

    def _taken(self, phrase: list[Token], found: Found, between: list[Token] | None) -> Found:
        start, end = phrase[0].start, phrase[-1].end
        words = self.sentence[start:end]
        for fact in found.facts:
            placed = replace(fact, words=words, span=(start, end))
            before = self.facts[-1] if self.facts else None
            # "not sold and not pending" is two facts, "no condo or townhouse" one.
            is_anew = placed.is_negated and phrase_at(phrase, 0, NEGATORS) is not None
            if before and not is_anew and _are_alternatives(before, placed, between):
                self.facts[-1] = _merged(before, placed, self.sentence)
            else:
                self.facts.append(placed)
        if found.wish:
            self.wishes.append(replace(found.wish, words=words))
        return found


def _is_negated(found: Found) -> bool:
    return any(fact.is_negated for fact in found.facts) or bool(found.wish and found.wish.is_negated)


def _are_alternatives(first: Fact, second: Fact, between: list[Token] | None) -> bool:
    if between is None:
        return False
    is_one = first.field == second.field and first.is_negated == second.is_negated
    # "1 bedroom or studio"
    is_either = first.field == "bedrooms" and [token.text for token in between] == ["or"]
    return (
        is_one
        and (first.field in ALTERNATIVES or is_either)
        and all(token.text in BETWEEN_ALTERNATIVES for token in between)
        and first.span[1] <= second.span[0]
    )


def _merged(first: Fact, second: Fact, sentence: str) -> Fact:
    span = (first.span[0], second.span[1])
    ends = [each for each in (first.low, first.high, second.low, second.high) if each is not None]
    return replace(
        first,
        low=min(ends, default=None),
        high=max(ends, default=None),
        values=tuple(dict.fromkeys(first.values + second.values)),
        circles=tuple(dict.fromkeys(first.circles + second.circles)),
        zips=tuple(dict.fromkeys(first.zips + second.zips)),
        words=sentence[slice(*span)],
        span=span,
    )


def _without_joining(tokens: list[Token]) -> list[Token]:
    """Without the joining words and signs that hang at a cut or at an end; one cut in the place of many."""
    if not any(token.kind == "cut" for token in tokens):
        return tokens
    return _trimmed(_trimmed(tokens)[::-1])[::-1]


def _trimmed(tokens: list[Token]) -> list[Token]:
    left: list[Token] = []
    for token in tokens:
        is_hanging = (not left or left[-1].kind == "cut") and _is_joining(token)
        is_second_cut = token.kind == "cut" and bool(left) and left[-1].kind == "cut"
        if not is_hanging and not is_second_cut:
            left.append(token)
    return left


def _is_joining(token: Token) -> bool:
    return token.kind == "sign" or (token.kind == "word" and token.text in JOINING)


def _text(sentence: str, tokens: list[Token]) -> str:
    """The words that are left, as they were written, with a comma where something was cut out."""
    runs: list[list[Token]] = [[]]
    for token in tokens:
        is_gap = bool(runs[-1]) and not _is_adjacent(sentence, runs[-1][-1], token)
        if token.kind == "cut" or is_gap:
            runs.append([])
        if token.kind != "cut":
            runs[-1].append(token)
    return ", ".join(sentence[run[0].start : run[-1].end] for run in runs if run)


def _is_adjacent(sentence: str, first: Token, second: Token) -> bool:
    return second.kind == "cut" or not any(c.isalnum() for c in sentence[first.end : second.start])
