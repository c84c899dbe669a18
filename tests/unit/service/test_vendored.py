"""Libraries of the pages lie in the repository as their makers published them."""

import hashlib
import json

import pytest

from realestate_assets.service.application import STATIC

VENDOR = STATIC / "vendor"
VENDORED = json.loads((VENDOR / "vendored.json").read_text())


@pytest.mark.parametrize("name", VENDORED)
def test_a_library_is_what_was_published_and_carries_its_licence(name):
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (VENDOR / name).iterdir()}
    assert found == VENDORED[name]["sha256"]
    assert any(file.startswith("LICENSE") for file in found)


def test_no_library_lies_there_unsaid():
    assert {path.name for path in VENDOR.iterdir() if path.is_dir()} == set(VENDORED)
