"""A session with an API that answers from a function, for the tests of providers: nothing is sent."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pyarrow as pa

from realestate_assets.providers.base import REQUEST_COLUMNS, EnrichmentRequest
from resources.http.api import ApiAnswer, ApiRequest, Failure
from tests.unit.providers.enrich_frames import properties

RETRIEVED = datetime(2024, 3, 9, 12, 30, tzinfo=UTC)
Reply = tuple[int, bytes] | Failure


class FakeClient:
    """Answers each distinct request once by `handler`; keeps what it was asked in `requests`."""

    provider = "fake"
    base_url = "https://api.example"

    def __init__(self, handler: Callable[[ApiRequest], Reply], cost_usd: float = 0.0) -> None:
        self.handler, self.cost_usd = handler, cost_usd
        self.requests: list[ApiRequest] = []

    def send_all(self, requests: Sequence[ApiRequest]) -> list[ApiAnswer]:
        told: dict[ApiRequest, ApiAnswer] = {}
        for request in requests:
            if request not in told:
                self.requests.append(request)
                told[request] = self._answer(request)
        return [told[request] for request in requests]

    def _answer(self, request: ApiRequest) -> ApiAnswer:
        query = "&".join(f"{name}={value}" for name, value in request.params)
        url = f"{self.base_url}/{request.path}" + (f"?{query}" if query else "")
        reply = self.handler(request)
        if isinstance(reply, Failure):
            return ApiAnswer(request, url, failure=reply, message="as the test has it")
        status, body = reply
        return ApiAnswer(
            request,
            url,
            status,
            body,
            retrieved_at=RETRIEVED,
            cost_usd=self.cost_usd,
            content_type="text/plain",
        )


def said(value: object, status: int = 200) -> Reply:
    """A JSON reply."""
    return status, json.dumps(value).encode()


def enrichment_request(*rows: dict, fields: Sequence[str]) -> EnrichmentRequest:
    """Properties as `enrich_frames.properties` has them, and what is wanted of them."""
    return EnrichmentRequest("king-wa", properties(*rows).select(REQUEST_COLUMNS), tuple(fields))


def facts_by_key(facts: pa.Table) -> dict[tuple[str, str], dict]:
    """Facts by (property, field); each stands there once."""
    found = {(f["property_id"], f["field"]): f for f in facts.to_pylist()}
    assert len(found) == facts.num_rows
    return found
