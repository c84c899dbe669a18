"""Headers of every answer: what a browser may do with it, which is little."""

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    # Nothing of the device is used.
    "Permissions-Policy": "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), "
    "microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# Two years; only where people come by TLS, for a browser then asks for nothing else.
STRICT_TRANSPORT = ("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
NO_STORE = "no-store"


def with_tiles(tiles_url: str) -> str:
    """The policy that lets pictures come from where the tiles are too."""
    address = urlsplit(tiles_url)
    own = "img-src 'self' data:"
    return CONTENT_SECURITY_POLICY.replace(own, f"{own} {address.scheme}://{address.netloc}")


class SecurityHeaders:
    """Adds them; an endpoint that sets one of its own keeps it.

    Args:
        app: what answers.
        behind_tls: whether people reach the service by https.
        tiles_url: of the maps' tiles, the only pictures of others.
    """

    def __init__(self, app: ASGIApp, behind_tls: bool, tiles_url: str | None = None) -> None:
        self.app = app
        self.headers = HEADERS | (dict([STRICT_TRANSPORT]) if behind_tls else {})
        if tiles_url is not None:
            self.headers["Content-Security-Policy"] = with_tiles(tiles_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                # What says nothing of keeping is kept by nobody: most answers are one person's.
                headers.setdefault("Cache-Control", NO_STORE)
            await send(message)

        await self.app(scope, receive, send_with_headers)
