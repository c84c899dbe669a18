"""HTML to PDF with WeasyPrint: the same bytes for the same page, and no reach beyond the template folder.

Only the fonts of `<templates>/fonts` are seen, so that a page looks the same on every machine. Pages come
from records of unknown origin: a link in them to a file or an address is never followed.
"""

import hashlib
import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from urllib.parse import unquote, urlsplit

from weasyprint import HTML
from weasyprint.text import ffi
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from realestate_assets.errors import TransientError
from resources.code_version import code_version

# A process takes 1 to 2 s to start and import; below this many pages it does not pay.
POOL_FROM = 12
_environment_lock = threading.Lock()


class RefusedUrlError(ValueError):
    """A page asked for something outside the template folder."""


class TemplateFetcher(URLFetcher):
    """Opens files below one folder; refuses every other file and every network address."""

    def __init__(self, folder: Path) -> None:
        super().__init__(allowed_protocols=("file",), fail_on_errors=False)
        self._folder = folder.resolve()

    def fetch(self, url: str, headers: dict | None = None) -> URLFetcherResponse:
        """The file behind a URL.

        Raises:
            RefusedUrlError: the URL is not a file below the folder.
        """
        parts = urlsplit(url)
        path = Path(unquote(parts.path)).resolve()
        if parts.scheme != "file" or parts.netloc or not path.is_relative_to(self._folder):
            raise RefusedUrlError(f"refused: {url[:200]}")
        return super().fetch(url, headers)


@lru_cache(maxsize=2)
def _fonts(folder: Path) -> FontConfiguration:
    """Fonts of the folder and of nothing else; read once a process because reading them takes time."""
    config = folder / "fonts" / "fonts.conf"
    # fontconfig reads its file name from the environment, and only while a configuration is made.
    with _environment_lock:
        before = os.environ.get("FONTCONFIG_FILE")
        os.environ["FONTCONFIG_FILE"] = str(config)
        try:
            return FontConfiguration()
        finally:
            os.environ.pop("FONTCONFIG_FILE")
            if before is not None:
                os.environ["FONTCONFIG_FILE"] = before


@lru_cache(maxsize=1)
def renderer_version() -> str:
    """What a PDF's bytes follow from beside page and fonts: this module and the libraries below it."""
    libraries = [f"{name} {version(name)}" for name in ("weasyprint", "pydyf", "fonttools")]
    # Without its subset library HarfBuzz leaves the fonts to fontTools, which writes other bytes.
    native = f"pango {ffi.pango.pango_version()} subset {ffi.harfbuzz_subset is not None}"
    return hashlib.sha256("\n".join([*libraries, native, code_version(__file__)]).encode()).hexdigest()


def render_pdf(html: str, templates: Path) -> bytes:
    """A page as tagged PDF bytes.

    The file identifier comes from the content and no date is written, so that equal pages are equal files.

    Args:
        html: the whole page, its styles inside.
        templates: folder that files may be read from; its `fonts` folder holds the fonts.
    """
    templates = templates.resolve()
    document = HTML(string=html, base_url=templates.as_uri() + "/", url_fetcher=TemplateFetcher(templates))
    return document.write_pdf(
        font_config=_fonts(templates),
        pdf_identifier=hashlib.sha256(html.encode()).digest()[:16],
        pdf_variant="pdf/ua-1",
    )


class PdfRenderer:
    """Renders many pages, by a few processes where there are many; to be used in a `with`.

    The processes are spawned, not forked: a forked copy of a process with threads may hang.
    """

    def __init__(self, templates: Path, expected: int, workers: int = 2) -> None:
        """Decide by the number of pages expected whether processes pay."""
        self._templates = templates
        # A daemonic process (a Celery prefork worker) may have no children.
        pays = workers > 1 and expected >= POOL_FROM and not multiprocessing.current_process().daemon
        self._workers = workers if pays else 0
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> "PdfRenderer":
        """Start the processes, where any are used."""
        if self._workers:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(max_workers=self._workers, mp_context=context)
        return self

    def __exit__(self, *error: object) -> None:
        """End the processes; pages not begun are dropped."""
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def render(self, pages: Sequence[str]) -> Iterator[bytes]:
        """PDFs of the pages, in order.

        Raises:
            TransientError: a process ended by force, as by the out-of-memory killer.
        """
        if self._pool is None:
            yield from (render_pdf(page, self._templates) for page in pages)
            return
        try:
            yield from self._pool.map(render_pdf, pages, [self._templates] * len(pages))
        except BrokenProcessPool as error:
            raise TransientError("A process that renders PDFs was killed; memory may be short.") from error
