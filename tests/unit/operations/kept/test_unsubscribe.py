"""Links that end mail: of one search and tenant, by our secret, and nothing else."""

import uuid

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.app.secret import ServiceSecret
from realestate_assets.operations.kept import unsubscribe
from realestate_assets.operations.kept.letters import counted

SECRET = ServiceSecret(b"s" * 40)


@given(st.uuids(), st.uuids())
def test_a_token_says_tenant_and_search(tenant_id, search_id):
    assert unsubscribe.read(SECRET, unsubscribe.token(SECRET, tenant_id, search_id)) == (tenant_id, search_id)


def test_a_token_of_another_secret_or_purpose_is_none():
    named = uuid.UUID(int=1), uuid.UUID(int=2)
    assert unsubscribe.read(SECRET, unsubscribe.token(ServiceSecret(b"t" * 40), *named)) is None
    claims = {"aud": "realestate-os-document", "tid": str(named[0]), "sub": str(named[1])}
    for key in (SECRET.key("document-links"), SECRET.key(unsubscribe.PURPOSE)):
        assert unsubscribe.read(SECRET, jwt.encode(claims, key, "HS256")) is None
    without = {"aud": unsubscribe.AUDIENCE, "tid": "x", "sub": str(named[1])}
    assert unsubscribe.read(SECRET, jwt.encode(without, SECRET.key(unsubscribe.PURPOSE), "HS256")) is None


@given(st.text())
def test_no_other_text_is_a_token(text):
    assert unsubscribe.read(SECRET, text) is None


@pytest.mark.parametrize(
    ("new", "cuts", "said"),
    [(1, 0, "1 new home"), (0, 2, "2 price cuts"), (3, 1, "3 new homes and 1 price cut")],
)
def test_what_was_found_is_counted_in_words(new, cuts, said):
    assert counted(new, cuts) == said
