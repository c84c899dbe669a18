"""Two tenants: by whatever endpoint and id one asks, it neither sees, changes nor infers the other's rows."""

import copy
import re
import uuid

import pytest
import sqlalchemy as sa

from realestate_assets.app.identities import Identity
from realestate_assets.app.tables import METADATA
from realestate_assets.service.routers import events
from resources.lake.store import StoreResource
from resources.warehouse import migration
from tests.integration.service.a_market import fill_index
from tests.integration.service.test_imports import FILE

pytestmark = pytest.mark.integration

# In every text that the north enters.
NEEDLE = "haystack-7f3a9c"
TABLES = [t for t in METADATA.sorted_tables if t.schema == "app"]
JSON = "application/json"


@pytest.fixture(autouse=True, scope="module")
def _streams_end():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(events, "STREAM_SECONDS", 0.1)
        yield


@pytest.fixture(scope="module")
def market(market, parts):
    """With an index of its homes."""
    fill_index(parts.resources, market)
    return market


@pytest.fixture(scope="module")
def entered(market, parts, as_role, tmp_path_factory):
    """What the north enters, by the name of the path's parameter."""
    north = as_role("admin", "north")

    def post(path, **body):
        answer = north("POST", f"/api/v1{path}", json=body)
        assert answer.status_code in (200, 201, 202), (path, answer.text)
        return answer.json()

    me = north("GET", "/api/v1/auth/me").json()
    hook = post(
        "/webhooks", url=f"https://example.com/{NEEDLE}", event_types=["property.scored"], counties=None
    )
    post(f"/webhooks/{hook['webhook_id']}/test")
    team = post("/teams", name=NEEDLE)["team_id"]
    assert north("PUT", f"/api/v1/teams/{team}/members/{me['user_id']}").status_code == 200
    key = post("/keys", name=NEEDLE, scopes=["properties:read"], days=1)
    search = post(
        "/searches", name=NEEDLE, county="king-wa", filters={"min_score": 1}, is_alerted=True, is_shared=True,
        webhook_id=hook["webhook_id"],
    )  # fmt: skip
    post("/invitations", email=f"{NEEDLE}@example.com", name=NEEDLE, roles=["viewer"])
    home = north("GET", "/api/v1/properties", params={"county": "king-wa"}).json()["items"][0]["property_id"]
    assert north("PUT", f"/api/v1/properties/{home}/mark", json={"mark": "saved"}).status_code == 204
    note = post(f"/properties/{home}/notes", text=NEEDLE)
    correction = post(f"/properties/{home}/corrections", field="bedrooms", value=17, reason=NEEDLE)
    parts.resources["landing"] = StoreResource(root_url=str(tmp_path_factory.mktemp("landing")))
    named = {"county": "king-wa", "file_name": f"{NEEDLE}.csv"}
    assert north("POST", "/api/v1/imports", params=named, content=FILE.encode()).status_code == 201
    path = f"/api/v1/properties/{home}/archive"
    assert north("PUT", path, json={"reason": NEEDLE}).status_code == 204
    tenant_id = uuid.UUID(me["tenant_id"])
    with parts.transaction(tenant_id) as session:
        tied = {"issuer": f"https://{NEEDLE}.example.com", "subject_hash": NEEDLE.encode()}
        session.add(Identity(tenant_id=tenant_id, user_id=uuid.UUID(me["user_id"]), **tied))
    assert north("PATCH", "/api/v1/tenant", json={"name": NEEDLE}).status_code == 200
    return {
        "webhook_id": hook["webhook_id"],
        "team_id": team,
        "key_id": key["key_id"],
        "search_id": search["search_id"],
        "user_id": me["user_id"],
        "tenant_id": me["tenant_id"],
        "property_id": home,
        "note_id": note["note_id"],
        "correction_id": correction["correction_id"],
        "county": "king-wa",
    }


def rows_of_north(parts, entered):
    """All rows of the north, as the owner of the tables sees them, but for what is counted as it is used."""
    found = {}
    with migration.engine(parts.resources["warehouse"].database_url()).connect() as owner:
        for table in TABLES:
            if table.name == "audit_log":
                continue
            asked = sa.select(table).where(table.c.tenant_id == uuid.UUID(entered["tenant_id"]))
            found[table.name] = sorted(repr(tuple(row)) for row in owner.execute(asked))
    return found


def operations(client):
    """Method, path and operation of the API's document."""
    document = client.app.openapi()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if path.startswith("/api/v1/") and not path.startswith("/api/v1/auth/"):
                yield method.upper(), path, operation, document


def body_of(operation, document):
    """A body that the document gives as an example; empty where it has none."""
    content = operation.get("requestBody", {}).get("content", {}).get(JSON)
    if content is None:
        return None
    schema = content.get("schema", {})
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    shown = content.get("example", schema.get("example", (schema.get("examples") or [None])[0]))
    given = content.get("examples")
    if shown is None and given:
        shown = next(iter(given.values()))["value"]
    return copy.deepcopy(shown) if shown is not None else {}


def told(answer):
    """What an answer says, without what is of this one request."""
    text = answer.text
    for name in ("request_id", "instance"):
        text = re.sub(rf'"{name}":\s*"[^"]*"', f'"{name}": ""', text)
    return answer.status_code, text


def test_the_north_has_entered_something_into_every_table(parts, entered):
    rows = rows_of_north(parts, entered)
    assert [name for name, found in rows.items() if not found] == []


def test_an_id_of_another_tenant_is_answered_like_one_that_is_nobodys(client, as_role, parts, entered):
    south, before = as_role("admin", "south"), rows_of_north(parts, entered)
    tried, wrong = 0, []
    for method, path, operation, document in operations(client):
        names = re.findall(r"\{([^}]+)\}", path)
        if not names or set(names) - entered.keys():
            continue
        theirs, nobodys = path, path
        for name in names:
            theirs = theirs.replace(f"{{{name}}}", entered[name])
            other = "nowhere-wa" if name == "county" else str(uuid.uuid4())
            nobodys = nobodys.replace(f"{{{name}}}", other)
        body = body_of(operation, document)
        options = {} if body is None else {"json": body}
        found, expected = (told(south(method, url, **options)) for url in (theirs, nobodys))
        tried += 1
        # Marks are one's own of any id; whose home it is, is not told by them.
        if found != expected or (found[0] < 300 and not path.endswith("/mark")):
            wrong.append((method, path, found[0], expected[0], found[1][:200]))
    assert wrong == []
    assert tried > 30
    assert rows_of_north(parts, entered) == before


def test_no_list_search_export_event_or_error_of_the_south_holds_what_the_north_entered(
    client, as_role, entered
):
    south = as_role("admin", "south")
    marks = {NEEDLE, *(value for name, value in entered.items() if name not in ("county",))}
    read, leaks = 0, []
    queries = ({}, {"q": NEEDLE, "search": NEEDLE, "county": "king-wa"}, {"limit": 200, "with_total": "true"})
    for method, path, _, _ in operations(client):
        if method != "GET" or "{" in path:
            continue
        for params in queries:
            answer = south("GET", path, params=params)
            read += 1
            held = [mark for mark in marks if mark in answer.text]
            if held:
                leaks.append((path, params, held))
    assert leaks == []
    assert read > 60


def test_nothing_the_south_does_stands_in_the_log_of_the_north(as_role, entered):
    me = as_role("admin", "south")("GET", "/api/v1/auth/me").json()["user_id"]
    asked = {"user_id": me, "limit": 200}
    assert as_role("admin", "north")("GET", "/api/v1/audit", params=asked).json()["items"] == []


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_raw_sql_of_the_services_role_reaches_no_row_of_another_tenant(parts, as_role, entered, table):
    south = uuid.UUID(as_role("admin", "south")("GET", "/api/v1/auth/me").json()["tenant_id"])
    north = uuid.UUID(entered["tenant_id"])
    with parts.transaction(south) as session:
        theirs = sa.select(sa.func.count()).select_from(table).where(table.c.tenant_id == north)
        assert session.scalar(theirs) == 0
    grants = table.info.get("grants", ("select", "insert", "update", "delete"))
    for verb, statement in (
        ("update", sa.update(table).where(table.c.tenant_id == north).values(tenant_id=south)),
        ("delete", sa.delete(table).where(table.c.tenant_id == north)),
    ):
        if verb in grants:
            with parts.transaction(south) as session:
                assert session.execute(statement).rowcount == 0
