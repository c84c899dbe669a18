"""Photos of a home: where its source keeps them, and one of them as a picture that is safe to show.

They belong to whoever took them. They are fetched when somebody looks, where the installation says so
(PROPERTY_PHOTOS), and stand in no memo, board or export.
"""

import re
from io import BytesIO
from typing import Any

import sqlalchemy as sa
from PIL import Image, ImageOps
from sqlalchemy.orm import Session

from realestate_assets.operations.market.columns import KEY, view
from resources.errors import PermanentError
from resources.http.outbound import get

photos = view("photos", (*KEY, "photo_urls"))

MAX_PHOTOS = 60
MAX_BYTES = 12_000_000
# Beyond these a picture is no photo of a home; it is refused before it is unpacked.
MAX_PIXELS = 60_000_000
EDGE_PX, QUALITY = 1280, 82
FORMATS = ("JPEG", "PNG", "WEBP")
_ADDRESS = re.compile(r"https?://[^\s,|;\"'<>]+")


def addresses(text: str | None) -> tuple[str, ...]:
    """The addresses in what a source delivered, each once, in its order; what is none is left out."""
    return tuple(dict.fromkeys(_ADDRESS.findall(text or "")))[:MAX_PHOTOS]


def addresses_of(session: Session, property_id: str, month: str) -> tuple[str, ...]:
    """Where photos of a home lie, as its source said last, up to a month."""
    c = photos.c
    query = sa.select(c.photo_urls).where(c.property_id == property_id, c.month <= month)
    return addresses(session.scalar(query.order_by(c.month.desc()).limit(1)))


def fetch(url: str) -> bytes:
    """A photo as JPEG of at most EDGE_PX, turned upright, without what the file tells of camera and place.

    Raises:
        PermanentError: its source has it no more, or it is no picture.
        TransientError: the source does not answer.
    """
    found = get(url, accept="image/jpeg, image/png, image/webp", max_bytes=MAX_BYTES)
    if found.status != 200:
        raise PermanentError(f"The source answers with status {found.status}.")
    return shown(found.body)


def shown(body: bytes) -> bytes:
    """The picture in a file, drawn anew: nothing of the file itself is handed on.

    Raises:
        PermanentError: it is no JPEG, PNG or WebP, is damaged or too large.
    """
    out = BytesIO()
    try:
        with Image.open(BytesIO(body), formats=FORMATS) as image:
            _check_size(image)
            image.draft("RGB", (EDGE_PX, EDGE_PX))
            upright = ImageOps.exif_transpose(image).convert("RGB")
        upright.thumbnail((EDGE_PX, EDGE_PX))
        upright.save(out, "JPEG", quality=QUALITY)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PermanentError("The source's file is no picture that can be shown.") from error
    return out.getvalue()


def _check_size(image: Any) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise PermanentError("The source's picture is too large to be shown.")
