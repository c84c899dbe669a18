"""Notes of runs that stand: kept for the newest requests, and nothing where the file is none."""

import stat

import pytest

from realestate_assets.operations.standing import FILE, KEPT, StandingRuns

REPORT = {"success": True, "memos": 3}


def test_a_note_comes_back_as_it_was_kept(tmp_path):
    StandingRuns(tmp_path).keep("clark-nv", "a", "b", REPORT)
    note = StandingRuns(tmp_path).note("clark-nv")
    assert note is not None
    assert (note.inputs, note.results, note.report) == ("a", "b", REPORT)
    assert StandingRuns(tmp_path).note("cook-il") is None


def test_the_newest_requests_are_remembered(tmp_path):
    runs = StandingRuns(tmp_path)
    for number in range(KEPT):
        runs.keep(f"r{number}", "a", "b", REPORT)
    # Said again, and so newer than the second.
    runs.keep("r0", "c", "d", REPORT)
    runs.keep("another", "a", "b", REPORT)
    assert runs.note("r1") is None
    assert {runs.note(name) is None for name in ("r0", "r2", "another")} == {False}


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"clark-nv": 1}', b'{"clark-nv": {"inputs": "a"}}', b"\xff"]
)
def test_a_file_that_is_none_is_as_no_note_and_is_written_anew(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)
    runs = StandingRuns(tmp_path)
    assert runs.note("clark-nv") is None
    runs.keep("clark-nv", "a", "b", REPORT)
    assert runs.note("clark-nv") is not None


def test_notes_are_for_their_owner_alone(tmp_path):
    StandingRuns(tmp_path / "data").keep("clark-nv", "a", "b", REPORT)
    assert stat.S_IMODE((tmp_path / "data" / FILE).stat().st_mode) == 0o600
