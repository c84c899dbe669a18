"""Notes on a home: read by the tenant, or by who wrote them alone."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.orm import Session

from realestate_assets.app.notes import PropertyNote
from realestate_assets.operations.accounts.names import names_of
from realestate_assets.operations.kept import notes
from realestate_assets.service import etags
from realestate_assets.service.dependencies import PartsOf, TenantSession, requires
from realestate_assets.service.fields import Fields, chosen, listed, listed_of
from realestate_assets.service.paging import Order, PageRequest, page, page_request
from realestate_assets.service.parts import Parts
from realestate_assets.service.problems import ProblemError, answered_problems, not_found, of_operation
from realestate_assets.service.routers.of_property import PropertyId, row_of, shown
from realestate_assets.service.schemas.notes import NOTE, NewNote, Note, NoteChange
from realestate_assets.service.security.principal import Principal
from resources.errors import PermanentError

router = APIRouter(prefix="/properties/{property_id}/notes", tags=["notes"])

ORDER = Order({"created_at": PropertyNote.created_at}, (PropertyNote.note_id,))
Reads = Annotated[Principal, Depends(requires("timeline:read"))]
Writes = Annotated[Principal, Depends(requires("timeline:write"))]


def told(parts: Parts, session: Session, principal: Principal, found: list[PropertyNote]) -> list[Note]:
    """Notes with the names of who wrote them."""
    names = names_of(session, parts.sealer, (note.user_id for note in found), principal.user_id)
    return [
        Note.model_validate(note).model_copy(update={"author": names.get(note.user_id)}) for note in found
    ]


def _own(session: Session, principal: Principal, property_id: str, note_id: uuid.UUID) -> PropertyNote:
    note = notes.find(session, principal.user_id, property_id, note_id)
    if note is None:
        raise not_found("No note")
    if note.user_id != principal.user_id:
        raise ProblemError(403, "not-yours", "Whoever wrote a note changes it.")
    return note


@router.get(
    "",
    name="list",
    response_model=listed_of(Note),
    responses=shown({"items": [NOTE], "next_cursor": None, "total": None}, 401, 403, 404, 422),
)
def list_notes(
    request: Request,
    parts: PartsOf,
    session: TenantSession,
    principal: Reads,
    property_id: PropertyId,
    asked: Annotated[PageRequest, Depends(page_request("-created_at"))],
    fields: Fields = None,
) -> Response:
    """Notes on a home, the newest first: those of the tenant and one's own."""
    row_of(session, property_id, None)
    names = chosen(Note, fields)
    statement = notes.seen_by(principal.user_id, str(property_id))
    bound_to = f"{principal.user_id} {property_id}"
    rows, cursor, total = page(session, statement, ORDER, asked, parts.secret, bound_to=bound_to)
    items = told(parts, session, principal, [row[0] for row in rows])
    return etags.answer(request, listed(items, cursor, total, names))


@router.post("", status_code=201, name="add", responses=answered_problems(401, 403, 404, 422))
def add(
    body: NewNote, parts: PartsOf, session: TenantSession, principal: Writes, property_id: PropertyId
) -> Note:
    """Write a note."""
    row_of(session, property_id, None)
    note = PropertyNote(
        tenant_id=principal.tenant_id,
        user_id=principal.user_id,
        property_id=str(property_id),
        **body.model_dump(),
    )
    try:
        (made,) = told(parts, session, principal, [notes.add(session, note)])
    except PermanentError as error:
        raise of_operation(error) from None
    return made


@router.patch("/{note_id}", name="edit", response_model=Note, responses=shown(NOTE, 401, 403, 404, 422))
def edit(
    body: NoteChange,
    parts: PartsOf,
    session: TenantSession,
    principal: Writes,
    property_id: PropertyId,
    note_id: uuid.UUID,
) -> Note:
    """Change one's own note."""
    note = _own(session, principal, str(property_id), note_id)
    (changed,) = told(parts, session, principal, [notes.edit(session, note, body.text, body.is_private)])
    return changed


@router.delete("/{note_id}", status_code=204, name="remove", responses=answered_problems(401, 403, 404, 422))
def remove(session: TenantSession, principal: Writes, property_id: PropertyId, note_id: uuid.UUID) -> None:
    """Take one's own note away."""
    notes.remove(session, _own(session, principal, str(property_id), note_id))
