"""The Dagster UI behind a list of host names: `python -m realestate_assets.operations.guarded_ui`.

Dagster's webserver answers whoever reaches it. A page of somebody else, opened in a browser on this machine,
reaches it on loopback: under a name of its own that points there (DNS rebinding), by a request that carries
its origin, or by one that carries none, such as for a picture, and still runs what its address says. All are
refused: Host and Origin must be names of this installation, and what another site starts is let in only as a
page that a person opens, such as by a link in a message.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from dagster_webserver import cli as webserver
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from realestate_assets.settings import Settings, get_settings

LOOPBACK = ("localhost", "127.0.0.1", "::1")
POLICY_VIOLATION = 1008
FOREIGN = ("cross-site", "same-site")
# Where an address alone can start a run.
GRAPHQL = "/graphql"


class KnownHosts:
    """Refuses requests and web sockets under a host, or from an origin, that is not known.

    Args:
        app: what answers the others.
        hosts: names and addresses, without ports.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self.app = app
        self.hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse with what to set."""
        if scope["type"] in ("http", "websocket") and (
            refused := self._refused(Headers(scope=scope), scope["path"])
        ):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": refused})
            else:
                answer = f"This {refused} is not allowed. Whoever runs this can add it to ALLOWED_HOSTS.\n"
                await PlainTextResponse(answer, status_code=403)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _refused(self, headers: Headers, path: str) -> str:
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or _name(f"//{hosts[0]}") not in self.hosts:
            return "host"
        if any(_name(origin) not in self.hosts for origin in origins):
            return "origin"
        # Sent by every browser, and by nothing else: who asks is told by the browser, not by the page.
        site, mode = headers.get("sec-fetch-site", "none"), headers.get("sec-fetch-mode", "")
        is_page = mode == "navigate" and headers.get("sec-fetch-dest", "") == "document"
        if site in FOREIGN and not (is_page and not path.endswith(GRAPHQL)):
            return "origin"
        return ""


def _name(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def known_hosts(settings: Settings) -> set[str]:
    """Loopback, the host of DAGSTER_WEBSERVER_URL, and those of ALLOWED_HOSTS."""
    named = {name.strip() for name in settings.allowed_hosts.split(",")}
    return {*LOOPBACK, _name(settings.dagster_webserver_url), *named} - {""}


def main() -> None:
    """Dagster's webserver with its own options, its application guarded."""
    make = webserver.create_app_from_workspace_process_context
    hosts = known_hosts(get_settings())

    def guarded(*arguments: Any, **options: Any) -> KnownHosts:
        return KnownHosts(make(*arguments, **options), hosts)

    # The webserver takes no middleware from outside; a test sees whether it still makes its application so.
    vars(webserver)["create_app_from_workspace_process_context"] = guarded
    webserver.main()


if __name__ == "__main__":
    main()
