"""Files brought in: the body of a request, into the landing area, with the checks of a dropped file."""

import hashlib
import tempfile
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from realestate_assets.app.imports import FileImport
from realestate_assets.operations import imports
from realestate_assets.operations.accounts.tenants import counties_of
from realestate_assets.operations.imports import MAX_BYTES, Upload
from realestate_assets.operations.market.filters import PRINTABLE, CountySlug
from realestate_assets.service import etags
from realestate_assets.service.dependencies import PartsOf, TenantSession, requires
from realestate_assets.service.fields import Fields, chosen, listed, listed_of
from realestate_assets.service.paging import Order, PageRequest, page, page_request
from realestate_assets.service.problems import ProblemError, answered_problems, not_found, unfit
from realestate_assets.service.routers.of_property import shown
from realestate_assets.service.schemas.imports import IMPORT, Import
from realestate_assets.service.security.principal import Principal
from resources.errors import PermanentError

router = APIRouter(prefix="/imports", tags=["imports"])

ORDER = Order({"landed_at": FileImport.landed_at}, (FileImport.import_id,))
Imports = Annotated[Principal, Depends(requires("properties:import"))]
BODY = {
    "requestBody": {
        "required": True,
        "description": f"The file, up to {MAX_BYTES:,} bytes; with an Idempotency-Key up to 10,000,000.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


async def uploaded(request: Request, principal: Imports) -> AsyncIterator[Path]:
    """The body of a request as a file, which is gone with the answer; nobody who may not is read from.

    Raises:
        ProblemError: 413, it is larger than it may be.
    """
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(prefix="realestate-upload-") as file:
        async for block in request.stream():
            size += len(block)
            if size > MAX_BYTES:
                raise ProblemError(413, "too-large", f"A file has up to {MAX_BYTES:,} bytes here.")
            digest.update(block)
            await run_in_threadpool(file.write, block)
        await run_in_threadpool(file.flush)
        request.state.sha256, request.state.size_bytes = digest.hexdigest(), size
        yield Path(file.name)


@router.post(
    "",
    status_code=201,
    name="add",
    openapi_extra=BODY,
    responses=answered_problems(401, 403, 413, 422),
)
def add(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    principal: Imports,
    file: Annotated[Path, Depends(uploaded)],
    county: Annotated[CountySlug, Query(description="Whose file it is.")],
    file_name: Annotated[
        str, Query(min_length=1, max_length=100, pattern=PRINTABLE, description="As in sales.csv.")
    ],
    source: Annotated[
        str | None,
        Query(max_length=60, pattern=PRINTABLE, description="Source of the county, where several would fit."),
    ] = None,
) -> Import:
    """Land a file of a county, as if it were dropped into its folder; runs that read it follow by themselves.

    Its columns say which source it is of; a file that fits none is refused, and nothing of it stays.
    """
    if county not in parts.county_files or county not in counties_of(session):
        raise unfit("query.county", "It is no county of yours.")
    upload = Upload(file, file_name, request.state.sha256, request.state.size_bytes)
    by = (principal.tenant_id, principal.user_id)
    try:
        made = imports.bring(
            session, parts.resources["landing"], parts.county_files[county], upload, by, source
        )
    except imports.NotOperatorError as error:
        raise ProblemError(403, "not-operator", str(error)) from None
    except PermanentError as error:
        named = getattr(error, "field", None) == "file_name"
        raise unfit("query.file_name" if named else "body", str(error.args[0])) from None
    return Import.model_validate(made)


@router.get(
    "",
    name="list",
    response_model=listed_of(Import),
    responses=shown({"items": [IMPORT], "next_cursor": None, "total": None}, 401, 403, 422),
)
def list_imports(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    principal: Imports,
    asked: Annotated[PageRequest, Depends(page_request("-landed_at"))],
    fields: Fields = None,
) -> Response:
    """Files that the tenant brought, the last first, with what became of their rows."""
    names = chosen(Import, fields)
    rows, cursor, total = page(session, imports.found(), ORDER, asked, parts.secret)
    return etags.answer(request, listed(_told(session, [row[0] for row in rows]), cursor, total, names))


@router.get("/{import_id}", name="get", response_model=Import, responses=shown(IMPORT, 401, 403, 404, 422))
def get(request: Request, session: TenantSession, principal: Imports, import_id: uuid.UUID) -> Response:
    """A file that the tenant brought."""
    one = session.get(FileImport, import_id)
    if one is None:
        raise not_found("No import")
    return etags.answer(request, _told(session, [one])[0])


def _told(session: Any, found: list[FileImport]) -> list[Import]:
    progress = imports.progress(session, found)
    return [Import.model_validate(one).model_copy(update=progress[one.import_id]) for one in found]
