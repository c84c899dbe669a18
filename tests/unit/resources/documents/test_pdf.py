"""PDFs: the same bytes for the same page, no reach outside the templates, no harm from hostile text."""

import hashlib
import io
import subprocess
import sys
from pathlib import Path

import pypdf
import pytest

from resources.documents import page_tree, pdf
from resources.documents.pdf import PdfRenderer, RefusedUrlError, TemplateFetcher, render_pdf

ROOT = Path(__file__).resolve().parents[4]
TEMPLATES = ROOT / "templates"


def page(body: str) -> str:
    style = "body { font: 10pt Lato, 'DejaVu Sans'; }"
    return (
        f'<html lang="en"><head><title>A page</title><style>{style}</style></head><body>{body}</body></html>'
    )


def read(data: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(data))


def text_of(data: bytes) -> str:
    return "\n".join(sheet.extract_text() for sheet in read(data).pages)


def test_the_same_page_gives_the_same_bytes_whatever_was_rendered_before():
    first = render_pdf(page("<p>Équity $1,234</p>"), TEMPLATES)
    render_pdf(page("<p>something else entirely, bold <b>x</b> שלום</p>"), TEMPLATES)
    assert render_pdf(page("<p>Équity $1,234</p>"), TEMPLATES) == first


def test_another_process_gives_the_same_bytes():
    here = hashlib.sha256(render_pdf(page("<p>Same</p>"), TEMPLATES)).hexdigest()
    code = (
        "import hashlib, sys; from pathlib import Path; from resources.documents.pdf import render_pdf; "
        "print(hashlib.sha256(render_pdf(sys.argv[1], Path(sys.argv[2]))).hexdigest())"
    )
    command = [sys.executable, "-c", code, page("<p>Same</p>"), str(TEMPLATES)]
    # A relative working directory, another hash seed: neither may matter.
    environment = {"PYTHONHASHSEED": "7", "PATH": "/usr/bin:/bin", "HOME": "/tmp"}
    found = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == here


def test_another_page_gets_another_identifier():
    one, two = (read(render_pdf(page(f"<p>{n}</p>"), TEMPLATES)) for n in (1, 2))
    assert one.trailer["/ID"] != two.trailer["/ID"]


def test_the_pdf_is_tagged_titled_and_carries_no_date():
    reader = read(render_pdf(page("<h1>Hello</h1>"), TEMPLATES))
    assert reader.metadata.title == "A page"
    assert "/CreationDate" not in reader.metadata
    assert reader.root_object["/MarkInfo"]["/Marked"]
    assert reader.root_object["/Lang"] == "en"


def fonts(data: bytes) -> set[str]:
    names = set()
    for sheet in read(data).pages:
        for font in sheet["/Resources"].get("/Font", {}).values():
            names.add(str(font.get_object()["/BaseFont"]).split("+")[-1])
    return names


def test_only_the_shipped_fonts_are_used():
    body = (
        '<p style="font-family: Liberation Serif, Arial, monospace">text</p><p>Ω Привет שלום مدينة 🏠 漢</p>'
    )
    used = fonts(render_pdf(page(body), TEMPLATES))
    assert used
    assert all(name.startswith(("Lato", "DejaVu")) for name in used), used


def test_the_environment_is_left_as_it_was(monkeypatch):
    monkeypatch.setenv("FONTCONFIG_FILE", "/elsewhere/fonts.conf")
    pdf._fonts.cache_clear()
    render_pdf(page("x"), TEMPLATES)
    assert pdf.os.environ["FONTCONFIG_FILE"] == "/elsewhere/fonts.conf"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        f"file://{TEMPLATES}/../pyproject.toml",
        f"file://{TEMPLATES}/%2e%2e/pyproject.toml",
        f"file://host{TEMPLATES}/memo/memo.css",
        "http://127.0.0.1:9/x",
        "https://example.com/a.css",
        "ftp://example.com/a",
        "data:text/css,body{}",
    ],
)
def test_what_lies_outside_the_templates_is_refused(url):
    with pytest.raises(RefusedUrlError):
        TemplateFetcher(TEMPLATES).fetch(url)


def test_a_file_of_the_templates_is_read():
    response = TemplateFetcher(TEMPLATES).fetch((TEMPLATES / "memo" / "memo.css").as_uri())
    assert b"@page" in response.read()


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "templates" / "link.css").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(RefusedUrlError):
        TemplateFetcher(tmp_path / "templates").fetch((tmp_path / "templates" / "link.css").as_uri())


def test_a_page_that_asks_for_more_is_rendered_without_it():
    hostile = (
        '<img src="file:///etc/passwd"><link rel="stylesheet" href="http://127.0.0.1:9/x.css">'
        '<object data="file:///etc/hosts"></object><style>@import url(file:///etc/passwd);</style><p>fine</p>'
    )
    data = render_pdf(page(hostile), TEMPLATES)
    assert "fine" in text_of(data)
    assert b"root:" not in data


@pytest.mark.parametrize("count", [3, pdf.POOL_FROM])
def test_many_pages_come_back_in_order_with_the_bytes_of_one(count):
    pages = [page(f"<p>memo {number}</p>") for number in range(count)]
    with PdfRenderer(TEMPLATES, expected=count) as renderer:
        assert (renderer._pool is None) == (count < pdf.POOL_FROM)
        found = list(renderer.render(pages))
    assert [f"memo {number}" in text_of(data) for number, data in enumerate(found)] == [True] * count
    assert found[2] == render_pdf(pages[2], TEMPLATES)


def test_no_pages_give_no_pdfs():
    with PdfRenderer(TEMPLATES, expected=0) as renderer:
        assert list(renderer.render([])) == []


@pytest.mark.parametrize("is_on", [True, False])
def test_garbage_is_looked_for_after_a_page_as_it_was_before(is_on, monkeypatch):
    monkeypatch.setattr(page_tree.HTML, "write_pdf", lambda *_, **__: str(pdf.gc.isenabled()).encode())
    before = pdf.gc.isenabled()
    try:
        pdf.gc.enable() if is_on else pdf.gc.disable()
        assert render_pdf(page("x"), TEMPLATES) == b"False"
        assert pdf.gc.isenabled() == is_on
    finally:
        pdf.gc.enable() if before else pdf.gc.disable()


def test_a_page_leaves_no_objects_behind():
    render_pdf(page("<p>one</p>"), TEMPLATES)
    kept = len(pdf.gc.get_objects())
    for _ in range(3):
        render_pdf(page("<p>one</p>"), TEMPLATES)
    # A page of this size is some thousands.
    assert len(pdf.gc.get_objects()) - kept < 500
