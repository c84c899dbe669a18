"""What is left to tell a channel follows from the state and what it heard: for any order of events."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from resources.alerts.alert import CRITICAL, INFO, WARNING, Alert, Heard, Kept
from resources.alerts.messages import (
    MAX_BODY,
    Reminders,
    as_text,
    heard_after,
    in_messages,
    left_to_tell,
)

BEGAN = datetime(2026, 11, 1, tzinfo=UTC)
REMINDERS = Reminders(timedelta(hours=24), {CRITICAL: 2, WARNING: 1, INFO: 0})
HOUR = timedelta(hours=1)


def kept(closed_after: timedelta | None = None, told: Heard | None = None, **alert) -> Kept:
    closed = None if closed_after is None else BEGAN + closed_after
    return Kept(
        Alert("run:x", "x failed", "why", **alert), BEGAN, closed, "Mended.", {"a": told} if told else {}
    )


def left(row: Kept, after: timedelta = HOUR) -> str | None:
    return left_to_tell(row, "a", BEGAN + after, REMINDERS)


OPEN, CLOSED = Heard(True, BEGAN, BEGAN), Heard(False, BEGAN, BEGAN)


def test_what_lasts_is_told_where_it_was_not_heard():
    assert left(kept()) == "begun"
    assert left(kept(told=CLOSED)) == "begun"
    assert left(kept(told=OPEN)) is None


def test_what_is_over_is_told_to_who_believes_that_it_lasts():
    assert left(kept(HOUR, OPEN)) == "over"
    assert left(kept(HOUR, CLOSED)) is None
    assert left(kept(HOUR)) == "over", "it began and ended unheard"
    assert left(kept(HOUR, Heard(False, BEGAN, BEGAN - HOUR))) == "over", "of an earlier time it heard"


def test_what_is_kept_back_is_told_when_its_time_is_over_and_not_where_it_passed():
    held = BEGAN + 2 * HOUR
    assert left(kept(hold_until=held)) is None
    assert left(kept(hold_until=held), 3 * HOUR) == "begun"
    assert left(kept(HOUR, hold_until=held), 3 * HOUR) is None


def test_reminders_are_as_many_as_the_severity_allows():
    for severity, most in REMINDERS.most.items():
        row, reminded = kept(told=OPEN, severity=severity), []
        for hour in range(24 * 10):
            now = BEGAN + hour * HOUR
            if kind := left_to_tell(row, "a", now, REMINDERS):
                reminded.append((hour, kind))
                row = kept(told=heard_after(row, "a", kind, now), severity=severity)
        assert reminded == [(24 * (place + 1), "reminder") for place in range(most)]


@given(st.lists(st.sampled_from(["begin", "end", "tell", "deaf"]), max_size=40))
def test_in_any_order_of_events_no_beginning_and_no_end_is_told_twice(events):
    now, began, closed, told, said = BEGAN, BEGAN, BEGAN, {}, []
    for event in [*events, "tell", "tell"]:
        now += HOUR
        if event == "begin" and closed is not None:
            began, closed = now, None
        elif event == "end" and closed is None:
            closed = now
        elif event == "tell":
            row = Kept(Alert("k", "t", "b", severity=INFO), began, closed, "", dict(told))
            if (began > BEGAN or closed is None) and (kind := left_to_tell(row, "a", now, REMINDERS)):
                told["a"] = heard_after(row, "a", kind, now)
                said.append(kind)
    assert ("begun", "begun") not in set(pairwise(said))
    assert (bool(said) and said[-1] == "begun") == (closed is None)


@given(st.lists(st.text(min_size=1, max_size=2500), min_size=1, max_size=30))
def test_many_alerts_are_few_messages_that_hold_each_of_them_and_are_not_cut(bodies):
    texts = [(f"title {place}", body) for place, body in enumerate(bodies)]
    messages = in_messages(texts)
    assert [place for _, _, places in messages for place in places] == list(range(len(texts)))
    for _, body, places in messages:
        assert len(body) <= MAX_BODY
        assert all(texts[place][1] in body for place in places)


def test_an_end_says_how_and_how_long_it_lasted():
    title, body = as_text(kept(2 * HOUR, OPEN), "over", "a")
    assert title == "over: x failed"
    assert body == "Mended. It lasted from 2026-11-01 00:00 UTC to 2026-11-01 02:00 UTC."


def test_of_a_long_reason_the_end_is_cut_and_the_link_stays():
    long = Kept(Alert("run:x", "x failed", "why " * 2_000, "http://ui/runs/1"), BEGAN, None, "", {})
    ((_, body, _),) = in_messages([as_text(long, "begun", "a")])
    assert body.endswith("…\nhttp://ui/runs/1")
    assert len(body) <= MAX_BODY
