"""A provider in its own process, a service that knows it, and somebody who is known there."""

import uuid

import pytest

from realestate_assets.service.application import create_app
from tests.integration.service.openid.a_browser import (
    a_browser,
    add_member,
    copy_of,
    run_sql,
)
from tests.integration.service.openid.a_provider import (
    running,
)


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    with running(tmp_path_factory.mktemp("provider") / "log") as found:
        yield found


@pytest.fixture(scope="module")
def with_provider(parts, provider):
    return copy_of(parts, provider)


@pytest.fixture(scope="module")
def app(with_provider, no_limits):
    return create_app(with_provider)


@pytest.fixture
def browser(app):
    return a_browser(app)


@pytest.fixture
def person(provider):
    """Somebody at the provider, with an address of their own."""
    subject = f"sub-{uuid.uuid4().hex}"
    email = f"{subject}@north.example.com"
    provider.people[subject] = {"email": email, "email_verified": True, "name": "Ann Example"}
    return subject, email


@pytest.fixture
def member(parts, person):
    """An account with that address and a password, in the north."""
    return add_member(parts, person[1])


@pytest.fixture
def open_north(parts):
    run_sql(parts, "update app.tenants set allows_registration = true where slug = 'north'")
    yield
    run_sql(parts, "update app.tenants set allows_registration = false where slug = 'north'")
