"""Quotas of plans: counted once, held by requests at once, told where they end."""

import csv
import io
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from realestate_assets.app.mails import Mail
from realestate_assets.app.tenants import Tenant
from realestate_assets.operations.accounts import plans, quotas
from realestate_assets.operations.accounts.first import add_person
from realestate_assets.operations.accounts.plans import (
    MESSAGES,
    PLANS,
    PROPERTIES,
    REQUESTS,
    next_month,
    this_month,
)
from realestate_assets.operations.accounts.tenants import add_tenant
from realestate_assets.operations.events.webhooks import add_delivery, add_webhook
from tests.integration.service.conftest import PASSWORD

pytestmark = pytest.mark.integration

LIST = "/api/v1/properties"


@pytest.fixture
def small(monkeypatch):
    """A free plan that holds little."""
    quota = {PROPERTIES: 3, REQUESTS: 10_000, MESSAGES: 1}
    monkeypatch.setattr(quotas, "PLANS", {**PLANS, "free": plans.Plan("free", quota)})


@pytest.fixture
def tenant(parts):
    """A new tenant's id."""
    with parts.transaction(None) as session:
        return add_tenant(session, slug=f"t-{uuid.uuid4().hex[:12]}", name="T", counties=["travis-tx"])


def used(parts, tenant, metric):
    with parts.transaction(tenant) as session:
        return {each.metric: each for each in quotas.standings(session, "free", this_month())}[metric].used


def test_a_property_counts_once_a_month_however_it_is_opened(market, stranger, as_role):
    first = stranger("GET", LIST, params={"limit": 1}).json()["items"][0]["property_id"]
    admin = as_role("admin", "south")

    def opened():
        items = admin("GET", "/api/v1/usage").json()["items"]
        return next(each["used"] for each in items if each["metric"] == "properties")

    before = opened()
    for path in ("", "/history", "/comparables", "/contributions", "/provenance"):
        assert stranger("GET", f"{LIST}/{first}{path}").status_code == 200
    assert stranger("GET", f"/api/v1/scores/{first}").status_code == 200
    assert opened() == before + 1
    assert stranger("GET", f"{LIST}/{uuid.uuid4()}").status_code == 404
    assert stranger("GET", LIST).status_code == 200
    assert opened() == before + 1


def test_what_the_plan_does_not_hold_is_refused_with_its_end_and_what_was_opened_stays_open(
    parts, small, tenant
):
    ids = [str(uuid.uuid4()) for _ in range(4)]
    with parts.transaction(tenant) as session:
        assert quotas.open_properties(session, tenant, "free", ids[:3]) == 3
    with pytest.raises(quotas.QuotaExceededError) as error, parts.transaction(tenant) as session:
        quotas.open_properties(session, tenant, "free", ids[3:])
    assert "opens 3 properties a month" in str(error.value)
    assert f"{next_month(this_month()):%Y-%m-%d}" in str(error.value)
    with parts.transaction(tenant) as session:
        assert quotas.open_properties(session, tenant, "free", ids[:3]) == 0
        # Another plan holds it at once.
        assert quotas.open_properties(session, tenant, "professional", ids[3:]) == 1
    assert used(parts, tenant, PROPERTIES) == 4


def test_the_api_answers_a_used_up_quota_as_a_problem(market, stranger, monkeypatch):
    monkeypatch.setattr(
        quotas, "PLANS", {**PLANS, "free": plans.Plan("free", {**PLANS["free"].quotas, PROPERTIES: 0})}
    )
    rows = stranger("GET", LIST, params={"limit": 200}).json()["items"]
    answer = stranger("GET", f"{LIST}/{rows[-1]['property_id']}")
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"].endswith("quota-exceeded")
    exported = stranger("GET", "/api/v1/exports/properties")
    assert exported.status_code == 403 and exported.json()["type"].endswith("quota-exceeded")


def test_requests_are_counted_and_refused_beyond_the_plan(market, stranger, as_role, monkeypatch):
    admin = as_role("admin", "south")

    def requests():
        items = admin("GET", "/api/v1/usage").json()["items"]
        return next(each["used"] for each in items if each["metric"] == "requests")

    before = requests()
    stranger("GET", "/api/v1/counties")
    assert requests() == before + 2
    quota = {**PLANS["free"].quotas, REQUESTS: before + 2}
    monkeypatch.setattr(quotas, "PLANS", {**PLANS, "free": plans.Plan("free", quota)})
    answer = stranger("GET", "/api/v1/counties")
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (403, "quota-exceeded")
    again = stranger("GET", "/api/v1/counties")
    # What the plan refuses is a request all the same: the limit of a minute counts it.
    left = [int(each.headers["RateLimit"].split("r=")[1].split(";")[0]) for each in (answer, again)]
    assert left[0] - left[1] == 1 or left[1] > left[0]


def at_once(count, work):
    """Do the same in so many threads that begin together; what each gave back."""
    begin = threading.Barrier(count)

    def waited(_):
        begin.wait()
        return work()

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(waited, range(count)))


def test_threads_at_once_cannot_overrun_a_quota(parts, small, tenant):
    def opens_one():
        try:
            with parts.transaction(tenant) as session:
                quotas.open_properties(session, tenant, "free", [str(uuid.uuid4())])
        except quotas.QuotaExceededError:
            return False
        return True

    assert sorted(at_once(8, opens_one)) == [False] * 5 + [True] * 3
    assert used(parts, tenant, PROPERTIES) == 3
    with parts.transaction(tenant) as session:
        assert session.scalar(sa.text("select count(*) from work.opened_properties")) == 3


def test_mail_about_an_account_is_sent_beyond_the_plan_and_counted(parts, small):
    ann = add_person(
        parts.transaction, parts.sealer, email=f"{uuid.uuid4().hex}@t.example.com", name="Ann",
        slug=f"t-{uuid.uuid4().hex[:12]}", roles=["viewer"], password=PASSWORD, counties=(),
    )  # fmt: skip

    def written():
        with parts.transaction(ann.tenant_id) as session:
            context = {"url": "https://x.example.com", "tenant": "T", "email": "a@example.com"}
            return parts.mailer.post(session, ann.user_id, "a@example.com", "password_reset", "S", context)

    assert len(set(at_once(6, written))) == 6
    assert used(parts, ann.tenant_id, MESSAGES) == 6
    with parts.transaction(ann.tenant_id) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Mail)) == 6
    # What is not about an account has no room left.
    with pytest.raises(quotas.QuotaExceededError), parts.transaction(ann.tenant_id) as session:
        quotas.take(session, ann.tenant_id, "free", MESSAGES)
    assert used(parts, ann.tenant_id, MESSAGES) == 6


def test_the_same_property_opened_at_once_counts_once(parts, tenant):
    home = str(uuid.uuid4())

    def open_it():
        with parts.transaction(tenant) as session:
            return quotas.open_properties(session, tenant, "free", [home])

    assert sorted(at_once(6, open_it)) == [0] * 5 + [1]
    assert used(parts, tenant, PROPERTIES) == 1


def test_what_is_rolled_back_was_not_used(parts, tenant):
    with pytest.raises(ZeroDivisionError), parts.transaction(tenant) as session:
        quotas.open_properties(session, tenant, "free", [str(uuid.uuid4())])
        raise ZeroDivisionError
    assert used(parts, tenant, PROPERTIES) == 0


def test_a_message_beyond_the_plan_is_kept_and_says_why(parts, small, tenant):
    with parts.transaction(tenant) as session:
        made = add_webhook(
            session,
            parts.secret,
            tenant_id=tenant,
            url="https://example.com/h",
            event_types=[],
            counties=None,
        )
        sent = [add_delivery(session, made.webhook, "webhook.test", []) for _ in range(2)]
    assert [each.state for each in sent] == ["waiting", "dead"]
    assert "sends 1 messages a month" in sent[1].failure


def test_a_tenant_never_uses_of_anothers_quota(parts, tenant):
    with parts.transaction(None) as session:
        other = add_tenant(session, slug=f"t-{uuid.uuid4().hex[:12]}", name="O", counties=[])
    with (
        pytest.raises(sa.exc.ProgrammingError, match="row-level security"),
        parts.transaction(other) as session,
    ):
        quotas.take(session, tenant, "free", REQUESTS)
    assert used(parts, tenant, REQUESTS) == 0


def test_usage_of_all_tenants_is_exported_for_billing(as_role, parts, tenant):
    operator = as_role("admin", "north")
    with parts.transaction(tenant) as session:
        quotas.take(session, tenant, "free", MESSAGES, 7)
        slug = session.scalars(sa.select(Tenant.slug)).one()
    told = operator("GET", "/api/v1/tenants-usage").json()["items"]
    mine = {each["metric"]: each for each in told if each["slug"] == slug}
    assert (mine["messages"]["used"], mine["messages"]["left"]) == (7, PLANS["free"].quotas[MESSAGES] - 7)
    text = operator("GET", "/api/v1/tenants-usage", params={"format": "csv"}).text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {(row["slug"], row["metric"], row["used"]) for row in rows} >= {(slug, "messages", "7")}
    assert operator("GET", "/api/v1/tenants-usage", params={"month": "2001-01"}).json()["total"] == 0
