"""How long to wait before a request is tried again: backoff with jitter, and what the API asks for."""

import random
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

SECONDS = re.compile(r"\d{1,9}(\.\d{1,9})?")


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for: a number, or an HTTP date; None where it says nothing."""
    text = (value or "").strip()
    if SECONDS.fullmatch(text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - now).total_seconds(), 0.0)


def pause_seconds(tries: int, asked: float | None, backoff: float, longest: float) -> float:
    """Pause after so many tries.

    Random up to a bound that doubles with each try, so that many requests do not come back together. What
    the API asked for is a lower bound and is waited in full.

    Args:
        tries: tries so far, 1 or more.
        asked: seconds from Retry-After, not above `longest`.
        backoff: bound of the first pause.
        longest: bound of all pauses.
    """
    bound = min(backoff * 2.0 ** min(tries - 1, 30), longest)
    spread = random.uniform(0, bound)  # noqa: S311 # nosec B311 - a delay, no secret
    if asked is None:
        return spread
    return asked + min(spread, backoff)
