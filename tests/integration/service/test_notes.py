"""Notes on homes: shared in the tenant or private, changed by who wrote them, and removed with their text."""

import uuid

import pytest
import sqlalchemy as sa

from realestate_assets.app.audit import AuditEntry
from realestate_assets.app.notes import MAX_CHARACTERS, PropertyNote
from realestate_assets.operations.kept import notes
from tests.integration.service.test_row_security import tenant_of

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def home(market) -> str:
    return str(market.scores["king-wa"]["property_id"].iloc[0])


def of(home: str) -> str:
    return f"/api/v1/properties/{home}/notes"


def texts(asked, home: str) -> set[str]:
    return {each["text"] for each in asked("GET", of(home)).json()["items"]}


def write(asked, home: str, text: str, **more) -> dict:
    made = asked("POST", of(home), json={"text": text, **more})
    assert made.status_code == 201, made.text
    return made.json()


def test_a_note_is_seen_by_the_tenant_with_its_author_and_a_private_one_by_its_author(analyst, as_role, home):
    made = write(analyst, home, "Roof of 2021.\n\tAsk for the permit.")
    assert (made["author"], made["is_private"], made["edited_at"]) == ("analyst of north", False, None)
    write(analyst, home, "Our limit is 400k.", is_private=True)
    other = as_role("viewer")
    assert "Roof of 2021.\n\tAsk for the permit." in texts(other, home)
    assert "Our limit is 400k." in texts(analyst, home) - texts(other, home)
    seen = next(each for each in other("GET", of(home)).json()["items"] if each["note_id"] == made["note_id"])
    assert seen["author"] == "analyst of north"


def test_whoever_wrote_a_note_changes_it_and_nobody_else_does(analyst, as_role, home):
    shared, private = write(analyst, home, "first"), write(analyst, home, "mine", is_private=True)
    other = as_role("underwriter")
    for method, options in (("PATCH", {"json": {"text": "theirs"}}), ("DELETE", {})):
        assert other(method, f"{of(home)}/{shared['note_id']}", **options).status_code == 403
        assert other(method, f"{of(home)}/{private['note_id']}", **options).status_code == 404
    changed = analyst("PATCH", f"{of(home)}/{shared['note_id']}", json={"text": "second"}).json()
    assert changed["text"] == "second" and changed["edited_at"] and not changed["is_private"]
    hidden = analyst("PATCH", f"{of(home)}/{shared['note_id']}", json={"is_private": True}).json()
    assert (hidden["text"], hidden["is_private"]) == ("second", True)
    assert "second" not in texts(other, home)


def test_what_is_removed_is_gone_with_its_text(parts, analyst, home):
    note = write(analyst, home, "by mistake")
    address = f"{of(home)}/{note['note_id']}"
    assert analyst("DELETE", address).status_code == 204
    assert "by mistake" not in texts(analyst, home)
    assert analyst("DELETE", address).status_code == 404
    assert analyst("PATCH", address, json={"text": "again"}).status_code == 404
    with parts.transaction(tenant_of(parts, "north")) as session:
        row = session.get_one(PropertyNote, uuid.UUID(note["note_id"]))
        assert row.text == "" and row.removed_at is not None


def test_another_tenant_neither_sees_a_note_nor_its_home(parts, stranger, analyst, market, home):
    note = write(analyst, home, "of the north")
    for method, address, options in (
        ("GET", of(home), {}),
        ("POST", of(home), {"json": {"text": "of the south"}}),
        ("PATCH", f"{of(home)}/{note['note_id']}", {"json": {"text": "x"}}),
        ("DELETE", f"{of(home)}/{note['note_id']}", {}),
    ):
        assert stranger(method, address, **options).status_code == 404
    with parts.transaction(tenant_of(parts, "south")) as session:
        assert session.scalars(sa.select(PropertyNote)).all() == []
        changed = session.execute(sa.update(PropertyNote).values(text="taken"))
        assert changed.rowcount == 0


@pytest.mark.parametrize("text", ["", "  \n", "a\x00b", "x" * (MAX_CHARACTERS + 1), 7])
def test_a_text_that_is_none_is_refused(analyst, home, text):
    assert analyst("POST", of(home), json={"text": text}).status_code == 422


def test_a_home_that_is_not_there_has_no_notes(analyst):
    assert analyst("GET", of(str(uuid.uuid4()))).status_code == 404


def test_a_person_writes_so_many_notes_on_a_home(analyst, home, monkeypatch):
    monkeypatch.setattr(notes, "MAX_NOTES", 0)
    refused = analyst("POST", of(home), json={"text": "one more"})
    assert refused.status_code == 422 and refused.json()["errors"][0]["field"] == "body.text"


def test_a_note_and_the_reading_of_its_authors_name_are_written_down(parts, analyst, as_role, home):
    note = write(analyst, home, "audited")
    viewer = as_role("viewer")
    read = viewer("GET", of(home))
    with parts.transaction(tenant_of(parts, "north")) as session:
        entries = session.scalars(
            sa.select(AuditEntry).where(AuditEntry.object_id.in_([note["note_id"], note["user_id"]]))
        ).all()
    written = [each for each in entries if each.object_kind == "property_notes"]
    assert [(each.action, each.after["text"], str(each.user_id)) for each in written] == [
        ("insert", "audited", note["user_id"])
    ]
    reads = [each for each in entries if each.request_id == read.headers["X-Request-ID"]]
    assert [(each.object_kind, each.action) for each in reads] == [("users", "read")]


def test_the_log_tells_that_a_private_note_was_written_and_not_what(parts, analyst, home):
    note = write(analyst, home, "nobody's business", is_private=True)
    analyst("PATCH", f"{of(home)}/{note['note_id']}", json={"text": "still nobody's"})
    with parts.transaction(tenant_of(parts, "north")) as session:
        entries = session.scalars(sa.select(AuditEntry).where(AuditEntry.object_id == note["note_id"])).all()
    assert [(each.action, each.after["text"]) for each in entries] == [("insert", "***"), ("update", "***")]


def test_pages_of_notes_hold_each_once(analyst, home):
    written = {write(analyst, home, f"page {k}")["note_id"] for k in range(5)}
    found, cursor = [], None
    while True:
        more = f"&cursor={cursor}" if cursor else ""
        answer = analyst("GET", f"{of(home)}?limit=2&with_total=true{more}").json()
        found += [each["note_id"] for each in answer["items"]]
        if (cursor := answer["next_cursor"]) is None:
            break
    assert len(found) == len(set(found)) == answer["total"]
    assert written <= set(found)
