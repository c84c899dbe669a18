"""A person with an account is given all that stands of them, and erased from every table that has a row."""

import json
import uuid
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from realestate_assets.app.erasure import erase_account, person_columns
from realestate_assets.app.tables import METADATA
from realestate_assets.operations.accounts.first import add_person
from realestate_assets.operations.persons import accounts
from realestate_assets.operations.retention.ops_rows import KINDS, old_rows
from resources.errors import PermanentError
from resources.warehouse import migration
from tests.integration.service.conftest import PASSWORD, Asker
from tests.integration.service.test_row_security import tenant_of

pytestmark = pytest.mark.integration
EMAIL = "leaving@north.example.com"
NOTE, PRIVATE = "Known to nobody else.", "For my eyes."


def owner(parts):
    return migration.engine(parts.resources["warehouse"].database_url())


def rows_of(parts, user_id) -> dict[str, int]:
    """Rows with an id of a person, by table and column, as the owner of the tables sees them."""
    found = {}
    with owner(parts).connect() as connection:
        for column in person_columns():
            query = sa.select(sa.func.count()).where(column.table.columns[column.name] == uuid.UUID(user_id))
            if count := connection.scalar(query):
                found[f"{column.table.fullname}.{column.name}"] = count
    return found


@pytest.fixture
def person(parts, client, market):
    """Somebody of the north who has left traces: sign-ins, a key, notes, a mark, a search, a correction."""
    add_person(
        parts.transaction, parts.sealer, email=EMAIL, name="Leah Leaving", slug="north",
        roles=["analyst", "ops"], password=PASSWORD, counties=(),
    )  # fmt: skip
    body = {"email": EMAIL, "password": PASSWORD}
    asked = Asker(client, client.post("/api/v1/auth/login", json=body).json()["access_token"])
    user_id = asked("GET", "/api/v1/auth/me").json()["user_id"]
    home = str(market.scores["king-wa"]["property_id"].iloc[0])
    made = [
        asked("POST", f"/api/v1/properties/{home}/notes", json={"text": NOTE}),
        asked("POST", f"/api/v1/properties/{home}/notes", json={"text": PRIVATE, "is_private": True}),
        asked("PUT", f"/api/v1/properties/{home}/mark", json={"mark": "saved"}),
        asked("POST", "/api/v1/keys", json={"name": "Leah's own", "scopes": ["me:read"]},
              headers={"Idempotency-Key": uuid.uuid4().hex}),
        asked("POST", "/api/v1/searches",
              json={"name": "Leah looks", "county": "king-wa", "filters": {"min_bedrooms": 2}}),
        asked("POST", f"/api/v1/properties/{home}/corrections",
              json={"field": "bedrooms", "value": 9, "reason": "Seen."}),
    ]  # fmt: skip
    assert [each.status_code for each in made] == [201, 201, 204, 201, 201, 201]
    yield asked, user_id
    accounts.erase_by_address(parts.resources["warehouse"].database_url(), parts.sealer, EMAIL, is_done=True)


def test_every_column_with_an_id_of_a_person_is_known():
    """Whoever adds one refers to the account, or names it so that it is found."""
    known = {(each.table.fullname, each.name) for each in person_columns()}
    others = {
        (table.fullname, column.name)
        for table in METADATA.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.UUID)
        and ("user" in column.name or "person" in column.name or column.name.endswith("_by"))
    }
    assert others == known


def test_a_person_is_given_all_that_stands_of_them_in_clear(person):
    asked, user_id = person
    answer = asked("GET", "/api/v1/me/export")
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    told = answer.json()
    assert told["account"] == {"user_id": user_id, "email": EMAIL, "name": "Leah Leaving"}
    for table in ("users", "memberships", "sign_ins", "api_keys", "property_notes", "property_marks"):
        assert told["rows"][f"app.{table}"], table
    assert {each["text"] for each in told["rows"]["app.property_notes"]} == {NOTE, PRIVATE}
    assert told["rows"]["app.property_corrections.proposed_by"][0]["reason"] == "Seen."
    assert not any(word in answer.text for word in ("_hash", "_sealed", "argon2"))


def test_an_admin_sees_the_plan_and_nothing_is_changed_by_it(parts, person, as_role):
    _, user_id = person
    before = rows_of(parts, user_id)
    plan = as_role("admin")("GET", f"/api/v1/users/{user_id}/erasure").json()
    assert plan["is_done"] is False
    told = {(each["place"], each["deed"]): each["count"] for each in plan["places"]}
    assert told["app.property_notes", "removed"] == 2 and told["app.users", "removed"] == 1
    assert told["app.property_corrections", "kept"] == 1
    after = rows_of(parts, user_id)
    assert {name: count for name, count in after.items() if "audit" not in name} == {
        name: count for name, count in before.items() if "audit" not in name
    }


def test_an_erased_person_is_nowhere_but_by_id_where_a_rule_keeps_it(parts, person, as_role):
    asked, user_id = person
    admin = as_role("admin")
    done = admin("POST", f"/api/v1/users/{user_id}/erasure")
    assert done.status_code == 200 and done.json()["is_done"]
    left = rows_of(parts, user_id)
    assert left.keys() == {"app.audit_log.user_id", "app.property_corrections.proposed_by"}
    why = {each["place"]: each["why"] for each in done.json()["places"] if each["deed"] == "kept"}
    assert all("GDPR" in text for text in why.values()) and why.keys() == {
        "app.audit_log", "app.property_corrections",
    }  # fmt: skip
    with owner(parts).connect() as connection:
        entries = connection.execute(sa.text("select l::text from app.audit_log l")).scalars().all()
    assert not any(word in entry for entry in entries for word in (NOTE, PRIVATE, "Leah", "leaving@"))
    assert any("erase" in entry and user_id in entry for entry in entries)
    assert asked("GET", "/api/v1/auth/me").status_code == 401
    assert admin("GET", f"/api/v1/users/{user_id}").status_code == 404
    again = admin("POST", f"/api/v1/users/{user_id}/erasure")
    assert again.status_code == 404


def test_what_was_kept_in_backups_of_the_tables_is_noise_without_the_persons_key(parts, person):
    """A row as it was before: the key is gone, and no other opens it."""
    _, user_id = person
    with owner(parts).connect() as connection:
        row = connection.execute(
            sa.text("select name_sealed from app.users where user_id = :id"), {"id": user_id}
        ).one()
    url = parts.resources["warehouse"].database_url()
    report = accounts.erase_by_address(url, parts.sealer, EMAIL, is_done=True)
    assert {(line.place, line.count) for line in report.lines} >= {("app.person_keys", 1)}
    other = parts.sealer.new_key(uuid.UUID(user_id))
    with pytest.raises(PermanentError, match="cannot be decrypted"):
        parts.sealer.unseal(other, uuid.UUID(user_id), "users.name", row.name_sealed)


def test_given_again_it_finds_what_is_kept_and_changes_nothing(parts, person):
    _, user_id = person
    url = parts.resources["warehouse"].database_url()
    first = accounts.erase_by_address(url, parts.sealer, EMAIL, is_done=True)
    assert any(line.deed == "removed" for line in first.lines)
    left = rows_of(parts, user_id)
    again = accounts.erase_by_address(url, parts.sealer, EMAIL, is_done=True)
    assert again.lines == () and again.more[0] == "No account has this address."
    assert rows_of(parts, user_id) == left


def test_one_that_is_killed_in_the_middle_has_done_nothing_and_the_next_finishes(parts, person):
    _, user_id = person
    before = rows_of(parts, user_id)
    with pytest.raises(sa.exc.OperationalError), parts.transaction(tenant_of(parts, "north")) as session:
        erase_account(session, uuid.UUID(user_id), is_done=True)
        session.execute(sa.text("select pg_terminate_backend(pg_backend_pid())"))
    assert rows_of(parts, user_id) == before
    accounts.erase_by_address(parts.resources["warehouse"].database_url(), parts.sealer, EMAIL, is_done=True)
    assert "app.users.user_id" not in rows_of(parts, user_id)


def test_an_account_that_was_deleted_before_is_found_by_its_address_still(parts, person, as_role):
    _, user_id = person
    assert as_role("admin")("DELETE", f"/api/v1/users/{user_id}").status_code == 204
    url = parts.resources["warehouse"].database_url()
    (found,) = accounts.export_by_address(url, parts.sealer, EMAIL.upper())
    assert found["account"]["name"] == "Leah Leaving"
    report = accounts.erase_by_address(url, parts.sealer, EMAIL, is_done=True)
    assert report.as_json()["is_done"] and "app.users.user_id" not in rows_of(parts, user_id)


def test_another_tenant_neither_exports_nor_erases(parts, person, as_role):
    _, user_id = person
    south = as_role("admin", "south")
    for method, what in (("GET", "export"), ("GET", "erasure"), ("POST", "erasure")):
        assert south(method, f"/api/v1/users/{user_id}/{what}").status_code == 404
    with parts.transaction(tenant_of(parts, "south")) as session:
        assert not [each for each in erase_account(session, uuid.UUID(user_id), is_done=True) if each.rows]
    with parts.transaction(None) as session:
        assert not [each for each in erase_account(session, uuid.UUID(user_id), is_done=True) if each.rows]
    assert rows_of(parts, user_id)["app.users.user_id"] == 1


def test_a_tenant_keeps_an_admin(parts, as_role):
    admin = as_role("admin", "south")
    own = admin("GET", "/api/v1/auth/me").json()["user_id"]
    refused = admin("POST", f"/api/v1/users/{own}/erasure")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:realestate-os:problem:last-admin")


def test_old_entries_of_the_log_go_by_its_owner_after_their_days(parts, person):
    warehouse = parts.resources["warehouse"]
    with owner(parts).begin() as connection:
        aged = sa.text(
            "update app.audit_log set at = '2015-01-01' "
            "where entry_id = (select max(entry_id) from app.audit_log)"
        )
        connection.execute(aged)
    before = datetime(2020, 1, 1, tzinfo=UTC)
    assert old_rows(warehouse, KINDS["audit"], before, False).count == 1
    assert old_rows(warehouse, KINDS["audit"], before, True).count == 1
    assert old_rows(warehouse, KINDS["audit"], before, True).count == 0


def test_an_export_is_json_whatever_stands_in_the_rows(parts, person):
    found = accounts.export_by_address(parts.resources["warehouse"].database_url(), parts.sealer, EMAIL)
    assert json.loads(json.dumps(found, default=str))[0]["tenant"] == "north"
