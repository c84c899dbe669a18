"""Letters: a text and an HTML part that say the same; nothing of a person's is markup or a header."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.operations.mail.channels import message_of
from realestate_assets.operations.mail.letters import TEMPLATES, Letter, one_line, write

MAIL_ID = UUID(int=7)
HOSTILE = '<b>x</b> & "y"\''
HOME = {
    "url": "https://x.example/properties/1", "address": HOSTILE, "is_cut": True, "price": "$1",
    "before": "$2", "facts": "2 bd",
}  # fmt: skip
CONTEXT = {
    "home_url": "https://x.example/", "url": "https://x.example/l?token=a%20b&c=d", "tenant": HOSTILE,
    "lasts": 7, "reset_url": "https://x.example/f", "email": HOSTILE, "name": HOSTILE, "said": "1 new home",
    "homes": [HOME, HOME | {"is_cut": False, "facts": ""}], "more": 3, "frequency": "daily",
    "searches_url": "https://x.example/searches",
}  # fmt: skip
NAMES = sorted(path.name.removesuffix(".txt.j2") for path in Path(TEMPLATES, "web/mail").glob("*.txt.j2"))


@pytest.mark.parametrize("name", NAMES)
def test_each_letter_escapes_its_html_and_nothing_in_its_text(name):
    letter = write(name, f"About {HOSTILE}", CONTEXT, "https://x.example/u/1")
    assert HOSTILE in letter.text
    assert "&amp;" not in letter.text and "&lt;" not in letter.text
    assert "<b>x</b>" not in letter.html and "&lt;b&gt;x&lt;/b&gt;" in letter.html
    assert not letter.text.startswith("\n") and "\n\n\n" not in letter.text
    assert "<script" not in letter.html and "<img" not in letter.html


def test_there_are_letters_and_each_has_both_parts():
    assert len(NAMES) >= 6
    for name in NAMES:
        assert Path(TEMPLATES, f"web/mail/{name}.html.j2").is_file()


@given(st.text(), st.text(), st.text())
def test_whatever_people_write_stays_in_its_own_header_and_part(subject, text, html):
    letter = Letter(one_line(subject), text, html)
    made = message_of(MAIL_ID, "A <a@x.example>", "b@y.example", letter)
    read = message_from_bytes(made.as_bytes(policy=policy.SMTP), policy=policy.default)
    assert set(read.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
    }  # fmt: skip
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]
    assert (read["To"], read["Message-ID"]) == ("b@y.example", f"<{MAIL_ID}@x.example>")


@given(st.text())
def test_a_line_is_one_line_of_bounded_length(text):
    line = one_line(text)
    assert len(line) <= 150 and line.isprintable() and line == line.strip()


@given(st.text(), st.text(), st.text(), st.dictionaries(st.text(), st.text()))
def test_a_letter_is_kept_as_it_is(subject, text, html, headers):
    letter = Letter(subject, text, html, headers)
    assert Letter.unpacked(letter.packed()) == letter


def test_the_date_is_a_date_of_mail():
    made = message_of(MAIL_ID, "a@x.example", "b@y.example", Letter("s", "t", "h"))
    assert abs((made["Date"].datetime - datetime.now(UTC)).total_seconds()) < 60
