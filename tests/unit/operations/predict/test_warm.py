"""Models kept warm: read once, changed without a gap, given to nobody who does not see the county."""

import contextlib
import threading
from types import SimpleNamespace

import pytest

from realestate_assets.operations.predict.county_model import Promoted
from realestate_assets.operations.predict.warm import NoModelError, WarmModels
from resources.errors import PermanentError

SECONDS = 10


def promoted(version="1", month="2015-04", county="king-wa"):
    return Promoted(county, month, "m1", month, None, False, version)


class Source:
    """Says which model is promoted, and reads it as slowly as the test wants."""

    def __init__(self):
        self.current, self.reads, self.go_on, self.fails = promoted(), [], threading.Event(), False
        self.go_on.set()
        self.models = WarmModels(None, kept=2, find=self.find, read=self.read)

    def find(self, session, county, month):
        return self.current if session == "sees" else None

    def read(self, session, lake, wanted):
        assert self.go_on.wait(SECONDS)
        if self.fails:
            raise PermanentError("The file is gone.")
        self.reads.append((wanted.county, wanted.row_version))
        return SimpleNamespace(promoted=wanted)

    def get(self, reopen=None):
        return self.models.get("sees", "king-wa", None, reopen)


def reopened():
    return contextlib.nullcontext("sees")


def renewed(source):
    """Wait for the threads that read."""
    for thread in threading.enumerate():
        if thread.name.startswith("model "):
            thread.join(SECONDS)


def test_a_model_is_read_once():
    source = Source()
    assert source.get() is source.get()
    assert source.reads == [("king-wa", "1")]


def test_a_tenant_that_does_not_see_the_county_gets_no_warm_model():
    source = Source()
    source.get()
    with pytest.raises(NoModelError):
        source.models.get("does not see", "king-wa", None)


def test_requests_are_answered_by_the_old_model_until_the_new_one_is_read():
    source = Source()
    old = source.get(reopened)
    source.go_on.clear()
    source.current = promoted("2")
    assert [source.get(reopened) for _ in range(3)] == [old] * 3
    source.go_on.set()
    renewed(source)
    assert source.get(reopened).promoted.row_version == "2"
    # The three asked for it, one read it.
    assert source.reads == [("king-wa", "1"), ("king-wa", "2")]


def test_a_new_model_that_cannot_be_read_leaves_the_old_one():
    source = Source()
    old = source.get(reopened)
    source.fails, source.current = True, promoted("2")
    assert source.get(reopened) is old
    renewed(source)
    source.fails = False
    assert source.get(reopened) is old
    renewed(source)
    assert source.get(reopened).promoted.row_version == "2"


def test_many_first_requests_read_it_once():
    source = Source()
    source.go_on.clear()
    found = []
    threads = [threading.Thread(target=lambda: found.append(source.get())) for _ in range(5)]
    for thread in threads:
        thread.start()
    source.go_on.set()
    for thread in threads:
        thread.join(SECONDS)
    assert len(found) == 5
    assert len({id(model) for model in found}) == 1
    assert source.reads == [("king-wa", "1")]


def test_the_one_not_asked_for_longest_is_let_go():
    source = Source()
    for county in ("king-wa", "cook-il", "travis-tx", "king-wa"):
        source.current = promoted(county=county)
        source.get()
    assert [county for county, _ in source.reads] == ["king-wa", "cook-il", "travis-tx", "king-wa"]
