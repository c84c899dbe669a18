"""A real Chromium, and a lake with one board in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.board.board_page import CHROMIUM, Board, a_lake, rows


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with one board and one memo."""
    return a_lake(tmp_path_factory.mktemp("lake"), rows())


@pytest.fixture(scope="module")
def browser() -> Iterator:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def board(browser, folder) -> Iterator[Board]:
    opened = Board(browser, folder)
    yield opened
    asked = opened.requests
    faults = opened.faults
    opened.context.close()
    assert faults == []
    assert [url for url in asked if not url.startswith(("file:", "blob:"))] == []
