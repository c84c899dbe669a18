"""A deal board opened in a browser, and the deals on it."""

import shutil
from pathlib import Path

from realestate_assets.assets.boards import SCRIPTS, STYLES, TEMPLATES
from realestate_assets.domain.board.context import build_board
from realestate_assets.domain.board.csv import board_csv
from realestate_assets.domain.counties.county import load_counties
from resources.documents.inline_page import render_inline
from resources.partition import Partition
from tests.unit.domain.board.board_rows import HOSTILE, deal, metric, trend

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
MEMO = "memos/county=king-wa/month=2015-03/a.html"
PLAIN = 120


def rows() -> list[dict]:
    plain = [deal(k) for k in range(1, PLAIN + 1)]
    plain[0]["memo_pdf_path"] = MEMO
    plain[1] |= {"is_simulated": True, "is_asking_price_assumed": True}
    plain[3] |= {"listing_status": "coming_soon", "property_type": "condo", "bedrooms": 1.0}
    plain[2] |= {"cap_rate_pct": None, "asking_price_usd": None, "property": None, "latitude": None}
    hostile = [
        deal(PLAIN + k, property=text, city=text, zip=text[:9], top_positive_reason=text, neighborhood=text)
        for k, text in enumerate(HOSTILE.values(), start=1)
    ]
    return plain + hostile


def a_lake(lake: Path, deals: list[dict]) -> Path:
    """A board of these deals in a lake; its folder."""
    trends = [trend(f"2014-{m:02d}", zip_code) for m in range(1, 13) for zip_code in ("ALL", "98101")]
    quality = [metric("received", 150.0), metric("filled_pct", 80.0, "street")]
    context = build_board(load_counties()["king-wa"], "2015-03", deals, trends, quality, "v1")
    board = lake / "boards/county=king-wa/month=2015-03"
    board.mkdir(parents=True)
    page = render_inline(TEMPLATES, "board/board.html.j2", context, STYLES, SCRIPTS)
    (board / "index.html").write_text(page, encoding="utf-8")
    (board / "deals.csv").write_bytes(board_csv(Partition("king-wa", "2015-03"), deals))
    memo = lake / MEMO
    memo.parent.mkdir(parents=True)
    memo.write_text("<!DOCTYPE html><title>The memo</title>")
    return board


class Board:
    """An open board that remembers what it asked for and what went wrong."""

    def __init__(self, browser, folder: Path, **options: object) -> None:
        self.context = browser.new_context(**{"viewport": {"width": 1380, "height": 900}, **options})
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.faults: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.faults.append(message.text))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.faults.append(dialog.message), dialog.dismiss()))
        self.page.goto((folder / "index.html").as_uri())

    def cells(self, name: str) -> list[str]:
        return self.page.locator(f"#rows td.c-{name}").all_inner_texts()

    def count(self) -> int:
        """Deals that the filters leave, once the page has drawn them."""
        self.page.wait_for_timeout(250)
        return int(self.page.locator("#count").inner_text().split()[0].replace(",", ""))

    def downloaded(self, selector: str) -> bytes:
        with self.page.expect_download() as found:
            self.page.click(selector)
        return Path(found.value.path()).read_bytes()
