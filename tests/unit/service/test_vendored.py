"""Libraries of the pages, and of their tests, lie in the repository as their makers published them."""

import hashlib
import json
from pathlib import Path

import pytest

from realestate_assets.service.application import STATIC

FOLDERS = (STATIC / "vendor", Path(__file__).parents[2] / "vendor")
VENDORED = {
    folder / name: told
    for folder in FOLDERS
    for name, told in json.loads((folder / "vendored.json").read_text()).items()
}


@pytest.mark.parametrize("library", VENDORED, ids=lambda path: path.name)
def test_a_library_is_what_was_published_and_carries_its_licence(library):
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in library.iterdir()}
    assert found == VENDORED[library]["sha256"]
    assert any(file.startswith("LICENSE") for file in found)


def test_no_library_lies_there_unsaid():
    there = {path for folder in FOLDERS for path in folder.iterdir() if path.is_dir()}
    assert there == set(VENDORED)
