"""What is done about landed files, by what is listed and what is known."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from realestate_assets.landing.paths import is_landed
from realestate_assets.landing.states import (
    ADMITTED,
    DUPLICATE,
    INSPECTING,
    QUARANTINED,
    REFUSED,
    WAITING,
    LandedFile,
    admitted,
    difference,
    left_out,
    mark_duplicates,
    ready_for_a_run,
    rejected,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SETTLE, HOLD = timedelta(seconds=15), timedelta(seconds=120)
PATH = "king-wa/listings/a.csv"


@dataclass(frozen=True)
class Listed:
    path: str = PATH
    version: str = "v1"
    size_bytes: int = 10
    modified_at: datetime = NOW - timedelta(hours=1)


def known(**changes) -> LandedFile:
    return replace(LandedFile(PATH, "v1", 10, WAITING, NOW - timedelta(seconds=20)), **changes)


def seen(*files: LandedFile) -> dict[str, LandedFile]:
    return {file.path: file for file in files}


def test_a_new_file_waits_and_is_not_read_at_its_first_look():
    found = difference([Listed()], {}, NOW, SETTLE)
    assert [f.state for f in found.changed] == [WAITING]
    assert found.settled == []


def test_a_file_that_stayed_the_same_long_enough_is_read():
    found = difference([Listed()], seen(known()), NOW, SETTLE)
    assert [f.path for f in found.settled] == [PATH]
    assert found.changed == []


def test_a_file_seen_a_moment_ago_waits_on():
    found = difference([Listed()], seen(known(seen_at=NOW - timedelta(seconds=5))), NOW, SETTLE)
    assert (found.changed, found.settled) == ([], [])


def test_a_file_that_grew_begins_to_wait_anew():
    found = difference([Listed(version="v2", size_bytes=20)], seen(known()), NOW, SETTLE)
    assert [(f.version, f.size_bytes, f.seen_at) for f in found.changed] == [("v2", 20, NOW)]


def test_where_files_appear_whole_they_are_read_at_once():
    assert len(difference([Listed()], {}, NOW, timedelta(0)).settled) == 1


@pytest.mark.parametrize("state", [ADMITTED, DUPLICATE, REFUSED])
def test_a_file_that_was_decided_about_is_left_alone(state):
    found = difference([Listed()], seen(known(state=state)), NOW, SETTLE)
    assert (found.changed, found.settled) == ([], [])


def test_a_quarantined_file_that_lies_there_again_was_put_back():
    found = difference([Listed()], seen(known(state=QUARANTINED)), NOW, SETTLE)
    assert [f.state for f in found.changed] == [WAITING]


def test_an_inspection_that_says_nothing_for_an_hour_is_begun_again():
    begun = known(state=INSPECTING, seen_at=NOW - timedelta(minutes=59))
    assert difference([Listed()], seen(begun), NOW, SETTLE).settled == []
    assert len(difference([Listed()], seen(begun), NOW + timedelta(minutes=2), SETTLE).settled) == 1


def test_a_changed_file_touches_the_months_it_had_and_those_it_has():
    before = known(state=ADMITTED, months=("2015-03",))
    waiting = difference([Listed(version="v2")], seen(before), NOW, SETTLE).changed[0]
    file = admitted(waiting, {"2015-05", "2015-04"}, 7, "abc", NOW)
    assert file.months == ("2015-04", "2015-05")
    assert file.affected_months == ("2015-03", "2015-04", "2015-05")


def test_of_the_same_bytes_only_the_first_is_admitted():
    files = [admitted(known(path=f"king-wa/listings/{n}.csv"), {"2015-03"}, 1, "abc", NOW) for n in "bcd"]
    originals = {("king-wa", "listings", "abc"): "king-wa/listings/a.csv"}
    assert [f.state for f in mark_duplicates(files, {}, {})] == [ADMITTED, DUPLICATE, DUPLICATE]
    marked = mark_duplicates(files, originals, {})
    assert {f.state for f in marked} == {DUPLICATE}
    assert marked[0].reason == "the same bytes as king-wa/listings/a.csv"
    assert marked[0].affected_months == ()


def test_a_file_that_became_a_duplicate_has_its_earlier_months_made_again():
    file = admitted(known(months=("2015-01",)), {"2015-03"}, 1, "abc", NOW)
    originals = {("king-wa", "listings", "abc"): "king-wa/listings/0.csv"}
    assert mark_duplicates([file], originals, {PATH: ("2015-01",)})[0].affected_months == ("2015-01",)


def test_the_same_bytes_in_another_county_or_source_are_no_duplicate():
    paths = ("king-wa/listings/a.csv", "king-wa/sales/a.csv", "cook-il/listings/a.csv")
    files = [admitted(known(path=path), {"2015-03"}, 1, "abc", NOW) for path in paths]
    assert {f.state for f in mark_duplicates(files, {}, {})} == {ADMITTED}


def test_read_files_of_a_county_wait_for_the_unread_ones_but_not_for_ever():
    read = admitted(known(), {"2015-03"}, 1, "abc", NOW)
    unread = known(path="king-wa/listings/b.csv")
    elsewhere = admitted(known(path="cook-il/listings/a.csv"), {"2015-03"}, 1, "abc", NOW)
    files = [read, unread, elsewhere]
    assert ready_for_a_run(files, NOW, HOLD) == [elsewhere]
    assert ready_for_a_run(files, NOW + HOLD, HOLD) == [read, elsewhere]
    assert ready_for_a_run([read, elsewhere], NOW, HOLD) == [read, elsewhere]


def test_an_automatic_run_leaves_out_what_is_unfit_or_may_still_be_written():
    listed = [
        Listed("king-wa/listings/good.csv"),
        Listed("king-wa/listings/waiting.csv"),
        Listed("king-wa/listings/refused.csv"),
        Listed("king-wa/listings/double.csv"),
        Listed("king-wa/listings/new.csv", modified_at=NOW),
        Listed("king-wa/listings/old.csv"),
        Listed("king-wa/listings/rewritten.csv", version="v2", modified_at=NOW),
    ]
    rows = seen(
        known(path=listed[0].path, state=ADMITTED, sha256="a"),
        known(path=listed[1].path),
        rejected(known(path=listed[2].path), REFUSED, "no date", NOW),
        known(path=listed[3].path, state=DUPLICATE, sha256="a", reason="the same bytes"),
        known(path=listed[6].path, state=ADMITTED, sha256="b"),
    )
    found = left_out(listed, rows, NOW, SETTLE)
    assert {path.rpartition("/")[2]: reason for path, reason in found.items()} == {
        "waiting.csv": "waiting",
        "refused.csv": "no date",
        "double.csv": "the same bytes",
        "new.csv": "it may still be written",
        "rewritten.csv": "it may still be written",
    }


def test_a_duplicate_is_read_where_its_original_is_gone():
    double = known(state=DUPLICATE, sha256="a", reason="the same bytes")
    assert left_out([Listed()], seen(double), NOW, SETTLE) == {}


@pytest.mark.parametrize(
    ("path", "landed"),
    [
        ("king-wa/listings/a.csv", True),
        ("king-wa/listings/2024/a.csv", True),
        ("king-wa/listings/_SUCCESS", False),
        ("king-wa/parcels/2024-01.jsonl", False),
        ("king-wa/a.csv", False),
        ("_quarantine/king-wa/listings/a.csv", False),
    ],
)
def test_only_files_put_under_a_file_source_are_looked_at(path, landed):
    assert is_landed(path, {"king-wa": ("listings",)}) is landed


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_clock_that_is_set_hours_ahead_or_back_holds_up_no_file_that_stayed_the_same(hours):
    then = NOW + timedelta(hours=hours)
    assert [f.path for f in difference([Listed()], seen(known()), then, SETTLE).settled] == [PATH]
    read = admitted(known(path="king-wa/listings/b.csv"), ["2015-03"], 1, "x", NOW)
    assert ready_for_a_run([known(), read], then, HOLD) == [read]
