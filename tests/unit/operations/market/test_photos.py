"""Photos: addresses in what a source delivered, and the picture that is shown in the place of the file."""

from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from realestate_assets.operations.market import photos
from resources.errors import PermanentError

A, B = "https://ap.rdcpix.com/a-m1s.jpg", "http://photos.example.com/b.webp?w=200"


def file(form: str, size=(2000, 1000), **more) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "red").save(out, form, **more)
    return out.getvalue()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, ()),
        ("", ()),
        (f"{A} {A}, {B}", (A, B)),
        (f"{A},{B}", (A, B)),
        (f'["{A}", "{B}"]', (A, B)),
        ("REDACTED ftp://x/y.jpg file:///etc/passwd", ()),
    ],
)
def test_addresses_are_found_however_they_are_joined_and_each_once(text, expected):
    assert tuple(each.rstrip("]") for each in photos.addresses(text)) == expected


def test_no_more_addresses_are_taken_than_are_shown():
    assert len(photos.addresses(" ".join(f"{A}?{n}" for n in range(500)))) == photos.MAX_PHOTOS


@pytest.mark.parametrize("form", photos.FORMATS)
def test_each_kind_of_file_becomes_a_jpeg_that_fits(form):
    with Image.open(BytesIO(photos.shown(file(form)))) as image:
        assert (image.format, image.size) == ("JPEG", (1280, 640))


def test_a_photo_is_turned_upright_and_says_nothing_of_camera_or_place():
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera of Jane Doe"
    with Image.open(BytesIO(photos.shown(file("JPEG", exif=exif)))) as image:
        assert image.size == (640, 1280)
        assert not dict(image.getexif())


@pytest.mark.parametrize("body", [b"", b"<svg/>", b"GIF89a" + bytes(40), file("BMP", (9, 9))])
def test_what_is_no_picture_of_these_kinds_is_refused(body):
    with pytest.raises(PermanentError, match="no picture"):
        photos.shown(body)


def test_a_picture_of_too_many_points_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(photos, "MAX_PIXELS", 1_999_999)
    with pytest.raises(PermanentError, match="too large"):
        photos.shown(file("PNG"))


@given(st.binary(max_size=300), st.sampled_from(["JPEG", "PNG", "WEBP"]), st.integers(0, 200))
def test_a_damaged_file_is_shown_as_far_as_it_goes_or_refused_and_nothing_else(noise, form, at):
    whole = file(form, (40, 30))
    with suppress(PermanentError):
        assert photos.shown(whole[:at] + noise + whole[at + len(noise) :]).startswith(b"\xff\xd8")
