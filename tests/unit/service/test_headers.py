"""The policy of content, with and without tiles."""

from realestate_assets.service.security.headers import CONTENT_SECURITY_POLICY, with_tiles


def test_tiles_may_be_shown_and_nothing_else_of_their_origin_may():
    policy = with_tiles("https://tiles.example.com:8443/a/{z}/{x}/{y}.png")
    assert policy == CONTENT_SECURITY_POLICY.replace("data:", "data: https://tiles.example.com:8443")
    assert policy.count("tiles.example.com") == 1
