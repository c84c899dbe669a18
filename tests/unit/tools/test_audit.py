"""An audit fails for a fault that is known, and says what it could not learn."""

from tools.audit import verdict

SOUND = {"name": "idna", "version": "3.20", "vulns": []}
FAULTY = {"name": "lxml", "version": "6.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["6.1"]}]}
SKIPPED = {"name": "usaddress", "skip_reason": "not found"}


def test_no_known_fault_is_said_of_all_packages():
    assert verdict([SOUND]) == (0, "No known fault in 1 packages.")


def test_a_known_fault_fails_with_the_version_that_mends_it():
    code, said = verdict([SOUND, FAULTY])
    assert code == 1
    assert "lxml 6.0: PYSEC-1, mended in ['6.1']" in said


def test_what_nobody_could_tell_of_is_no_fault_and_no_all_clear():
    code, said = verdict([SOUND, SKIPPED])
    assert code == 0
    assert "NOT CHECKED: of 1 of 2" in said
    assert "No known fault" not in said
