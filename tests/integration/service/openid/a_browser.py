"""What tests of sign-in by a provider do: a service with one, a browser, the way there and back."""

import re
from urllib.parse import urlsplit

from starlette.testclient import TestClient

from realestate_assets.operations.accounts.first import add_person
from realestate_assets.service.parts import Parts
from resources.warehouse import migration
from tests.integration.service.conftest import PASSWORD
from tests.integration.service.openid.a_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    HERE,
)

START, AUTH = "/sign-in/provider", "/api/v1/auth"
PAGE = {"Accept": "text/html,*/*;q=0.8"}


def copy_of(parts, provider, **settings):
    """A service of its own over the same database, as another copy of it is."""
    given = {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET,
        "oidc_name": "Example",
        **settings,
    }
    changed = type(parts.settings).model_validate(parts.settings.model_dump() | given)
    return Parts(changed, parts.secret, parts.engine, parts.resources)


def a_browser(app, base_url=HERE):
    return TestClient(
        app, base_url=base_url, follow_redirects=False, raise_server_exceptions=False, headers=PAGE
    )


def add_member(parts, email, slug="north"):
    return add_person(
        parts.transaction, parts.sealer, email=email, name="Ann", slug=slug, roles=["analyst"],
        password=PASSWORD, counties=(),
    )  # fmt: skip


def begin(browser, **asked):
    answer = browser.get(START, params=asked)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def path_of(address):
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def come_back(browser, provider, subject, how=None, **asked):
    """The whole way of a browser: there, signed in as somebody, and back."""
    address = begin(browser, **asked)
    provider.steer(subject, **(how or {}))
    return browser.get(path_of(provider.sign_in(address)))


def heading(answer):
    return re.search(r"<h1>(.*?)</h1>", answer.text).group(1)


def me(browser):
    return browser.get(f"{AUTH}/me", headers={"Accept": "application/json"})


def refused(answer, status, words, browser):
    assert (answer.status_code, words in heading(answer)) == (status, True), answer.text
    assert me(browser).status_code == 401
    assert answer.headers["referrer-policy"] == "no-referrer"


def run_sql(parts, sql):
    with migration.engine(parts.resources["warehouse"].database_url()).begin() as owner:
        owner.exec_driver_sql(sql)
