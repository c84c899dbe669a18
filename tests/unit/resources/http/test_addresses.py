"""Configured addresses lead to the public internet, and redirects stay with the API."""

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.errors import PermanentError
from resources.http import addresses as http_addresses
from resources.http.addresses import check_address, is_public, proxy_of, redirect_target, same_site

API = "https://api.example.com/v1/things"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.9",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_no_address_of_ones_own_network_is_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "148.129.75.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_addresses_of_the_internet_are_public(address):
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_the_same_inside_an_ipv6_one(address):
    mapped = f"::ffff:{address}"
    assert is_public(mapped) <= is_public(str(address))
    nat64 = ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) | int(address))
    assert is_public(str(nat64)) <= is_public(str(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/x",
        "https://localhost/x",
        "http://2130706433/",
        "http://[::1]:80/",
        "http://169.254.169.254/latest/meta-data",
    ],
)
def test_a_configured_address_inside_is_refused_with_what_to_do(url):
    with pytest.raises(PermanentError, match=r"source mine, field base_url.*allow_private_addresses"):
        check_address(url, "mine", allow_private=False)
    assert check_address(url, "mine", allow_private=True)


def test_one_inner_address_among_several_is_enough_to_refuse_a_name(monkeypatch):
    found = [(socket.AF_INET, 1, 6, "", (ip, 443)) for ip in ("8.8.8.8", "10.0.0.5")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kinds: found)
    with pytest.raises(PermanentError, match=r"10\.0\.0\.5"):
        check_address(API, "mine", allow_private=False)


def test_a_name_that_cannot_be_resolved_is_not_refused_but_looked_at_again(monkeypatch):
    monkeypatch.setattr(http_addresses, "resolve", lambda host, port: None)
    assert check_address(API, "mine", allow_private=False) is False
    monkeypatch.setattr(http_addresses, "resolve", lambda host, port: ["8.8.8.8"])
    assert check_address(API, "mine", allow_private=False) is True


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/v2/things", "https://api.example.com/v2/things"),
        ("other?a=1", "https://api.example.com/v1/other?a=1"),
        ("https://api.example.com:443/v2", "https://api.example.com:443/v2"),
        ("https://elsewhere.example.com/v1", None),
        ("//elsewhere.example.com/v1", None),
        ("http://api.example.com/v1", None),
        ("https://api.example.com:8443/v1", None),
        ("https://user:pw@api.example.com/v1", None),
        ("file:///etc/passwd", None),
        ("https://api.example.com/missing_key.html", None),
        ("https://[broken", None),
    ],
)
def test_a_redirect_is_followed_on_the_same_host_only(location, target):
    assert redirect_target(API, location) == target


def test_plain_http_may_be_upgraded_but_https_never_downgraded():
    assert same_site("http://a.example/x", "https://a.example/x")
    assert not same_site("https://a.example/x", "http://a.example/x")
    assert not same_site("http://a.example:8080/x", "https://a.example/x")


def test_the_proxy_of_the_environment_is_used_except_for_services_of_ones_own(monkeypatch):
    monkeypatch.setenv("https_proxy", "proxy.example.com:3128")
    monkeypatch.setenv("no_proxy", "direct.example.com")
    assert proxy_of(API, allow_private=False) == "http://proxy.example.com:3128"
    assert proxy_of(API, allow_private=True) is None
    assert proxy_of("https://direct.example.com/x", allow_private=False) is None
