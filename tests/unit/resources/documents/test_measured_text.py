"""Text measured once: no byte of a page tells whether its words were measured for it or for another."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import weasyprint
from weasyprint import HTML
from weasyprint.layout import inline
from weasyprint.text.fonts import FontConfiguration

from resources.documents import measured_text, pdf
from resources.documents.measured_text import MeasuredFonts
from tests.unit.resources.documents.test_pdf import TEMPLATES, page
from tests.unit.resources.documents.test_templating import html

TEXT = "Extraordinarily long considerations, 1,234 homes and שלום"
BODIES = (
    f"<p>{TEXT * 6}</p>",
    f"<p style='text-align: justify; width: 2in'>{TEXT * 6}</p>",
    f"<p style='hyphens: auto; width: 0.7in'>{TEXT * 3}</p>",
    f"<p style='text-overflow: ellipsis; white-space: nowrap; overflow: hidden; width: 1in'>{TEXT}</p>",
    f"<p>{TEXT}</p>",
    f"<p style='width: 2in; max-lines: 2; block-ellipsis: auto'>{TEXT * 4}</p>",
    f"<p style='white-space: pre-wrap; tab-size: 6'>a\tb\n{TEXT}</p>",
    f"<p style='text-decoration: underline overline; letter-spacing: 1pt; word-spacing: 3pt'>{TEXT}</p>",
    f"<p dir='rtl' style='font-kerning: none; font-variant-caps: small-caps'>{TEXT}</p>",
    f"<p style='width: 1in; overflow-wrap: anywhere'>{'W' * 80} {TEXT}</p>",
    f"<table><tr><td>{TEXT}<td><b>{TEXT}</b> <sup>{TEXT}</sup></table>",
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 90 20'><text x='1' y='9'>$400,000 AVA</text>"
    "<text x='1' y='19' font-weight='bold' letter-spacing='2'>$400,000 AVA</text></svg>",
)


def written(markup: str, fonts: FontConfiguration) -> bytes:
    document = HTML(string=markup, base_url=TEMPLATES.as_uri() + "/")
    return document.write_pdf(font_config=fonts, pdf_identifier=b"0" * 16, pdf_variant="pdf/ua-1")


@pytest.fixture(autouse=True)
def shipped_fonts(monkeypatch):
    monkeypatch.setenv("FONTCONFIG_FILE", str(TEMPLATES / "fonts" / "fonts.conf"))


def test_the_release_at_hand_is_one_the_replaced_functions_were_read_in():
    # Fails with another release: read its line_break.py and draw/text.py, run this file, then name it.
    assert weasyprint.__version__ in measured_text.READ_IN
    assert inline.split_first_line is measured_text.split_first_line


def test_a_page_has_the_bytes_that_the_library_writes_by_itself_whatever_was_drawn_before():
    fonts = MeasuredFonts()
    # Each after all others, and after itself: what one leaves behind would show in another.
    for body in (*BODIES, *reversed(BODIES)):
        assert written(page(body), fonts) == written(page(body), FontConfiguration()), body


def test_a_memo_has_the_bytes_that_the_library_writes_by_itself_after_another_memo():
    memo, other = html(), html().replace("King County", "Lake County").replace("SIM", "EST")
    assert memo != other
    fonts = MeasuredFonts()
    plain = written(memo, FontConfiguration())
    assert [written(each, fonts) for each in (memo, other, memo)][::2] == [plain, plain]


def test_the_words_of_a_second_memo_are_not_measured_again():
    fonts = MeasuredFonts()
    written(html(), fonts)
    lines, drawn = len(fonts.lines), len(fonts.drawn)
    assert lines
    assert drawn
    written(html(), fonts)
    assert (len(fonts.lines), len(fonts.drawn)) == (lines, drawn)


def test_what_is_kept_has_an_end(monkeypatch):
    plain = written(page("".join(BODIES)), FontConfiguration())
    monkeypatch.setattr(measured_text, "LINES_KEPT", 7)
    monkeypatch.setattr(measured_text, "DRAWN_KEPT", 5)
    fonts = MeasuredFonts()
    assert written(page("".join(BODIES)), fonts) == plain
    assert len(fonts.lines) <= 7
    assert len(fonts.drawn) <= 5


def test_a_release_that_was_not_read_keeps_its_own_functions():
    code = (
        "import weasyprint; weasyprint.__version__ = '0.0'\n"
        "from weasyprint.layout import inline; own = inline.split_first_line\n"
        "import resources.documents.pdf; assert inline.split_first_line is own"
    )
    root = Path(pdf.__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root, env=dict(os.environ))
