"""Seconds per memo: our renderer against plain WeasyPrint in a loop, on the same documents in one run.

    .venv/bin/python -m benchmarks.memos [--count 100] [--workers 2]

The documents are the HTML memos of a finished run in the lake of the settings (REALESTATE_HOME or LAKE_URL);
where there are fewer than `--count`, they are taken again. Both sides see the same fonts and write the same
kind of PDF. The two take turns in batches, so that a busy moment of the machine burdens both.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice

from weasyprint import HTML

from realestate_assets.assets.documents import TEMPLATES
from realestate_assets.settings import get_settings
from resources.documents.pdf import PdfRenderer
from resources.lake.store import StoreResource

BATCH = 20


def documents(count: int) -> list[str]:
    """HTML memos of the lake, in order of their paths.

    Raises:
        SystemExit: the lake holds none.
    """
    settings = get_settings()
    lake = StoreResource(root_url=settings.lake_root, s3_endpoint_url=settings.s3_endpoint_url or "")
    paths = [path for path in lake.list_files("memos") if path.endswith(".html")]
    if not paths:
        raise SystemExit(f"No memos under {settings.lake_root}: run `realestate run` first.")
    pages = [lake.read_bytes(path).decode() for path in sorted(paths)[:count]]
    return list(islice(cycle(pages), count))


def plainly(pages: list[str]) -> Iterator[bytes]:
    """What a script without this renderer would do."""
    for page in pages:
        yield HTML(string=page, base_url=TEMPLATES.as_uri() + "/").write_pdf(pdf_variant="pdf/ua-1")


def timed(render: Callable[[list[str]], Iterator[bytes]], pages: list[str]) -> tuple[float, int]:
    """Seconds per memo and bytes in all."""
    started = time.perf_counter()
    size = sum(len(pdf) for pdf in render(pages))
    return (time.perf_counter() - started) / len(pages), size


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    os.environ["FONTCONFIG_FILE"] = str(TEMPLATES / "fonts" / "fonts.conf")
    pages = documents(options.count)
    ours, theirs = [], []
    with PdfRenderer(TEMPLATES, expected=len(pages), workers=options.workers) as renderer:
        # The first pages of each process pay for imports and fonts: a run pays that once, not per memo.
        list(renderer.render(pages[:4])), list(plainly(pages[:1]))
        for start in range(0, len(pages), BATCH):
            batch = pages[start : start + BATCH]
            ours.append(timed(renderer.render, batch))
            theirs.append(timed(plainly, batch))
            done = min(start + BATCH, len(pages))
            print(f"{done:4d} of {len(pages)}: {ours[-1][0]:.3f} s and {theirs[-1][0]:.3f} s", flush=True)
    mine, plain = (statistics.median(seconds for seconds, _ in side) for side in (ours, theirs))
    print(
        f"memos                {len(pages)}, {sum(size for _, size in ours) / len(pages) / 1024:.0f} KiB each"
    )
    print(f"this renderer        {mine:.3f} s a memo, {options.workers} processes")
    print(f"plain WeasyPrint     {plain:.3f} s a memo, in a loop")
    print(f"ratio                {plain / mine:.2f}")


if __name__ == "__main__":
    main()
