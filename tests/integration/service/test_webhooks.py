"""Webhooks: told of what is new, signed, tried again, given up and replayed."""

import hashlib
import hmac
import json
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import sqlalchemy as sa

from realestate_assets.app import event_functions
from realestate_assets.app.events import Delivery, Webhook
from realestate_assets.operations.events import delivery
from realestate_assets.service import background
from resources.errors import PermanentError, TransientError
from resources.http.outbound import Answer, post
from tests.integration.service.written_events import BASE, add_events, all_after, tenant
from tests.seaweed import free_ports

pytestmark = [pytest.mark.integration]


class Receiver:
    """A server that takes messages, or refuses them."""

    def __init__(self):
        self.messages, self.status = [], 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.messages.append((dict(self.headers), body))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


def inside(url, body, headers):
    """As the service sends, but to this machine too."""
    return post(url, body, headers, allow_private=True)


@pytest.fixture
def hook(parts, as_role, receiver):
    """A webhook of the north, told of scores."""
    delivery.publish(parts.transaction)
    body = {"url": receiver.url, "event_types": ["property.scored"], "counties": ["king-wa"]}
    made = as_role("admin")("POST", f"{BASE}/webhooks", json=body)
    assert made.status_code == 201, made.text
    yield made.json()
    as_role("admin")("DELETE", f"{BASE}/webhooks/{made.json()['webhook_id']}")


def round_(parts, send=inside):
    delivery.publish(parts.transaction)
    return delivery.tell_webhooks(parts.transaction, parts.secret, send)


def make_due(parts):
    with parts.transaction(tenant(parts, "north")) as session:
        session.execute(sa.update(Delivery).values(next_at=sa.func.now()))


def deliveries(as_role, hook, **params):
    path = f"{BASE}/webhooks/{hook['webhook_id']}/deliveries"
    return as_role("analyst")("GET", path, params=params).json()["items"]


def test_a_webhook_is_told_of_what_is_new_in_order_and_signed(parts, warehouse, receiver, hook, as_role):
    wanted = add_events(warehouse, delivery.BATCH + 5)
    add_events(warehouse, 2, kind="memo.generated")
    add_events(warehouse, 2, county="cook-il")
    told = round_(parts)
    assert (told.queued, told.delivered) == (2, 2)
    got = []
    for headers, body in receiver.messages:
        at, made = (part.split("=")[1] for part in headers[delivery.SIGNATURE_HEADER].split(","))
        signed = hmac.new(hook["secret"].encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        assert hmac.compare_digest(made, signed) and abs(int(at) - time.time()) < 60
        got += [event["event_id"] for event in json.loads(body)["events"]]
    assert set(got) == set(wanted) and len(got) == len(wanted)
    assert round_(parts) == delivery.Told() or not receiver.messages[2:]
    (last, first) = deliveries(as_role, hook)
    assert (first["state"], last["state"]) == ("delivered", "delivered")
    assert {first["event_count"], last["event_count"]} == {delivery.BATCH, 5}


def test_what_is_refused_is_tried_again_then_given_up_and_replayed(parts, warehouse, receiver, hook, as_role):
    receiver.status = 503
    add_events(warehouse, 1)
    for attempt in range(1, len(delivery.WAITS) + 2):
        assert round_(parts).failed == 1
        (found,) = deliveries(as_role, hook)
        assert found["attempts"] == attempt and found["failure"] == "The receiver answered 503."
        assert round_(parts).failed == 0
        make_due(parts)
    assert found["state"] == "dead" and round_(parts) == delivery.Told()
    receiver.status = 200
    path = f"{BASE}/webhooks/{hook['webhook_id']}/replay"
    assert as_role("admin")("POST", path, json={}).json() == {"replayed_count": 1}
    assert round_(parts).delivered == 1
    (found,) = deliveries(as_role, hook, state="delivered")
    assert found["status_code"] == 200 and found["failure"] is None


def test_two_processes_send_each_message_once(parts, warehouse, receiver, hook):
    add_events(warehouse, 3 * delivery.BATCH)
    threads = [threading.Thread(target=round_, args=(parts,)) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    round_(parts)
    ids = [json.loads(body)["delivery_id"] for _, body in receiver.messages]
    events = [e["event_id"] for _, body in receiver.messages for e in json.loads(body)["events"]]
    assert len(ids) == len(set(ids)) == 3 and len(events) == len(set(events)) == 3 * delivery.BATCH


def test_what_was_taken_by_a_process_that_ended_is_sent_by_another(parts, warehouse, receiver, hook):
    add_events(warehouse, 1)

    def ends(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        round_(parts, ends)
    assert round_(parts) == delivery.Told() and receiver.messages == []
    make_due(parts)
    assert round_(parts).delivered == 1


def test_a_webhook_that_leads_inside_is_told_nothing(parts, warehouse, receiver, hook, as_role):
    add_events(warehouse, 1)
    assert round_(parts, post).failed == 1
    (found,) = deliveries(as_role, hook)
    assert "no public place" in found["failure"] and receiver.messages == []


def test_a_webhook_that_is_switched_off_is_told_what_came_meanwhile_once_it_is_on(
    parts, warehouse, receiver, hook, as_role
):
    admin, path = as_role("admin"), f"{BASE}/webhooks/{hook['webhook_id']}"
    assert admin("PATCH", path, json={"is_active": False}).json()["is_active"] is False
    add_events(warehouse, 1)
    assert round_(parts) == delivery.Told()
    admin("PATCH", path, json={"is_active": True})
    assert round_(parts).delivered == 1


def test_what_waits_for_a_webhook_that_is_switched_off_waits_until_it_is_on(
    parts, warehouse, receiver, hook, as_role
):
    admin, path = as_role("admin"), f"{BASE}/webhooks/{hook['webhook_id']}"
    receiver.status = 503
    add_events(warehouse, 1)
    assert round_(parts).failed == 1
    admin("PATCH", path, json={"is_active": False})
    receiver.status = 200
    make_due(parts)
    assert round_(parts) == delivery.Told()
    (found,) = deliveries(as_role, hook)
    assert (found["state"], found["attempts"]) == ("waiting", 1)
    admin("PATCH", path, json={"is_active": True})
    assert round_(parts).delivered == 1


def test_a_receiver_that_does_not_answer_costs_its_tenant_one_message_a_round(
    parts, warehouse, receiver, hook, as_role
):
    add_events(warehouse, 2 * delivery.BATCH)
    other = {"url": receiver.url, "event_types": ["property.scored"]}
    made = as_role("admin", "south")("POST", f"{BASE}/webhooks", json=other).json()
    add_events(warehouse, 1, county="travis-tx")
    asked = []

    def send(url, body, headers):
        counties = {event["county"] for event in json.loads(body)["events"]}
        asked.append(counties)
        if counties == {"king-wa"}:
            raise TransientError("Nothing answered in time.")
        return Answer(200, 0.0)

    told = round_(parts, send)
    as_role("admin", "south")("DELETE", f"{BASE}/webhooks/{made['webhook_id']}")
    assert (told.failed, told.delivered) == (1, 1)
    assert sorted(map(sorted, asked)) == [["king-wa"], ["travis-tx"]]


def test_what_fails_in_the_background_holds_nothing_else_up(parts, warehouse, monkeypatch):
    def fails(*_):
        raise RuntimeError("It fails.")

    told = threading.Event()
    monkeypatch.setattr(background, "look_at_due", fails)
    monkeypatch.setattr(background, "tell_webhooks", lambda *_: told.set() or delivery.Told())
    (wanted,) = add_events(warehouse, 1)
    works = background.Background(parts, background.Bell())
    works.start()
    try:
        assert told.wait(20)
        deadline = time.monotonic() + 20
        while wanted not in {each.event_id for each in all_after(parts, "north")}:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        works.stop()


def test_a_test_message_and_a_new_secret(parts, receiver, hook, as_role):
    admin, path = as_role("admin"), f"{BASE}/webhooks/{hook['webhook_id']}"
    renewed = admin("POST", f"{path}/secret").json()["secret"]
    assert renewed != hook["secret"]
    assert admin("POST", f"{path}/test").status_code == 202
    assert round_(parts).delivered == 1
    headers, body = receiver.messages[0]
    at = headers[delivery.SIGNATURE_HEADER].split(",")[0].removeprefix("t=")
    assert headers[delivery.SIGNATURE_HEADER] == delivery.signature(renewed, body, int(at))
    assert json.loads(body)["type"] == "webhook.test"


def test_what_is_kept_for_a_while_goes_after_it_of_every_tenant(parts, warehouse, receiver, hook):
    add_events(warehouse, 1)
    round_(parts)
    with parts.transaction(tenant(parts, "north")) as session:
        (kept,) = session.scalars(sa.select(Delivery.webhook_id)).all() or [None]
        assert kept is not None
    with parts.transaction(None) as session:
        event_functions.forget_old(session)
    with parts.transaction(tenant(parts, "north")) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Delivery)) == 1
        session.execute(sa.update(Delivery).values(ended_at=datetime.now(UTC) - timedelta(days=31)))
    with parts.transaction(None) as session:
        assert event_functions.forget_old(session) >= 1
    with parts.transaction(tenant(parts, "north")) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Delivery)) == 0


def test_webhooks_are_a_tenants_own_and_made_by_who_may(parts, hook, as_role):
    path = f"{BASE}/webhooks/{hook['webhook_id']}"
    south = as_role("admin", "south")
    assert south("GET", f"{BASE}/webhooks").json()["items"] == []
    for method, more in (("GET", ""), ("DELETE", ""), ("GET", "/deliveries"), ("POST", "/test")):
        assert south(method, f"{path}{more}").status_code == 404
    assert south("PATCH", path, json={"is_active": False}).status_code == 404
    body = {"url": "https://example.com/x", "event_types": ["property.scored"]}
    assert as_role("analyst")("POST", f"{BASE}/webhooks", json=body).status_code == 403
    assert as_role("viewer")("GET", path).status_code == 403
    assert "secret" not in as_role("analyst")("GET", path).text
    with parts.transaction(tenant(parts, "south")) as session:
        assert session.scalars(sa.select(Webhook)).all() == []


@pytest.mark.parametrize(
    "change",
    [{"url": "ftp://example.com"}, {"url": "https://user:pw@example.com"}, {"url": "nonsense"}, {"url": "http://"},
     {"event_types": []}, {"event_types": ["no"]}, {"counties": ["travis-tx"]}, {"more": 1}],
)  # fmt: skip
def test_a_webhook_that_cannot_be_is_refused_with_the_field(as_role, change):
    body = {"url": "https://example.com/x", "event_types": ["property.scored"]} | change
    answer = as_role("admin")("POST", f"{BASE}/webhooks", json=body)
    assert answer.status_code == 422 and answer.json()["errors"], answer.text
    assert "pw@" not in answer.text


def test_an_address_that_does_not_answer_is_no_answer():
    (port,) = free_ports(1)
    with pytest.raises(TransientError):
        post(f"http://127.0.0.1:{port}/", b"{}", {}, allow_private=True)
    with pytest.raises(PermanentError):
        post(f"http://localhost:{port}/", b"{}", {})


def test_an_answer_is_a_status_and_a_time(receiver):
    receiver.status = 301
    assert post(receiver.url, b"{}", {"X-A": "b"}, allow_private=True) == Answer(301, pytest.approx(1, abs=5))
