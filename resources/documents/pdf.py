"""HTML to PDF with WeasyPrint: the same bytes for the same page, and no reach beyond the template folder.

Only the fonts of `<templates>/fonts` are seen, so that a page looks the same on every machine. Pages come
from records of unknown origin: a link in them to a file or an address is never followed.
"""

import gc
import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pydyf
from weasyprint.text import ffi
from weasyprint.urls import URLFetcher, URLFetcherResponse

from resources.code_version import code_version
from resources.documents import measured_text, page_tree
from resources.documents.measured_text import MeasuredFonts
from resources.documents.page_tree import read_page
from resources.documents.worker_processes import WorkerProcesses

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
def _fonts(folder: Path) -> MeasuredFonts:
    """Fonts of the folder and of nothing else; read once a process because reading them takes time."""
    config = folder / "fonts" / "fonts.conf"
    # fontconfig reads its file name from the environment, and only while a configuration is made.
    with _environment_lock:
        before = os.environ.get("FONTCONFIG_FILE")
        os.environ["FONTCONFIG_FILE"] = str(config)
        try:
            return MeasuredFonts()
        finally:
            os.environ.pop("FONTCONFIG_FILE")
            if before is not None:
                os.environ["FONTCONFIG_FILE"] = before


@lru_cache(maxsize=1)
def renderer_version() -> str:
    """What a PDF's bytes follow from beside page and fonts: this code and the libraries below it."""
    libraries = [f"{name} {version(name)}" for name in ("weasyprint", "pydyf", "fonttools")]
    # Without its subset library HarfBuzz leaves the fonts to fontTools, which writes other bytes.
    native = f"pango {ffi.pango.pango_version()} subset {ffi.harfbuzz_subset is not None}"
    code = code_version(__file__, measured_text.__file__, page_tree.__file__)
    return hashlib.sha256("\n".join([*libraries, native, code]).encode()).hexdigest()


class _Made(pydyf.Object):
    """A PDF object whose bytes are made: pydyf asks for them twice, to write and to hash the file."""

    def __init__(self, made: pydyf.Object) -> None:
        super().__init__()
        self.number, self.generation, self.free = made.number, made.generation, made.free
        self.data, self.compressible = made.data, made.compressible

    data = b""
    compressible = False


def _make_once(_: object, pdf: pydyf.PDF) -> None:
    """Make each object's bytes, before pydyf does so twice and compresses every page both times."""
    pdf.objects[:] = [each if each.free == "f" else _Made(each) for each in pdf.objects]


@contextmanager
def _garbage_kept() -> Iterator[None]:
    """Look for garbage once, at the end, and only among what was made meanwhile.

    A page is some 100,000 objects that live until it is written. Python looked through all of them again and
    again while they came into being, a fifth of the time; kept to the end, they are some 20 MB.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
        gc.collect(0)


@_garbage_kept()
def render_pdf(html: str, templates: Path) -> bytes:
    """A page as tagged PDF bytes.

    The file identifier comes from the content and no date is written, so that equal pages are equal files.

    Args:
        html: the whole page, its styles inside.
        templates: folder that files may be read from; its `fonts` folder holds the fonts.
    """
    templates = templates.resolve()
    document = read_page(html, templates.as_uri() + "/", TemplateFetcher(templates))
    return document.write_pdf(
        finisher=_make_once,
        font_config=_fonts(templates),
        pdf_identifier=hashlib.sha256(html.encode()).digest()[:16],
        pdf_variant="pdf/ua-1",
    )


class PdfRenderer(WorkerProcesses):
    """Renders many pages, by a few processes where there are many; to be used in a `with`."""

    def __init__(self, templates: Path, expected: int, workers: int = 2) -> None:
        """Decide by the number of pages expected whether processes pay."""
        super().__init__(expected, POOL_FROM, workers)
        self._templates = templates

    def render(self, pages: Sequence[str]) -> Iterator[bytes]:
        """PDFs of the pages, in order; with processes, rendering begins at once.

        Raises:
            TransientError: a process ended by force.
        """
        return self.map(render_pdf, pages, [self._templates] * len(pages))
