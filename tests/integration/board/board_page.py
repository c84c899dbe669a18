"""A deal board opened in a browser, and the deals on it."""

import shutil
from pathlib import Path

from tests.unit.domain.board.board_rows import HOSTILE, deal

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
MEMO = "memos/county=king-wa/month=2015-03/a.html"
PLAIN = 120


def rows() -> list[dict]:
    plain = [deal(k) for k in range(1, PLAIN + 1)]
    plain[0]["memo_pdf_path"] = MEMO
    plain[1] |= {"is_simulated": True, "is_asking_price_assumed": True}
    plain[3] |= {"listing_status": "sold", "property_type": "condo", "bedrooms": 1.0}
    plain[2] |= {"cap_rate_pct": None, "asking_price_usd": None, "property": None, "latitude": None}
    hostile = [
        deal(PLAIN + k, property=text, city=text, zip=text[:9], top_positive_reason=text, neighborhood=text)
        for k, text in enumerate(HOSTILE.values(), start=1)
    ]
    return plain + hostile


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
