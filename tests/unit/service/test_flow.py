"""A sign-in that is under way: the browser that keeps it can neither read, change nor outlast it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.app.secret import ServiceSecret
from realestate_assets.service.security import flow as flows

SECRET = ServiceSecret(b"x" * 40)


@given(following=st.text(max_size=2000), tenant=st.none() | st.text(max_size=40))
def test_what_a_browser_keeps_comes_back_and_fits_into_a_cookie(following, tenant):
    try:
        following.encode()
    except UnicodeEncodeError:
        # No address that a server is asked for.
        return
    flow = flows.new(following, None if tenant is None else tenant.encode("utf-8", "replace").decode())
    text = flows.sealed(SECRET, flow)
    assert flows.opened(SECRET, text) == flow and len(text) < 3800
    assert flow.following in (following, "/")


@given(st.text(max_size=300))
def test_what_is_none_of_ours_is_none(text):
    assert flows.opened(SECRET, text) is None


def test_another_secret_opens_it_not_nor_is_an_altered_one_opened():
    text = flows.sealed(SECRET, flows.new("/boards", "north"))
    assert flows.opened(ServiceSecret(b"y" * 40), text) is None
    other = "A" if text[40] != "A" else "B"
    assert flows.opened(SECRET, text[:40] + other + text[41:]) is None


def test_it_holds_for_ten_minutes(monkeypatch):
    text = flows.sealed(SECRET, flows.new("/", None))
    begun = flows._fernet(SECRET).extract_timestamp(text.encode())
    for seconds, holds in ((flows.FLOW_SECONDS, True), (flows.FLOW_SECONDS + 1, False)):
        monkeypatch.setattr("cryptography.fernet.time.time", lambda at=begun + seconds: at)
        assert (flows.opened(SECRET, text) is not None) is holds


@pytest.mark.parametrize("state", ["", "x", "\udcff", "ü"])
def test_a_state_that_is_another_is_not_its_own(state):
    flow = flows.new("/", None)
    assert flow.is_of(flow.state) and not flow.is_of(state)
