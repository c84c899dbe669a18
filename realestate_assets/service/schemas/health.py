"""Answers about the service's own health."""

from typing import Literal

from pydantic import BaseModel


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Check(BaseModel):
    """One thing that the service needs."""

    name: str
    ok: bool
    detail: str


class Ready(BaseModel):
    """Whether requests can be answered."""

    status: Literal["ready", "down"]
    checks: list[Check]
