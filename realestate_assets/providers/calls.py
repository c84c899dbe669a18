"""What the calls behind a request's facts say of themselves, a property each: address, time, failure, cost.

A call answers for many properties, and a property's facts come from one call. Nothing here sends anything
or reads a reply.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Generic, Protocol, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.enrichment.resolve import FACT_SCHEMA
from realestate_assets.providers.base import EnrichmentRequest, Origin, field_facts, no_facts
from realestate_assets.providers.replies import spread_costs

TEXT = pa.string()


class Answer(Protocol):
    """What came of a call, or of several that answer one question together."""

    @property
    def url(self) -> str | None:
        """Where it was asked, without the key."""

    @property
    def retrieved_at(self) -> datetime | None:
        """When it was answered."""

    @property
    def cost_usd(self) -> float:
        """What it cost, USD."""


AnswerT = TypeVar("AnswerT", bound=Answer, covariant=True)


@dataclass(frozen=True)
class Calls(Generic[AnswerT]):
    """The answers of a provider, and for each property the position of its own.

    Args:
        answers: what came of each call; one that was asked again carries the cost of both.
        asked: position in `answers` for each property of a request; -1 where nothing was asked for it.
    """

    answers: Sequence[AnswerT]
    asked: np.ndarray

    def column(self, values: Iterable, kind: pa.DataType) -> pa.Array:
        """One value a call as one value a property; null where nothing was asked."""
        return pc.take(pa.array(list(values), kind), pa.array(self.asked, pa.int64(), mask=self.asked < 0))

    def origin(self, provider: str, confidence: float | pa.Array, vintage: pa.Array | None = None) -> Origin:
        """Where the facts come from; without a vintage of their own they describe the day of retrieval.

        The address goes without its query: that names every ZIP of the call, once in each of its facts.
        """
        times = [answer.retrieved_at for answer in self.answers]
        days: list[date | None] = [time.date() if time else None for time in times]
        addresses = [answer.url.partition("?")[0] if answer.url else None for answer in self.answers]
        return Origin(
            provider,
            source_url=self.column(addresses, TEXT),
            retrieved_at=self.column(times, FACT_SCHEMA.field("retrieved_at").type),
            vintage=self.column(days, pa.date32()) if vintage is None else vintage,
            confidence=confidence,
        )

    def costs(self, fields: int) -> np.ndarray:
        """USD of each fact, (properties, fields); the facts of a call add up to what it cost."""
        paid = np.array([answer.cost_usd for answer in self.answers], dtype=float)
        return spread_costs(self.asked, paid, fields)


def facts_of(
    request: EnrichmentRequest,
    values: Mapping[str, pa.Array],
    reasons: Mapping[str, pa.Array] | pa.Array,
    calls: Calls,
    origin: Origin,
) -> pa.Table:
    """Facts of all fields that have values, each with its part of its call's cost.

    Args:
        request: what was asked.
        values: text of each property's value, by field.
        reasons: reason code of each property, by field or the same for all; null beside a value.
        calls: which call answered for which property.
        origin: see `Calls.origin`.

    Raises:
        TypeError: values that are no text.
    """
    costs = calls.costs(len(values))
    parts = [no_facts()]
    for place, (field, value) in enumerate(values.items()):
        if value.type != TEXT:
            raise TypeError(f"Values of {field} are {value.type}: facts are text, see `as_text`.")
        reason = reasons if isinstance(reasons, pa.Array) else reasons[field]
        shared = replace(origin, cost_usd=pa.array(costs[:, place]))
        parts.append(field_facts(request, field, value, reason, shared))
    return pa.concat_tables(parts)


def first_reason(*steps: tuple[np.ndarray | pa.Array, str | pa.Array], size: int) -> pa.Array:
    """The first reason that holds for each property, in the order of the steps; null where none does."""
    reason = pa.nulls(size, TEXT)
    for holds, code in steps:
        text = code if isinstance(code, pa.Array) else pa.scalar(str(code), TEXT)
        mask = pc.fill_null(holds if isinstance(holds, pa.Array) else pa.array(holds), False)
        reason = pc.coalesce(reason, pc.if_else(mask, text, pa.scalar(None, TEXT)))
    return reason
