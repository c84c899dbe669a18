"""Answers about the service's own health."""

from typing import Literal

from pydantic import BaseModel, Field


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Check(BaseModel):
    """One thing that the service needs."""

    name: str
    ok: bool
    detail: str = Field(description="What is wrong; empty where nothing is.")
    seconds: float = Field(description="How long the look took.")


class Ready(BaseModel):
    """Whether requests can be answered."""

    status: Literal["ready", "down"]
    checks: list[Check]
