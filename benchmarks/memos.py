"""Seconds per memo: our renderer against plain WeasyPrint in a loop, on the same documents in one run.

    .venv/bin/python -m benchmarks.memos [--turns 5] [--batch 10] [--workers 2] [--folder FOLDER]

The documents are the `.html` files of a folder; without one, the memos of a finished run in the lake of the
settings (REALESTATE_HOME or LAKE_URL); where there are none, memos of the tests' home, each with figures of
its own. Both sides see the same fonts and write the same kind of PDF. They take turns in batches, so that a
busy moment of the machine burdens both, and no document comes again as long as there are others.
"""

import argparse
import os
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from weasyprint import HTML

from benchmarks.row import TURNS, Row, in_turns
from realestate_assets.assets.documents import TEMPLATES, memo_page
from realestate_assets.settings import get_settings
from resources.documents.pdf import POOL_FROM, PdfRenderer
from resources.lake.store import StoreResource

BATCH, WORKERS, ASKED = 10, 2, 6.0


def documents(count: int, folder: Path | None = None) -> tuple[list[str], str]:
    """HTML memos, in the order of their paths, and whose they are.

    Raises:
        ValueError: the folder holds none.
    """
    if folder is not None:
        pages, whose = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.html"))], "given"
        if not pages:
            raise ValueError(f"{folder} holds no .html file")
    else:
        pages, whose = of_the_lake(count), "of the last run"
    if not pages:
        pages, whose = own(count), "of one home with figures of their own, simulated"
    return list(islice(cycle(pages), count)), whose


def of_the_lake(count: int) -> list[str]:
    """Of the last run, at most `count`; empty where there was none."""
    settings = get_settings()
    lake = StoreResource(root_url=settings.lake_root, s3_endpoint_url=settings.s3_endpoint_url or "")
    paths = [path for path in lake.list_files("memos") if path.endswith(".html")]
    return [lake.read_bytes(path).decode() for path in sorted(paths)[:count]]


def own(count: int) -> list[str]:
    """Memos of the home that the tests of the memo have, each at another price, value and rent."""
    from tests.unit.domain.memo.memo_records import contribution_rows, property_row, record, score_row

    money = [name for name in score_row() if name.endswith("_usd") and score_row()[name] is not None]
    return [
        memo_page(
            record(
                score=score_row(**{name: score_row()[name] * (1 + number / 97) for name in money}),
                property=property_row(street=f"{1200 + 7 * number} NE 8TH ST"),
                contributions=contribution_rows(),
            ),
            "abcdef012345",
        )
        for number in range(count)
    ]


def plainly(pages: list[str]) -> Iterator[bytes]:
    """What a script without this renderer would do."""
    for page in pages:
        yield HTML(string=page, base_url=TEMPLATES.as_uri() + "/").write_pdf(pdf_variant="pdf/ua-1")


def measure(
    turns: int = TURNS, batch: int = BATCH, workers: int = WORKERS, folder: Path | None = None
) -> list[Row]:
    """A batch a turn, of documents that neither side has seen.

    Raises:
        ValueError: the folder holds no memos.
    """
    os.environ["FONTCONFIG_FILE"] = str(TEMPLATES / "fonts" / "fonts.conf")
    first = 2 * workers
    pages, whose = documents(first + turns * batch, folder)
    batches = [pages[start : start + batch] for start in range(first, len(pages), batch)]
    # A run has more memos than are worth processes; a short measurement has them all the same.
    with PdfRenderer(TEMPLATES, expected=max(len(pages), POOL_FROM), workers=workers) as renderer:
        # The first pages of each process pay for imports and fonts: a run pays that once, not per memo.
        list(renderer.render(pages[:first])), list(plainly(pages[:1]))
        mine, theirs = iter(batches), iter(batches)
        found = in_turns(
            lambda: sum(map(len, renderer.render(next(mine)))),
            lambda: sum(map(len, plainly(next(theirs)))),
            turns,
            warm=0,
        )
    sizes = " and ".join(f"{size / batch / 1024:.0f} KiB" for size in found.results)
    return [
        Row(
            "memos",
            f"investor memos as tagged PDF (pdf/ua-1), {whose}",
            "WeasyPrint in a loop, the same HTML",
            **found.seconds,
            asked=ASKED,
            unit=f"{batch} memos",
            note=f"{workers} processes; others in each turn; the last have {sizes} each",
        )
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    for row in measure(options.turns, options.batch, options.workers, options.folder):
        print(f"{row.what}\n{row.note}")
        print(f"this renderer        {row.product_s / options.batch:.3f} s a memo")
        print(f"plain WeasyPrint     {row.alternative_s / options.batch:.3f} s a memo, in a loop")
        print(f"ratio                {row.ratio:.2f}, the median of {row.turns} turns")


if __name__ == "__main__":
    main()
