"""A week of faults in seconds: a real listener, the real Postgres, a clock that runs ahead, and random kills.

At the end nobody believes anything that is not so, nothing was told twice, and nothing was left out.
"""

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from resources.alerts.alert import CRITICAL, INFO, WARNING, Alert
from resources.alerts.ledger import AlertLedger
from resources.alerts.messages import PERHAPS_AGAIN
from resources.alerts.resource import AlertsResource
from resources.errors import TransientError

pytestmark = pytest.mark.integration

THINGS = {
    "run:nightly:king-wa": CRITICAL,
    "check:scores:range:king-wa": CRITICAL,
    "unfit:cook-il/sales/a.csv": WARNING,
    "stale:county:cook-il": WARNING,
    "heartbeat:lake": INFO,
}
STEP = timedelta(minutes=90)
STEPS = 7 * 24 * 60 // 90


class Killed(BaseException):
    """Stands for the end of the process: nothing of ours catches it."""


class World:
    """What is so, what people heard, and a clock."""

    def __init__(self, channel, warehouse, monkeypatch, seed: int) -> None:
        self.channel, self.random = channel, random.Random(seed)
        self.now = datetime(2026, 11, 1, tzinfo=UTC)
        self.broken: dict[str, bool] = dict.fromkeys(THINGS, False)
        self.episodes: dict[str, int] = defaultdict(int)
        self.accepted: list[tuple[datetime, str, str]] = []
        self.daemons = [AlertsResource(warehouse=warehouse, urls=channel.alerts.urls) for _ in range(2)]
        for name in ("begin", "end", "under_way", "told", "settle"):
            monkeypatch.setattr(AlertLedger, name, self._killable(getattr(AlertLedger, name)))
        self.kills = 0.0

    def _killable(self, method):
        def call(*arguments):
            if self.random.random() < self.kills:
                raise Killed
            done = method(*arguments)
            if self.random.random() < self.kills:
                raise Killed
            return done

        return call

    def step(self) -> None:
        """Things break and mend; one of two daemons looks at all of them, and may be killed on the way."""
        for key in THINGS:
            if self.random.random() < (0.25 if self.broken[key] else 0.12):
                self.broken[key] = not self.broken[key]
                self.episodes[key] += self.broken[key]
        self.channel.fails = self.random.random() < 0.2 * bool(self.kills)
        self.look()
        self.now += STEP

    def look(self) -> None:
        before = len(self.channel.server.requests)
        alerts = self.random.choice(self.daemons)
        try:
            alerts.begin([self._alert(key) for key in THINGS if self.broken[key]], self.now)
            alerts.end({key: "It is well." for key in THINGS if not self.broken[key]}, self.now)
            alerts.deliver(lambda: self.now)
        except (Killed, TransientError):
            pass
        if not self.channel.fails:
            self.accepted += [(self.now, m["title"], m["message"]) for m in self.channel.messages[before:]]

    def _alert(self, key: str) -> Alert:
        return Alert(key, f"<{key}>", f"body of <{key}>", severity=THINGS[key])

    def heard(self, key: str) -> list[tuple[datetime, str]]:
        """Kinds of the messages about a thing, without those that say that they may have been told before."""
        found = []
        for at, title, message in self.accepted:
            if f"<{key}>" not in f"{title}{message}":
                continue
            kind = "over" if ": over: " in title else "reminder" if ": still: " in title else "begun"
            again = PERHAPS_AGAIN in message
            if not (again and found and found[-1][1] == kind):
                found.append((at, kind))
        return found


@pytest.mark.parametrize("seed", range(3))
def test_after_a_week_of_faults_kills_and_deaf_listeners_everyone_knows_what_is_so_and_heard_it_once(
    channel, warehouse, monkeypatch, seed
):
    world = World(channel, warehouse, monkeypatch, seed)
    world.kills = 0.06
    for _ in range(STEPS):
        world.step()
    # Calm: whoever was killed was started again.
    world.kills, channel.fails = 0.0, False
    for _ in range(3):
        world.look()
    assert sum(world.episodes.values()) > 20
    lasting = {kept.alert.key for kept in world.daemons[0].lasting("")}
    assert lasting == {key for key, is_broken in world.broken.items() if is_broken}
    for key, severity in THINGS.items():
        told = world.heard(key)
        last, reminders, begun = "over", 0, world.now
        for at, kind in told:
            if kind == "reminder":
                reminders += 1
                assert last == "begun"
                assert reminders <= (0 if severity == INFO else 1)
                assert at - begun >= timedelta(hours=24)
            elif kind == "begun":
                assert last == "over", f"{key} was told twice: {told}"
                last, reminders, begun = "begun", 0, at
            else:
                last = "over"
        assert (last == "begun") == world.broken[key]
        assert 0 < len([kind for _, kind in told if kind == "begun"]) <= world.episodes[key]
    assert not warehouse.read("select 1 from ops.alerts where being_told is not null").num_rows


def test_a_calm_week_tells_each_beginning_and_each_end_exactly_once(channel, warehouse, monkeypatch):
    world = World(channel, warehouse, monkeypatch, seed=7)
    for _ in range(STEPS):
        world.step()
    for key in THINGS:
        kinds = [kind for _, kind in world.heard(key)]
        assert kinds.count("begun") == world.episodes[key]
        assert kinds.count("over") == world.episodes[key] - world.broken[key]
