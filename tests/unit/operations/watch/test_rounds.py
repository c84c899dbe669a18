"""The watcher tells what stays away once, what is back once, and nothing of a short pause."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realestate_assets.operations.watch.looks import look
from realestate_assets.operations.watch.rounds import Rounds
from resources.alerts.file_ledger import FileLedger
from resources.errors import TransientError
from resources.heartbeats import Beat

pytestmark = pytest.mark.unit


class Listener:
    """Stands for the channels: hears what the ledger says is left to be told."""

    is_on = True

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.answers = True

    def begin(self, alerts, now, ledger: FileLedger) -> None:
        ledger.begin(alerts, now)

    def end(self, ended, now, ledger: FileLedger) -> None:
        ledger.end(ended, now)

    def deliver(self, now, ledger: FileLedger) -> None:
        if not self.answers:
            raise TransientError("No message was taken by default#1")
        told = {kind for kind in self.heard if kind[0] == "begun"}
        for each in ledger.unsettled():
            if each.lasts and ("begun", f"{each.alert.key} {each.first_at}") not in told:
                self.heard.append(("begun", f"{each.alert.key} {each.first_at}"))
            elif not each.lasts:
                self.heard.append(("over", f"{each.alert.key} {each.first_at}"))
        ledger.settle([each for each in ledger.unsettled() if not each.lasts])


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2015, 3, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


def rounds_at(folder, listener) -> Rounds:
    return Rounds(FileLedger(folder / "alerts.json"), listener, lambda _: None, Clock())


def seen(ok: bool) -> list[Beat]:
    return [Beat("postgres", ok, None, "answers" if ok else "refused")]


def test_one_failed_look_tells_nobody_and_two_in_a_row_tell_once(tmp_path):
    listener = Listener()
    rounds = rounds_at(tmp_path, listener)
    rounds.take(seen(False))
    rounds.take(seen(True))
    assert listener.heard == []
    for _ in range(5):
        rounds.take(seen(False))
    rounds.take(seen(True))
    assert [kind for kind, _ in listener.heard] == ["begun", "over"]


def test_a_watcher_that_was_killed_goes_on_where_it_was(tmp_path):
    listener = Listener()
    first = rounds_at(tmp_path, listener)
    first.take(seen(False))
    first.take(seen(False))
    second = rounds_at(tmp_path, listener)
    second.take(seen(False))
    assert [kind for kind, _ in listener.heard] == ["begun"]
    second.take(seen(True))
    assert [kind for kind, _ in listener.heard] == ["begun", "over"]


def test_what_no_channel_takes_is_told_the_next_time(tmp_path):
    listener, said = Listener(), []
    rounds = Rounds(FileLedger(tmp_path / "alerts.json"), listener, said.append, Clock())
    listener.answers = False
    rounds.take(seen(False))
    rounds.take(seen(False))
    assert any("No message was taken" in line for line in said)
    listener.answers = True
    rounds.take(seen(False))
    assert [kind for kind, _ in listener.heard] == ["begun"]


@settings(max_examples=60, deadline=None)
@given(looks=st.lists(st.booleans(), max_size=60), kills=st.sets(st.integers(0, 59)))
def test_whatever_comes_each_alert_is_told_once_and_the_last_one_is_true(tmp_path_factory, looks, kills):
    folder, listener = tmp_path_factory.mktemp("rounds"), Listener()
    rounds = rounds_at(folder, listener)
    clock = rounds.now
    for place, ok in enumerate(looks):
        if place in kills:
            rounds = Rounds(FileLedger(folder / "alerts.json"), listener, lambda _: None, clock)
        rounds.take(seen(ok))
    assert len(set(listener.heard)) == len(listener.heard)
    kinds = [kind for kind, _ in listener.heard]
    assert kinds == ["begun", "over"] * (len(kinds) // 2) + ["begun"] * (len(kinds) % 2)
    if looks and looks[-1]:
        assert kinds[-1:] != ["begun"]


def test_what_lies_in_postgres_is_not_asked_where_that_is_away():
    def refused() -> str:
        raise TransientError("refused")

    asked = []
    found = look({"postgres": refused, "disk": lambda: "room", "daemon": lambda: asked.append(1) or "beat"})
    assert [(each.component, each.is_up) for each in found] == [("postgres", False), ("disk", True)]
    assert asked == []


def test_a_driver_that_raises_anything_is_a_look_that_failed_without_its_secrets():
    def broken() -> str:
        raise RuntimeError("postgresql://ann:hunter2@h/x is broken")

    (found,) = look({"postgres": broken})
    assert not found.is_up
    assert "hunter2" not in found.detail


def test_the_watcher_leaves_a_beat_after_each_round(tmp_path):
    rounds = rounds_at(tmp_path, Listener())
    rounds.beat = tmp_path / "watch" / "beat"
    rounds.take(seen(True))
    first = rounds.beat.stat().st_mtime_ns
    rounds.take(seen(False))
    assert rounds.beat.stat().st_mtime_ns >= first
