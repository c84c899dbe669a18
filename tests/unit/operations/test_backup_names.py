"""A backup's name is its moment, and the newest backup has the last name, whatever became of the clock."""

from datetime import UTC, datetime, timedelta

from realestate_assets.operations.backup.make import NAME, _name

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_backup_is_named_by_the_moment_it_began():
    earlier = (NOW - timedelta(days=1)).strftime(NAME)
    assert _name(NOW, [], print) == _name(NOW, [earlier], print) == "2026-11-22T12-00-00-000000Z"


def test_after_the_clock_was_set_back_a_backup_is_still_the_newest_and_says_why():
    said: list[str] = []
    later = (NOW + timedelta(hours=3)).strftime(NAME)
    assert _name(NOW, [later], said.append) == "2026-11-22T15-00-00-000001Z"
    assert said == [
        f"The clock stands before the newest backup, {later}: this one is named as a moment after it."
    ]


def test_a_name_that_is_none_of_ours_changes_nothing():
    assert _name(NOW, ["somebody's"], print) == NOW.strftime(NAME)
