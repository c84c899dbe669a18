"""People and tenants as the command line adds and mends them."""

import pytest

from realestate_assets.operations.accounts.first import change_counties, set_password
from realestate_assets.operations.accounts.sign_in import FAILURES
from resources.errors import PermanentError
from tests.integration.service.conftest import PASSWORD

pytestmark = [pytest.mark.integration]

EMAIL, NEW = "viewer@north.example.com", "another horse battery"


def signs_in(client, password):
    return client.post("/api/v1/auth/login", json={"email": EMAIL, "password": password}).status_code == 200


def test_another_password_opens_an_account_that_waits_and_ends_its_sign_ins(parts, client, as_role):
    before = as_role("viewer")
    for _ in range(FAILURES):
        assert not signs_in(client, "wrong horse battery")
    assert not signs_in(client, PASSWORD)
    assert set_password(parts.transaction, parts.sealer, email=EMAIL, tenant=None, password=NEW) == "north"
    assert signs_in(client, NEW) and not signs_in(client, PASSWORD)
    assert before("GET", "/api/v1/auth/me").status_code == 401


@pytest.mark.parametrize("tenant", [None, "south"])
def test_an_account_that_is_not_there_is_said(parts, tenant):
    email = "nobody@example.com" if tenant is None else EMAIL
    with pytest.raises(PermanentError, match="No account"):
        set_password(parts.transaction, parts.sealer, email=email, tenant=tenant, password=NEW)


def test_a_tenant_sees_other_counties_once_it_is_said_and_twice_is_once(parts):
    for _ in range(2):
        seen = change_counties(parts.transaction, tenant="south", add=["cook-il"], remove=["travis-tx"])
        assert seen == ["cook-il"]
    assert change_counties(parts.transaction, tenant="north") == ["cook-il", "king-wa"]
    with pytest.raises(PermanentError, match="no tenant"):
        change_counties(parts.transaction, tenant="nowhere", add=["cook-il"])
