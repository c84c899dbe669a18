"""A real Chromium, and a lake with one board in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from realestate_assets.assets.boards import SCRIPTS, STYLES, TEMPLATES
from realestate_assets.domain.board.context import build_board
from realestate_assets.domain.board.csv import board_csv
from realestate_assets.domain.counties.county import load_counties
from resources.documents.inline_page import render_inline
from resources.partition import Partition
from tests.integration.board.board_page import CHROMIUM, MEMO, Board, rows
from tests.unit.domain.board.board_rows import metric, trend


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with one board and one memo."""
    lake = tmp_path_factory.mktemp("lake")
    trends = [trend(f"2014-{m:02d}", zip_code) for m in range(1, 13) for zip_code in ("ALL", "98101")]
    quality = [metric("received", 150.0), metric("filled_pct", 80.0, "street")]
    context = build_board(load_counties()["king-wa"], "2015-03", rows(), trends, quality, "v1")
    board = lake / "boards/county=king-wa/month=2015-03"
    board.mkdir(parents=True)
    page = render_inline(TEMPLATES, "board/board.html.j2", context, STYLES, SCRIPTS)
    (board / "index.html").write_text(page, encoding="utf-8")
    (board / "deals.csv").write_bytes(board_csv(Partition("king-wa", "2015-03"), rows()))
    memo = lake / MEMO
    memo.parent.mkdir(parents=True)
    memo.write_text("<!DOCTYPE html><title>The memo</title>")
    return board


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
