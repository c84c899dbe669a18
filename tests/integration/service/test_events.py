"""The feed of events and its stream."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import sqlalchemy as sa
import uvicorn

from realestate_assets.app import event_functions
from realestate_assets.domain.tables.ops import EVENT_TYPES
from realestate_assets.operations.events import delivery
from realestate_assets.service.application import create_app
from realestate_assets.service.schemas import events as schema
from tests.integration.service.written_events import BASE, add_events, all_after, tenant
from tests.seaweed import free_ports

pytestmark = [pytest.mark.integration]


def test_the_api_tells_of_the_events_that_there_are():
    assert set(schema.EventType.__args__) == set(EVENT_TYPES)


def test_an_event_that_is_committed_late_comes_after_what_was_read_and_is_not_lost(parts, warehouse):
    delivery.publish(parts.transaction)
    late, connection = add_events(warehouse, 2, at=datetime.now(UTC) - timedelta(minutes=20), commit=False)
    early = add_events(warehouse, 3)
    delivery.publish(parts.transaction)
    seen = all_after(parts, "north")
    assert {each.event_id for each in seen} >= set(early) and not {each.event_id for each in seen} & set(late)
    connection.commit()
    connection.close()
    delivery.publish(parts.transaction)
    assert {each.event_id for each in all_after(parts, "north", seen[-1].position)} == set(late)


def test_a_look_at_what_has_just_happened_leaves_what_was_written_late_to_a_whole_one(parts, warehouse):
    old = add_events(warehouse, 2, at=datetime.now(UTC) - timedelta(minutes=30))
    new = add_events(warehouse, 2)

    def told():
        return {each.event_id for each in all_after(parts, "north")} & {*old, *new}

    delivery.publish(parts.transaction, is_recent_alone=True)
    assert told() == set(new)
    delivery.publish(parts.transaction)
    assert told() == {*old, *new}


def test_publishers_at_once_give_every_event_one_position(parts, warehouse):
    ids = set(add_events(warehouse, 300))
    threads = [threading.Thread(target=delivery.publish, args=(parts.transaction,)) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    delivery.publish(parts.transaction)
    found = [each for each in all_after(parts, "north") if each.event_id in ids]
    assert len(found) == 300 and len({each.position for each in found}) == 300


def test_a_tenant_is_told_of_its_own_counties_alone(parts, warehouse, as_role):
    mine, other = add_events(warehouse, 2), add_events(warehouse, 2, county="travis-tx")
    delivery.publish(parts.transaction)
    for slug, ours, theirs in (("north", mine, other), ("south", other, mine)):
        listed = as_role("viewer", slug)("GET", f"{BASE}/events", params={"limit": 200}).json()["items"]
        ids = {each["event_id"] for each in listed}
        assert set(ours) <= ids and not set(theirs) & ids


def test_the_service_reads_the_feed_through_its_view_alone(parts):
    for table in ("work.event_feed", "ops.events"):
        denied = pytest.raises(sa.exc.ProgrammingError, match="permission denied")
        with denied, parts.transaction(tenant(parts, "north")) as session:
            session.execute(sa.text(f"select * from {table}"))


def test_pages_of_events_follow_each_other_from_the_newest(parts, warehouse, as_role):
    ids = add_events(warehouse, 5, kind="memo.generated")
    delivery.publish(parts.transaction)
    seen, cursor = [], None
    while True:
        params = {"limit": 2, "event_type": "memo.generated"} | ({"cursor": cursor} if cursor else {})
        page = as_role("viewer")("GET", f"{BASE}/events", params=params).json()
        seen += [each["event_id"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) and set(ids) <= set(seen)
    assert as_role("viewer")("GET", f"{BASE}/events", params={"event_type": "no"}).status_code == 422


@pytest.fixture
def served(parts):
    """The service on a port, with its work in the background."""
    (port,) = free_ports(1)
    config = uvicorn.Config(
        create_app(parts, works_in_background=True), port=port, log_config=None, timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(30)


def read_stream(url, token, wanted, after=None, seconds=40.0):
    """Ids of events and the last position, until so many came."""
    headers = {"Authorization": f"Bearer {token}"} | ({"Last-Event-ID": after} if after else {})
    found, position = [], after
    with httpx.Client(timeout=seconds) as client, client.stream("GET", url, headers=headers) as answer:
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            if line.startswith("id: "):
                position = line.removeprefix("id: ")
            elif line.startswith("data: "):
                found.append(json.loads(line.removeprefix("data: "))["event_id"])
            if len(found) >= wanted:
                break
    return found, position


def test_a_stream_that_is_broken_off_goes_on_without_loss_and_without_repeating(
    parts, warehouse, served, as_role
):
    delivery.publish(parts.transaction)
    with parts.transaction(None) as session:
        start = str(event_functions.latest(session))
    token, url = as_role("viewer").token, f"{served}{BASE}/events/stream"
    written = []

    def write():
        for _ in range(10):
            written.extend(add_events(warehouse, 3))
            time.sleep(0.2)

    writer = threading.Thread(target=write)
    writer.start()
    first, position = read_stream(url, token, 4, after=start)
    writer.join()
    written.extend(add_events(warehouse, 3))
    rest, _ = read_stream(url, token, len(written) - len(first), after=position)
    assert first + rest == written


def test_a_stream_is_for_those_who_are_signed_in(served):
    assert httpx.get(f"{served}{BASE}/events/stream").status_code == 401
