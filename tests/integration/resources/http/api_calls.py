"""Sessions with a local server, and what the ledger says about them."""

from collections.abc import Iterator
from contextlib import contextmanager

from resources.http.api import ApiRequest
from resources.http.api_policy import ApiPolicy
from resources.http.client import HttpClientResource
from resources.http.session import ApiSession
from resources.warehouse.resource import WarehouseResource

KING = "king-wa"


def policy(url: str, **changes: object) -> ApiPolicy:
    """A quick policy for a server on this machine."""
    quick = {
        "name": "mine",
        "base_url": url,
        "requests_per_second": 500,
        "concurrency": 8,
        "timeout_seconds": 5,
        "backoff_seconds": 0.02,
        "allow_private_addresses": True,
    }
    return ApiPolicy(**{**quick, **changes})


def paid(url: str, **changes: object) -> ApiPolicy:
    """Eight cents a call, a dollar a run."""
    return policy(url, **{"cost_per_call_usd": "0.08", "budget": {"usd_per_run": 1}, **changes})


def asks(count: int, start: int = 0) -> list[ApiRequest]:
    """Requests that differ by `n`."""
    return [ApiRequest("things", "things", (("n", str(n)),)) for n in range(start, start + count)]


@contextmanager
def session(
    warehouse: WarehouseResource, rules: ApiPolicy, run_id: str = "run-1", provider: str = "mine"
) -> Iterator[ApiSession]:
    """A session as a provider gets it."""
    with HttpClientResource(warehouse=warehouse).session(rules, provider, run_id, KING) as opened:
        yield opened


def ledger(warehouse: WarehouseResource) -> list[dict]:
    """Rows of the ledger in the order they were written."""
    return warehouse.read("select * from ops.provider_calls order by called_at, call_id").to_pylist()


def sent_rows(warehouse: WarehouseResource) -> list[dict]:
    """Rows of calls that reached the API, or may have."""
    return [row for row in ledger(warehouse) if row["sent"]]


def outcomes(warehouse: WarehouseResource) -> list[tuple[str, str | None]]:
    """State and outcome of each row."""
    return [(row["state"], row["outcome"]) for row in ledger(warehouse)]


def spent_micro_usd(warehouse: WarehouseResource) -> int:
    """Sum of the ledger."""
    return sum(row["cost_micro_usd"] for row in ledger(warehouse))
