"""What is left to be told to a channel of an alert, and how it is said. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from resources.alerts.alert import INFO, SEVERITIES, Heard, Kept
from resources.scrub import scrub

BEGUN, REMINDER, OVER = "begun", "reminder", "over"
KINDS = (BEGUN, REMINDER, OVER)
MAX_TITLE, MAX_BODY, MOST_OF_A_BODY = 180, 3_000, 2_000
_STARTS = {BEGUN: "", REMINDER: "still: ", OVER: "over: "}
PERHAPS_AGAIN = "(Perhaps told before: whoever told it was stopped meanwhile.)"


@dataclass(frozen=True)
class Reminders:
    """After how long what lasts is told again, and how often at most by severity."""

    after: timedelta
    most: dict[str, int]


def left_to_tell(kept: Kept, channel: str, now: datetime, reminders: Reminders) -> str | None:
    """Which message a channel lacks: one of KINDS; None where it knows what there is to know.

    It follows from the state and from what the channel heard last, so that whatever was not told, because a
    channel or this process was down, is told the next time, and only as far as it is still true.
    """
    heard = kept.told.get(channel)
    if kept.closed_at is not None:
        if heard is not None and heard.is_open:
            return OVER
        # It began and ended while the channel did not hear: one message says both. What passed when it was
        # tried again was never to be told.
        knows = heard is not None and heard.began == kept.first_at
        return None if knows or kept.alert.hold_until is not None else OVER
    if kept.alert.hold_until is not None and now < kept.alert.hold_until:
        return None
    if heard is None or not heard.is_open:
        return BEGUN
    is_due = now - heard.at >= reminders.after
    return REMINDER if is_due and heard.reminders < reminders.most.get(kept.alert.severity, 1) else None


def heard_after(kept: Kept, channel: str, kind: str, now: datetime) -> Heard:
    """What the channel knows once it has got this message."""
    before = kept.told.get(channel)
    if kind == REMINDER and before is not None:
        return replace(before, at=now, reminders=before.reminders + 1)
    return Heard(kind == BEGUN, now, kept.first_at)


def as_text(kept: Kept, kind: str, channel: str) -> tuple[str, str]:
    """Title and body of one alert's message, without secrets."""
    alert = kept.alert
    # Where to look stands at the end, and must not be what is cut off.
    lines = [alert.body if len(alert.body) <= MOST_OF_A_BODY else f"{alert.body[:MOST_OF_A_BODY]}…"]
    if kind == OVER and kept.closed_at is not None:
        lasted = f"It lasted from {_moment(kept.first_at)} to {_moment(kept.closed_at)}."
        lines = [f"{kept.ended_by} {lasted}".strip()]
    elif kind == REMINDER:
        lines.append(f"It has lasted since {_moment(kept.first_at)}.")
    if kept.being_told == channel:
        lines.append(PERHAPS_AGAIN)
    lines.append(alert.link)
    return scrub(_STARTS[kind] + alert.title)[:MAX_TITLE], scrub("\n".join(filter(None, lines)))


def in_messages(texts: Sequence[tuple[str, str]]) -> list[tuple[str, str, range]]:
    """Several alerts as few messages, none longer than what channels take.

    Args:
        texts: title and body of each.

    Returns:
        Title, body, and the places of the alerts that each message holds.
    """
    found: list[tuple[str, str, range]] = []
    start = 0
    while start < len(texts):
        end, size = start, 0
        while end < len(texts) and (end == start or size + sum(map(len, texts[end])) + 3 <= MAX_BODY):
            size += sum(map(len, texts[end])) + 3
            end += 1
        found.append((*_joined(texts[start:end]), range(start, end)))
        start = end
    return found


def worst(severities: Sequence[str]) -> str:
    """The worst of them."""
    return min(severities, key=SEVERITIES.index, default=INFO)


def _joined(texts: Sequence[tuple[str, str]]) -> tuple[str, str]:
    title, body = texts[0]
    if len(texts) > 1:
        title = f"{title} and {len(texts) - 1} more"
        body = "\n\n".join("\n".join(filter(None, pair)) for pair in texts)
    # Channels take no message without a body.
    return f"Real Estate OS: {title}"[:MAX_TITLE], (body or title)[:MAX_BODY]


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
