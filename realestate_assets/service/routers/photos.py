"""Photos of a home, fetched from its source for who is signed in, where the installation says so."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from realestate_assets.operations.market import photos
from realestate_assets.service.dependencies import PartsOf, TenantSession, requires
from realestate_assets.service.problems import ProblemError, not_found
from realestate_assets.service.routers.of_property import Opened, PropertyId, shown
from realestate_assets.service.schemas.photos import PHOTOS, Photo, Photos
from resources.errors import RealEstateError, TransientError

READ = Depends(requires("properties:read"))
# A day in the reader's own browser, and nowhere between.
CACHED = "private, max-age=86400"

router = APIRouter(prefix="/properties/{property_id}/photos", tags=["properties"])


@router.get(
    "",
    name="list_photos",
    response_model=Photos,
    responses=shown(PHOTOS, 401, 403, 404, 422),
    dependencies=[READ],
)
def list_photos(parts: PartsOf, session: TenantSession, property_id: PropertyId, row: Opened) -> Photos:
    """How many photos the source names, and where the service shows them."""
    found = photos.addresses_of(session, str(property_id), row["month"])
    is_shown = parts.settings.property_photos
    base = f"/api/v1/properties/{property_id}/photos"
    listed = [Photo(number=number, url=f"{base}/{number}") for number in range(1, len(found) + 1)]
    return Photos(is_shown=is_shown, count=len(found), photos=listed if is_shown else [])


@router.get(
    "/{number}",
    name="show_photo",
    response_class=Response,
    responses=shown("a JPEG file", 401, 403, 404, 422, media_type="image/jpeg"),
    dependencies=[READ],
)
def show_photo(
    parts: PartsOf,
    session: TenantSession,
    property_id: PropertyId,
    row: Opened,
    number: Annotated[int, Path(ge=1, le=photos.MAX_PHOTOS)],
) -> Response:
    """One photo as JPEG, fetched from its source now.

    Raises:
        ProblemError: 404, there is none, photos are not shown here, or the source has it no more; 502, the
            source does not answer.
    """
    if not parts.settings.property_photos:
        raise ProblemError(404, "photos-off", "Photos are not fetched here: PROPERTY_PHOTOS is not set.")
    found = photos.addresses_of(session, str(property_id), row["month"])
    if number > len(found):
        raise not_found("No photo")
    # What follows takes seconds and needs no database: the connection goes back.
    session.commit()
    try:
        body = photos.fetch(found[number - 1])
    except TransientError as error:
        raise ProblemError(502, "source-unreachable", "The photo's source does not answer.") from error
    except RealEstateError as error:
        raise ProblemError(404, "no-photo", "The photo's source has no picture there any more.") from error
    return Response(body, media_type="image/jpeg", headers={"Cache-Control": CACHED})
