"""The service under load: mixed requests at a steady rate, what they take, what an ETag saves, its memory.

Run by Locust, from the root of the checkout; benchmarks/README.md has the command. SERVICE_KEYS holds API
keys, separated by commas, which the users share: one of the plan enterprise may ask 1,000 times a minute.
SERVICE_COPIES holds the addresses of several copies, of which each user takes one. SERVICE_PID is the process
whose memory is told. A user does one thing a second, and opening a home is
two requests (`known` is the second, with the tag): 36 users ask 50 times a second.

At the end a table stands beside what is asked: p95 by kind, the ratio of an answer sent again to one told
to be the same, and the memory of the process after the first minute and at the end.
"""

import os
import random
import statistics
import time
from typing import Any

import gevent
import psutil
from locust import HttpUser, constant_throughput, events, task
from locust.runners import WorkerRunner

KEYS = [key for key in os.environ.get("SERVICE_KEYS", "").split(",") if key]
COPIES = [copy for copy in os.environ.get("SERVICE_COPIES", "").split(",") if copy]
COUNTY = os.environ.get("SERVICE_COUNTY", "king-wa")
P95_MS = {"list": 200, "detail": 100, "known": 100, "predict": 100, "search": 200}
WARM_SECONDS, SAMPLE_SECONDS = 60, 5
SORTS = ("-bird_dog_score", "asking_price_usd", "-market_value_p50_usd", "year_built")
SENTENCES = (
    "3 beds under 600k with a garage", "waterfront house built after 2010", "condo under 400k",
    "large lot near a park, no pool", "4 bedrooms 3 baths built after 1990 under 900k", "cheap fixer upper",
)  # fmt: skip
API = "/api/v1"
_memory: list[int] = []
_known: dict[str, list[float]] = {"sent": [], "same": []}


def home(seed: random.Random) -> dict:
    """A home as a person might ask for."""
    return {
        "county": COUNTY, "latitude": round(seed.uniform(47.3, 47.75), 4),
        "longitude": round(seed.uniform(-122.4, -121.9), 4), "property_type": "single_family",
        "living_area_sqft": seed.randrange(800, 4500, 10), "lot_area_sqft": seed.randrange(2000, 20000, 50),
        "bedrooms": seed.randint(2, 5), "bathrooms": seed.randint(1, 3),
        "year_built": seed.randint(1910, 2014),
    }  # fmt: skip


class Analyst(HttpUser):
    """Looks through lists, opens homes, values some and searches."""

    wait_time = constant_throughput(1)

    def on_start(self) -> None:
        """Take a key and learn which homes there are."""
        self.random = random.Random(id(self))  # nosec B311 - which home is asked for
        self.client.base_url = self.random.choice(COPIES or [self.host])
        self.client.headers["Authorization"] = f"Bearer {self.random.choice(KEYS)}"
        asked = {"county": COUNTY, "limit": 200, "fields": "property_id", "sort": self.random.choice(SORTS)}
        answer = self.client.get(f"{API}/properties", params=asked, name="(start)")
        self.homes = [row["property_id"] for row in answer.json()["items"]]

    @task(4)
    def list_homes(self) -> None:
        """A list by some filters."""
        least = self.random.randrange(200_000, 800_000, 50_000)
        asked = {
            "county": COUNTY, "min_price_usd": least, "max_price_usd": least + 300_000,
            "sort": self.random.choice(SORTS), "limit": 50,
        }  # fmt: skip
        self.client.get(f"{API}/properties", params=asked, name="list")

    @task(4)
    def open_home(self) -> None:
        """A home, and again with its tag."""
        path = f"{API}/properties/{self.random.choice(self.homes)}"
        begun = time.perf_counter()
        first = self.client.get(path, name="detail")
        between = time.perf_counter()
        again = self.client.get(path, headers={"If-None-Match": first.headers.get("ETag", "")}, name="known")
        if first.status_code == 200 and again.status_code == 304:
            _known["sent"].append(between - begun)
            _known["same"].append(time.perf_counter() - between)

    @task(1)
    def value(self) -> None:
        """A home that is not in the platform."""
        self.client.post(f"{API}/predict", json=home(self.random), name="predict")

    @task(1)
    def search(self) -> None:
        """A sentence."""
        asked = {"q": self.random.choice(SENTENCES), "county": COUNTY}
        self.client.get(f"{API}/search", params=asked, name="search")


def _held(pid: int) -> int:
    """Bytes of a process and those it started; shared memory counted once."""
    process = psutil.Process(pid)
    return sum(each.memory_full_info().pss for each in (process, *process.children(recursive=True)))


def _watch(pid: int) -> None:
    gevent.sleep(WARM_SECONDS)
    while True:
        _memory.append(_held(pid))
        gevent.sleep(SAMPLE_SECONDS)


@events.test_start.add_listener
def begin(environment: Any, **_: Any) -> None:
    """Watch the service's memory."""
    if not KEYS:
        raise SystemExit("SERVICE_KEYS is empty: make keys at http://localhost:8000/account.")
    if (pid := os.environ.get("SERVICE_PID")) and not isinstance(environment.runner, WorkerRunner):
        gevent.spawn(_watch, int(pid))


@events.test_stop.add_listener
def end(environment: Any, **_: Any) -> None:
    """Print what came out beside what is asked."""
    total = environment.stats.total
    loads = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    print(f"\nload average of the machine {loads}")
    print(f"{total.num_requests} requests, {total.num_failures} failed, {total.total_rps:.1f} a second")
    for name, most in P95_MS.items():
        found = [entry for (kind, _), entry in environment.stats.entries.items() if kind == name]
        for entry in found:
            p50, p95 = (entry.get_response_time_percentile(share) for share in (0.5, 0.95))
            print(f"{name:8} n {entry.num_requests:6}  p50 {p50:6.0f} ms  p95 {p95:6.0f} ms  asked {most} ms")
    if _known["same"]:
        sent, same = (statistics.median(_known[name]) * 1000 for name in ("sent", "same"))
        print(f"detail sent {sent:.1f} ms, told to be the same {same:.1f} ms: {sent / same:.2f}x")
    if len(_memory) > 1:
        edge = max(1, len(_memory) // 5)
        first, last = (statistics.median(part) / 1e6 for part in (_memory[:edge], _memory[-edge:]))
        print(f"memory after the first minute {first:.0f} MB, at the end {last:.0f} MB, "
              f"largest {max(_memory) / 1e6:.0f} MB")  # fmt: skip
