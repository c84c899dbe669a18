"""Random streams that depend on what they are for and on nothing else: no process, no order, no clock."""

import hashlib

import numpy as np


def stream(*parts: str | int) -> np.random.Generator:
    """A generator seeded by SHA-256 of the parts: the same parts give the same numbers in any process."""
    digest = hashlib.sha256("|".join(str(part) for part in parts).encode()).digest()
    return np.random.default_rng(np.random.SeedSequence(int.from_bytes(digest, "big")))


def month_number(month: str) -> int:
    """Months since year 0, so that `2015-01` follows `2014-12` by one."""
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def month_text(number: int) -> str:
    """The inverse of `month_number`."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
