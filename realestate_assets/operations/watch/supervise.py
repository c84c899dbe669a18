"""Keeps processes running and looks at the platform, until it is told to stop."""

import threading
from collections.abc import Callable, Mapping, Sequence

from realestate_assets.operations.watch.children import Child
from realestate_assets.operations.watch.looks import look
from realestate_assets.operations.watch.rounds import Rounds
from resources.scrub import scrub

CHILD_SECONDS = 0.5
# What has just been started is not down: on a busy machine the UI takes a minute to come up.
COME_UP_SECONDS = 120.0


def supervise(
    children: Sequence[Child],
    looks: Mapping[str, Callable[[], str]],
    rounds: Rounds,
    every_seconds: float,
    stop: threading.Event,
    say: Callable[[str], None],
) -> None:
    """Start the children, keep them running, look each so many seconds; end the children at the end.

    Args:
        children: what is kept running; none to look alone.
        looks: what is looked at.
        rounds: where what was seen goes.
        every_seconds: between two rounds of looks.
        stop: set from a signal handler.
        say: told what happens, as lines.
    """
    first = max(every_seconds, COME_UP_SECONDS) if children else 0.0
    watcher = threading.Thread(target=_look_on, args=(looks, rounds, first, every_seconds, stop), daemon=True)
    try:
        for child in children:
            child.start()
        watcher.start()
        while not stop.wait(CHILD_SECONDS):
            for child in children:
                if happened := child.look():
                    say(happened)
    finally:
        stop.set()
        for child in children:
            child.ask_to_end()
        for child in children:
            child.stop()
        watcher.join(timeout=5)


def _look_on(
    looks: Mapping[str, Callable[[], str]],
    rounds: Rounds,
    first_seconds: float,
    every_seconds: float,
    stop: threading.Event,
) -> None:
    wait = first_seconds
    while not stop.wait(wait):
        try:
            rounds.take(look(looks))
        except Exception as error:
            # Such as a disk too full for the state file: a watcher that ends tells nothing at all.
            rounds.say(scrub(f"This round of looks was lost: {type(error).__name__}: {error}"))
        wait = every_seconds
