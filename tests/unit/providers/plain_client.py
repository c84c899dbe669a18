"""The least that is an ApiClient: real HTTP to a local server, without limits, cache or ledger."""

from collections.abc import Sequence
from datetime import UTC, datetime

import httpx

from resources.http.api import ApiAnswer, ApiClient, ApiRequest, Failure

ASKED_AT = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)


class PlainClient:
    """Sends what it is asked to, equal requests once; every call costs the same."""

    def __init__(self, base_url: str, provider: str = "test", cost_usd: float = 0.0) -> None:
        self.base_url, self.provider, self.cost_usd = base_url, provider, cost_usd

    def send_all(self, requests: Sequence[ApiRequest]) -> list[ApiAnswer]:
        """Answers in order; 401 and 403 refuse the key, 429 and 5xx fail."""
        with httpx.Client(base_url=self.base_url, timeout=10) as http:
            distinct: dict[tuple, ApiAnswer] = {}
            for request in requests:
                key = (request.path, request.params, request.form, request.upload)
                distinct.setdefault(key, self._send(http, request))
            return [distinct[r.path, r.params, r.form, r.upload] for r in requests]

    def _send(self, http: httpx.Client, request: ApiRequest) -> ApiAnswer:
        data = dict(request.form) or None
        up = request.upload
        files = {up.field: (up.file_name, up.content, up.content_type)} if up else None
        response = http.request(
            request.method, request.path, params=list(request.params), data=data, files=files
        )
        failure = None
        if response.status_code in (401, 403):
            failure = Failure.KEY_REFUSED
        elif response.status_code == 429 or response.status_code >= 500:
            failure = Failure.PROVIDER_FAILED
        return ApiAnswer(
            request=request,
            url=f"{self.base_url}/{request.path.lstrip('/')}",
            status=response.status_code,
            body=response.content,
            content_type=response.headers.get("content-type", ""),
            retrieved_at=ASKED_AT,
            cost_usd=self.cost_usd,
            failure=failure,
            message="" if failure is None else f"HTTP {response.status_code}",
        )


_: type[ApiClient] = PlainClient
