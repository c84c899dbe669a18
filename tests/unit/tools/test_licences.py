"""Terms are read as the package states them, and what binds needs somebody who looked at it."""

import pytest

from tools.licences import LOOKED_AT, faults, is_free


@pytest.mark.parametrize("expression", [
    "MIT", "MIT OR GPL-3.0-only", "MPL-2.0 AND (Apache-2.0 OR MIT)", "(GPL-2.0-only OR BSD-3-Clause) AND MIT",
    "BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0", "ISC License (ISCL)",
])  # fmt: skip
def test_free_terms_pass(expression):
    assert is_free(expression)


@pytest.mark.parametrize("expression", [
    "", "AGPL-3.0-only", "MIT AND GPL-3.0-only", "GPL-3.0-only OR AGPL-3.0-only", "Proprietary",
    "(MIT OR Apache-2.0) AND SSPL-1.0",
])  # fmt: skip
def test_what_binds_or_is_not_known_does_not(expression):
    assert not is_free(expression)


def test_what_binds_is_named_unless_it_was_looked_at_with_these_very_terms():
    looked_at = {"tool": ("GPL-3.0-only", "a program")}
    assert faults({"tool": "GPL-3.0-only", "other": "MIT"}, looked_at) == []
    assert "tool: AGPL-3.0-only" in faults({"tool": "AGPL-3.0-only"}, looked_at)[0]
    assert "other: says nothing" in faults({"other": ""}, looked_at)[0]


def test_an_entry_that_nothing_needs_any_more_is_named():
    assert "is not needed" in faults({"tool": "MIT"}, {"tool": ("GPL-3.0-only", "a program")})[0]


def test_no_exception_is_for_network_copyleft():
    assert not [name for name, (terms, _) in LOOKED_AT.items() if "AGPL" in terms or "Affero" in terms]
