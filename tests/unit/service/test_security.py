"""Tokens, secrets that are handed out, waits, tags and permissions: the parts that need no database."""

import uuid
from datetime import timedelta

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.app.secret import ServiceSecret
from realestate_assets.operations.accounts import opaque
from realestate_assets.operations.accounts.sign_in import wait_after
from realestate_assets.service.etags import etag_of, is_known
from realestate_assets.service.security import csrf, tokens
from realestate_assets.service.security.permissions import OPERATORS, ROLES, permissions_of

SECRET, OTHER = ServiceSecret(b"s" * 40), ServiceSecret(b"t" * 40)
TOKEN = tokens.AccessToken(uuid.UUID(int=1), uuid.UUID(int=2), uuid.UUID(int=3))


def test_a_token_holds_for_half_an_hour_and_for_its_secret():
    assert tokens.read(SECRET, tokens.issue(SECRET, TOKEN)) == TOKEN
    assert tokens.read(OTHER, tokens.issue(SECRET, TOKEN)) is None
    assert tokens.read(SECRET, tokens.issue(SECRET, TOKEN, now=1_700_000_000)) is None


def test_a_token_that_names_no_algorithm_is_none_of_ours():
    claims = jwt.decode(tokens.issue(SECRET, TOKEN), options={"verify_signature": False})
    assert tokens.read(SECRET, jwt.encode(claims, None, algorithm="none")) is None


@given(st.text(max_size=300))
def test_any_text_is_read_without_an_error(text):
    assert tokens.read(SECRET, text) is None
    assert opaque.parse(text, "ror_") is None
    assert not csrf.is_token(SECRET, uuid.UUID(int=1), text)


@given(st.uuids(), st.uuids())
def test_a_secret_that_was_handed_out_is_known_again_by_its_hash_alone(tenant_id, row_id):
    made = opaque.new(tenant_id, row_id)
    read = opaque.parse(made.text("reo_"), "reo_")
    assert read == made and read.is_of(made.hashed)
    assert not opaque.new(tenant_id, row_id).is_of(made.hashed) and not made.is_of(None)
    assert opaque.parse(made.text("reo_"), "ror_") is None
    assert repr(made.secret) not in repr(made)


@given(st.integers(min_value=0, max_value=10_000))
def test_a_wait_never_shrinks_and_is_a_day_at_most(failures):
    assert wait_after(failures) <= wait_after(failures + 1) <= timedelta(days=1)
    assert (wait_after(failures) == timedelta(0)) == (failures < 5)


def test_waits_double():
    assert [wait_after(n) / timedelta(minutes=1) for n in (5, 6, 7, 8)] == [1, 2, 4, 8]


@pytest.mark.parametrize("header", ['"x"', 'W/"x"', '"a", W/"x"', "*"])
def test_a_tag_that_is_known_is_found(header):
    assert is_known(header, '"x"')


@pytest.mark.parametrize("header", [None, "", "x", '"y"', 'W/"y", "z"'])
def test_another_tag_is_not(header):
    assert not is_known(header, '"x"')
    assert etag_of(b"a") != etag_of(b"b")


def test_only_an_admin_of_the_operator_looks_after_other_tenants():
    assert "tenants:manage" in permissions_of(frozenset({"admin"}), True)
    for role in ROLES:
        assert not permissions_of(frozenset({role}), False) & frozenset().union(*OPERATORS.values())
        assert role == "admin" or "tenants:manage" not in permissions_of(frozenset({role}), True)
    assert permissions_of(frozenset({"viewer"}), True) == ROLES["viewer"]
    assert permissions_of(frozenset({"root"}), True) == frozenset()


def test_a_viewer_changes_nothing_but_what_is_its_own():
    assert {name for name in ROLES["viewer"] if not name.endswith((":read", "search:run"))} == {
        "keys:write", "me:write",
    }  # fmt: skip
    assert all(ROLES["viewer"] <= ROLES[role] <= ROLES["admin"] for role in ROLES)
