"""Requests as the client handles them: the full address, what is sent, and the name it is remembered by."""

import hashlib
from dataclasses import dataclass, replace

import httpx
import orjson

from resources.errors import PermanentError
from resources.http.api import ApiRequest
from resources.http.api_policy import ApiPolicy


@dataclass(frozen=True)
class Call:
    """One request with its address and its key of the cache and the ledger (no credential is in either)."""

    request: ApiRequest
    url: str
    request_key: str

    def at(self, url: str) -> "Call":
        """The same request at the address a redirect named; it is remembered under its own name."""
        return replace(self, url=url)


def make_call(policy: ApiPolicy, request: ApiRequest) -> Call:
    """The call of a request under a policy.

    Raises:
        PermanentError: the path would change the host, or holds a query.
    """
    base = policy.base_url.rstrip("/")
    path = request.path.lstrip("/")
    if any(sign in path for sign in "?#") or ".." in path.split("/"):
        raise PermanentError(
            f"the path {request.path!r} of {request.endpoint} is not a plain path.",
            source=policy.name,
            remedy="Query parameters belong into params.",
        )
    address = f"{base}/{path}" if path else base
    url = httpx.URL(address, params=list(request.params)) if request.params else httpx.URL(address)
    return Call(request, str(url), _request_key(policy, address, request))


def _request_key(policy: ApiPolicy, address: str, request: ApiRequest) -> str:
    upload = request.upload
    parts = {
        "method": request.method,
        "address": address,
        "headers": sorted((name.lower(), value) for name, value in policy.headers.items()),
        "params": sorted(request.params),
        "form": sorted(request.form),
        "upload": upload
        and [upload.field, upload.file_name, upload.content_type, hashlib.sha256(upload.content).hexdigest()],
    }
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()


def build_request(client: httpx.AsyncClient, call: Call) -> httpx.Request:
    """What is sent, without the key."""
    request = call.request
    form: dict[str, list[str]] = {}
    for name, value in request.form:
        form.setdefault(name, []).append(value)
    upload = request.upload
    files = {upload.field: (upload.file_name, upload.content, upload.content_type)} if upload else None
    return client.build_request(request.method, call.url, data=form or None, files=files)
