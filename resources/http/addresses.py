"""Which addresses may be called: none of this machine's own network, unless the policy allows it.

A configured address that leads inside would let a county file read what only this machine may read (cloud
metadata, databases, other people's services). Names are resolved and all their addresses looked at.
"""

import ipaddress
import socket
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

from resources.errors import PermanentError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# An IPv4 address inside an IPv6 one, as NAT64 gateways write it.
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
PORTS = {"http": 80, "https": 443}


def is_public(text: str) -> bool:
    """True for an IP address that belongs to the public internet."""
    address = ipaddress.ip_address(text.partition("%")[0])
    return all(part.is_global and not part.is_multicast for part in (address, *_embedded(address)))


def _embedded(address: Address) -> list[ipaddress.IPv4Address]:
    if isinstance(address, ipaddress.IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in NAT64:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [part for part in found if part is not None]


def resolve(host: str, port: int) -> list[str] | None:
    """All IP addresses of a host; None where the name cannot be resolved now."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return None
    return sorted({str(entry[4][0]) for entry in found})


def check_address(url: str, api: str, allow_private: bool) -> bool:
    """Refuse an address that leads into this machine's own network.

    Returns:
        True where it is known to be fine; False where the name cannot be resolved now, which is no reason to
        refuse it: connecting will fail as well.

    Raises:
        PermanentError: it is private, loopback, link-local or reserved.
    """
    if allow_private:
        return True
    parts = urlsplit(url)
    host = parts.hostname or ""
    addresses = resolve(host, parts.port or PORTS[parts.scheme])
    if inside := [address for address in addresses or () if not is_public(address)]:
        raise PermanentError(
            f"the address {parts.scheme}://{parts.netloc} leads to {inside[0]}, which is not public.",
            source=api,
            field="base_url",
            remedy="Correct base_url in providers.yaml, or set allow_private_addresses: true there if this "
            "service of your own is meant.",
        )
    return addresses is not None


def same_site(url: str, other: str) -> bool:
    """True where `other` is on the host and port of `url`, over https if `url` is."""
    here, there = urlsplit(url), urlsplit(other)
    if there.scheme not in PORTS or here.hostname != there.hostname:
        return False
    ports = [parts.port or PORTS[parts.scheme] for parts in (here, there)]
    upgraded = (here.scheme, there.scheme) == ("http", "https") and ports == [80, 443]
    return upgraded or (here.scheme == there.scheme and ports[0] == ports[1])


def redirect_target(url: str, location: str) -> str | None:
    """Where a redirect leads, if it stays with the API: the same host, and no page made for people."""
    try:
        target = urljoin(url, location)
        stays = same_site(url, target) and not urlsplit(target).username
    except ValueError:
        return None
    is_page = urlsplit(target).path.lower().endswith((".html", ".htm"))
    return target if stays and not is_page else None


def proxy_of(url: str, allow_private: bool) -> str | None:
    """The proxy the environment names for this address; services of one's own are reached directly."""
    parts = urlsplit(url)
    if allow_private or proxy_bypass(parts.hostname or ""):
        return None
    proxies = getproxies()
    found = proxies.get(parts.scheme) or proxies.get("all")
    return found if not found or "://" in found else f"http://{found}"
