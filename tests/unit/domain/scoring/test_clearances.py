"""reviews.yaml: written by the command, read by the scores, kept by people."""

import datetime

import pytest

from realestate_assets.domain.counties.county import broken_counties, load_counties
from realestate_assets.domain.scoring.clearances import (
    FEW_CLOSE_COMPARABLES,
    Clearance,
    Clearances,
    add_clearance,
    read_clearances,
)
from resources.errors import PermanentError

ENTRY = "clearances: [{property_id: p1, reason: FEW_CLOSE_COMPARABLES, by: a, when: 2015-04-01, why: b}]"
DAY = datetime.date(2015, 4, 1)


def clearance(**changes: object) -> Clearance:
    entry = {"property_id": "p1", "reason": FEW_CLOSE_COMPARABLES, "by": "R. Lee", "when": DAY, "why": "Seen"}
    return Clearance.model_validate(entry | changes)


def test_no_file_clears_nothing(tmp_path):
    assert read_clearances(tmp_path / "reviews.yaml") == Clearances()


def test_entries_are_added_in_order_and_read_back_as_they_were(tmp_path):
    path = tmp_path / "new" / "reviews.yaml"
    first, second = clearance(why="Stra\u00dfe: 'seen', # not built"), clearance(property_id="p2")
    add_clearance(path, first)
    before = path.read_text(encoding="utf-8")
    add_clearance(path, second)
    assert read_clearances(path).clearances == (first, second)
    # An entry more is all that a diff shows.
    assert path.read_text(encoding="utf-8").startswith(before)
    assert [each.name for each in path.parent.iterdir()] == ["reviews.yaml"]


def test_of_two_entries_for_one_reason_the_later_one_is_told(tmp_path):
    both = Clearances(clearances=(clearance(why="first"), clearance(why="second")))
    assert both.by_reason()["p1", FEW_CLOSE_COMPARABLES].why == "second"


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (ENTRY.replace("FEW_CLOSE_COMPARABLES", "NONE_SUCH"), "clearances.0.reason"),
        (ENTRY.replace("by: a", "by: ' '"), "clearances.0.by"),
        (ENTRY.replace(", why: b", ""), "clearances.0.why"),
        ("cleared: []", "cleared"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_valid_is_named_with_its_place_and_left_as_it_is(tmp_path, text, field):
    path = tmp_path / "reviews.yaml"
    path.write_text(text)
    with pytest.raises(PermanentError, match=r"reviews\.yaml") as told:
        read_clearances(path)
    assert told.value.field == field
    with pytest.raises(PermanentError):
        add_clearance(path, clearance())
    assert path.read_text() == text


def test_beside_the_county_files_it_is_no_county(tmp_path):
    add_clearance(tmp_path / "reviews.yaml", clearance())
    assert "reviews" not in load_counties(tmp_path)
    assert "reviews" not in broken_counties(tmp_path)
