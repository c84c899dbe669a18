"""Years and days that a sentence names: when a home was built, sold or listed."""

from calendar import monthrange
from datetime import date, timedelta

from realestate_assets.domain.search.amounts import amount_at, bound_at, strict
from realestate_assets.domain.search.tokens import Token, phrase_at, table
from realestate_assets.domain.search.vocabulary import HEADS, MONTHS

FIRST_YEAR, LAST_YEAR, CENTURY = 1700, 2100, 1900
# "the 30s" and later are of the last century, "the 10s" and "the 20s" of this one.
FIRST_DECADE_OF_CENTURY = 30
# "recently", "in the last months".
RECENT_MONTHS = 3
BEFORE_DECADE = frozenset({"in", "from", "the", "of", "early", "mid", "late", "during"})
BETWEEN_DECADES = frozenset({"or", "and", "to", "-", "–", "/"})
PAST = table({
    "in the last | in the past | in last | in past | within the last | over the last | over the past | "
    "during the last | the last | the past": True
})  # fmt: skip
OFFERED = table({
    "listed | new on the market | on the market | on market | on the market for | listed for": True
})  # fmt: skip
NOT_OLDER = table({"no older than | not older than | not more than | no more than": True})
UNDER_AGE = table({"less than | under | newer than | younger than | at most | up to | max": True})
OVER_AGE = table({"more than | over | older than | at least": True})
Span = tuple[float | None, float | None, int]


def months_before(day: date, months: int) -> date:
    """The same day some months earlier, or the last of that month; never before the year 1."""
    index = max(day.year * 12 + day.month - 1 - months, 12)
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def decades_at(tokens: list[Token], at: int) -> Span | None:
    """The years of "built in the 60s", "1920s", "from the 50s or 60s"."""
    head = phrase_at(tokens, at, HEADS)
    start = head[1] if head and head[0] == "year_built" else at
    while start < len(tokens) and start < at + 6 and tokens[start].text in BEFORE_DECADE:
        start += 1
    first = _decade(tokens, start, is_led=start > at)
    if first is None:
        return None
    low, end = first
    last = low
    while end + 1 < len(tokens) and tokens[end].text in BETWEEN_DECADES:
        after = end + 1 + (tokens[end + 1].text == "the")
        following = _decade(tokens, after, is_led=True)
        if following is None:
            break
        low, last, end = min(low, following[0]), max(last, following[0]), following[1]
    return low, last + 9, end


def _decade(tokens: list[Token], at: int, *, is_led: bool) -> tuple[float, int] | None:
    value = tokens[at].value if at < len(tokens) else None
    end = at + 1
    if end < len(tokens) and tokens[end].text == "'":
        end += 1
    if value is None or value % 10 or end >= len(tokens) or tokens[end].text != "s":
        return None
    if FIRST_YEAR <= value < LAST_YEAR:
        return value, end + 1
    if is_led and value < 100 and tokens[at].text.isdigit():
        return value + (CENTURY if value >= FIRST_DECADE_OF_CENTURY else CENTURY + 100), end + 1
    return None


def year_at(tokens: list[Token], at: int) -> Span | None:
    """The years of "after 2010", "1985-1995", "2000 or later", "in 1995"."""
    start = at + (at < len(tokens) and tokens[at].text == "in")
    bound = bound_at(tokens, start)
    if bound is None or bound.unit or bound.is_money:
        return None
    bound = strict(bound)
    given = [each for each in (bound.low, bound.high) if each is not None]
    is_year = all(FIRST_YEAR <= each <= LAST_YEAR and each == int(each) for each in given)
    return (bound.low, bound.high, bound.end) if is_year else None


def age_at(tokens: list[Token], at: int, today: date) -> Span | None:
    """The years of "less than 10 years old", "no older than 20 years", "newer than 2005"."""
    for phrases, is_young in ((NOT_OLDER, True), (UNDER_AGE, True), (OVER_AGE, False)):
        if found := phrase_at(tokens, at, phrases):
            amount = amount_at(tokens, found[1])
            if amount is None or amount.unit != "years" or amount.value > today.year - 1:
                continue
            is_age = tokens[found[1] - 2].text in ("older",) or tokens[at].text in (
                "older",
                "newer",
                "younger",
            )
            end = amount.end
            if end < len(tokens) and tokens[end].text == "old":
                end += 1
            elif not is_age:
                continue
            since = float(today.year - int(amount.value))
            return (since, None, end) if is_young else (None, since, end)
    if at < len(tokens) and tokens[at].text in ("newer", "older", "no", "not"):
        is_negated = tokens[at].text in ("no", "not")
        word = at + is_negated
        if (
            word + 2 < len(tokens)
            and tokens[word].text in ("newer", "older")
            and tokens[word + 1].text == "than"
        ):
            said = tokens[word + 2].value
            if said is not None and FIRST_YEAR <= said <= LAST_YEAR:
                if (tokens[word].text == "newer") != is_negated:
                    return (said if is_negated else said + 1), None, word + 3
                return None, (said if is_negated else said - 1), word + 3
    return None


def sale_days_at(tokens: list[Token], at: int, today: date) -> Span:
    """The days of what follows "sold": ordinals of dates; no bounds where nothing does."""
    if past := _past_at(tokens, at, today):
        return past
    following = " ".join(token.text for token in tokens[at : at + 2])
    if following in ("last year", "this year"):
        year = today.year - (following == "last year")
        return date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal(), at + 2
    if following == "last month":
        first = months_before(today.replace(day=1), 1)
        return first.toordinal(), today.replace(day=1).toordinal() - 1, at + 2
    if following.startswith("recently"):
        return months_before(today, RECENT_MONTHS).toordinal(), None, at + 1
    if at + 1 < len(tokens) and tokens[at].text in ("since", "after", "in"):
        month = MONTHS.get(tokens[at + 1].text)
        value = tokens[at + 2].value if month and at + 2 < len(tokens) else None
        if month and value is not None and FIRST_YEAR <= value <= LAST_YEAR:
            first, last = (
                date(int(value), month, 1),
                date(int(value), month, monthrange(int(value), month)[1]),
            )
            return first.toordinal(), last.toordinal() if tokens[at].text == "in" else None, at + 3
    if years := year_at(tokens, at):
        low, high, end = years
        return (
            None if low is None else date(int(low), 1, 1).toordinal(),
            None if high is None else date(int(high), 12, 31).toordinal(),
            end,
        )
    return None, None, at


def _past_at(tokens: list[Token], at: int, today: date) -> Span | None:
    found = phrase_at(tokens, at, PAST)
    if not found:
        return None
    amount = amount_at(tokens, found[1])
    if amount is None:
        if found[1] < len(tokens) and tokens[found[1]].text in ("month", "months", "year", "week", "weeks"):
            unit = tokens[found[1]].text
            months = {"months": RECENT_MONTHS, "month": 1, "year": 12}.get(unit)
            first = (
                months_before(today, months)
                if months
                else today - timedelta(days=30 if unit == "weeks" else 7)
            )
            return first.toordinal(), None, found[1] + 1
        return None
    count = int(min(amount.value, 1200))
    if amount.unit == "days":
        return (today - timedelta(days=count)).toordinal(), None, amount.end
    if amount.unit in ("months", "years"):
        first = months_before(today, count * (12 if amount.unit == "years" else 1))
        return first.toordinal(), None, amount.end
    return None


def days_offered_at(tokens: list[Token], at: int) -> Span | None:
    """Days on the market: "listed in the last 14 days", "on the market for more than 90 days"."""
    found = phrase_at(tokens, at, OFFERED)
    if not found:
        return None
    past = phrase_at(tokens, found[1], PAST)
    bound = bound_at(tokens, past[1] if past else found[1])
    if bound is None or bound.unit != "days":
        return None
    if past:
        return None, bound.high if bound.high is not None else bound.low, bound.end
    end = bound.end + (bound.end < len(tokens) and tokens[bound.end].text == "ago")
    return bound.low, bound.high, end
