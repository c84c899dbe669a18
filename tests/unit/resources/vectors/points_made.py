"""Points for tests of vector indexes."""

import uuid

import numpy as np

from resources.partition import Partition

DIMENSION = 16
MARCH, APRIL = Partition("king-wa", "2015-03"), Partition("king-wa", "2015-04")
COOK = Partition("cook-il", "2015-03")


def ids(count: int, start: int = 0) -> list[str]:
    return [str(uuid.uuid5(uuid.NAMESPACE_URL, str(n))) for n in range(start, start + count)]


def vectors(count: int, seed: int = 7) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, DIMENSION)).astype(np.float32)


def payloads(count: int) -> list[dict]:
    return [
        {
            "asking_price_usd": 1000.0 * n if n % 3 else None,
            "bedrooms": np.int64(n % 5),
            "bird_dog_score": float("nan") if n % 7 == 0 else n / 3,
            "street": "1 É St\n🏡",
        }
        for n in range(count)
    ]
