"""What a proxy says of who asks it (X-Forwarded-…): believed of a trusted one, taken away of all others."""

from ipaddress import ip_address, ip_network
from typing import Any, cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

PREFIXES = (b"x-forwarded-", b"forwarded")


class Proxied:
    """Takes address and scheme of who asks from a trusted proxy, and from nobody else.

    Without it anybody may say to come from another address with each request, and no limit by address holds.

    Args:
        app: what answers.
        trusted: addresses and networks of proxies, separated by commas.
    """

    def __init__(self, app: ASGIApp, trusted: str) -> None:
        named = [each.strip() for each in trusted.split(",") if each.strip()]
        self.app = app
        self.networks = [ip_network(each) for each in named]
        # Typed by words of its own that mean the same.
        self.behind = cast(ASGIApp, ProxyHeadersMiddleware(cast(Any, app), trusted_hosts=named))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as to the one who asked the proxy."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif self._is_trusted(scope):
            await self.behind(scope, receive, send)
        else:
            headers = [each for each in scope["headers"] if not each[0].lower().startswith(PREFIXES)]
            await self.app({**scope, "headers": headers}, receive, send)

    def _is_trusted(self, scope: Scope) -> bool:
        try:
            peer = ip_address((scope.get("client") or ("",))[0])
        except ValueError:
            # Such as a socket's path.
            return False
        return any(peer in network for network in self.networks)
