"""What each fact is worth: where it belongs, its value in the field's type, and why it cannot be used."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.convert import CONVERTERS, clean, to_mask
from realestate_assets.domain.counties.enrichment_rules import FIELD_NAMES, Chains, Rules
from realestate_assets.domain.tables import ENRICHMENT_FIELDS, ENRICHMENT_GROUPS
from resources.errors import PermanentError
from resources.warehouse.table_spec import Column

# A property that has coordinates is in no need of other ones; a tract that comes along is welcome.
COORDINATES = ("geocoded_latitude", "geocoded_longitude")


@dataclass(frozen=True)
class Answers:
    """Where each fact belongs: row of the property, index of the field, place in the chain."""

    row: np.ndarray
    field: np.ndarray
    place: np.ndarray
    properties: int

    @classmethod
    def of(cls, properties: pa.Table, facts: pa.Table, chains: Chains) -> "Answers":
        """The places of facts about properties.

        Raises:
            PermanentError: a provider answered twice, for a property it was not asked for, or out of its
                chain.
        """
        keys = pc.binary_join_element_wise(properties["month"], properties["property_id"], "|")
        asked = pc.binary_join_element_wise(facts["month"], facts["property_id"], "|")
        row = _positions(asked, keys.combine_chunks())
        index = _positions(facts["field"], pa.array(FIELD_NAMES))
        providers = pc.unique(facts["provider"]).to_pylist()
        place = _places(chains, providers)[
            index, _positions(facts["provider"], pa.array(providers, pa.string()))
        ]
        if (outside := (row < 0) | (index < 0) | (place < 0)).any():
            raise _wrong_answer(facts, outside, "answered for what it was not asked")
        slot = (row * len(FIELD_NAMES) + index) * (place.max(initial=0) + 1) + place
        repeated = np.ones(len(slot), dtype=bool)
        repeated[np.unique(slot, return_index=True)[1]] = False
        if repeated.any():
            raise _wrong_answer(facts, repeated, "answered twice for one property and field")
        return cls(row, index, place, properties.num_rows)

    def first_day(self, properties: pa.Table) -> pa.ChunkedArray:
        """First day of each fact's month."""
        days = pc.strptime(pc.binary_join_element_wise(properties["month"], "01", "-"), "%Y-%m-%d", "s")
        return pc.take(days.cast(pa.date32()), pa.array(self.row))


@dataclass(frozen=True)
class Assessed:
    """Facts with the verdict on each.

    `reason` is null where the value can be used; `confident` says whether it also settles its field;
    `is_later` marks values of a later time than the month that the county allows.
    """

    answers: Answers
    typed: dict[int, pa.Array]
    reason: pa.ChunkedArray
    confident: np.ndarray
    is_later: np.ndarray

    @property
    def usable(self) -> np.ndarray:
        """Mask of the facts whose value can be used."""
        return to_mask(pc.is_null(self.reason))

    def settled(self) -> np.ndarray:
        """Properties x fields: True where a value is there that ends the chain."""
        cells = np.zeros((self.answers.properties, len(FIELD_NAMES)), dtype=bool)
        final = self.usable & self.confident
        cells[self.answers.row[final], self.answers.field[final]] = True
        return cells


def assess(
    properties: pa.Table, facts: pa.Table, rules: Rules, needless: np.ndarray | None = None
) -> Assessed:
    """The verdict on each fact.

    Args:
        properties: month and property_id of each property of one county.
        facts: what providers answered, in FACT_SCHEMA.
        rules: the county's.
        needless: properties x fields that nobody needs to be asked for; coordinates among them are not used.

    Raises:
        PermanentError: see `Answers.of`.
    """
    facts = facts.combine_chunks()
    answers = Answers.of(properties, facts, rules.chains)
    typed, unreadable, outside = _typed(facts, answers.field)
    late = to_mask(pc.greater(facts["vintage"], answers.first_day(properties)))
    allowed = to_mask(
        pc.is_in(facts["provider"], value_set=pa.array(sorted(rules.later_vintage), pa.string()))
    )
    spare = np.isin(answers.field, [FIELD_NAMES.index(name) for name in COORDINATES])
    spare &= needless[answers.row, answers.field] if needless is not None else False
    reason = pc.coalesce(
        pc.if_else(pa.array(spare & ~unreadable), pa.scalar("NOT_NEEDED"), pa.scalar(None, pa.string())),
        facts["reason_code"],
        _code(outside, "OUT_OF_RANGE"),
        _code(unreadable, "NULL_IN_SOURCE"),
        _code(late & ~allowed, "VINTAGE_TOO_LATE"),
    )
    confidence = np.asarray(pc.fill_null(facts["confidence"], 0.0), dtype=float)
    confident = confidence >= rules.enough_by_field()[answers.field]
    return Assessed(answers, typed, reason, confident, late & allowed & ~unreadable)


def _code(mask: np.ndarray, code: str) -> pa.Array:
    return pc.if_else(pa.array(mask), pa.scalar(code), pa.scalar(None, pa.string()))


def _positions(values: pa.ChunkedArray, known: pa.Array) -> np.ndarray:
    """Position of each value among the known ones; -1 where it is not there."""
    found = pc.fill_null(pc.index_in(values, value_set=known), -1)
    return np.asarray(found).astype("int64")


def _places(chains: Chains, providers: list[str]) -> np.ndarray:
    """Place of each provider in the chain of each field; -1 where the chain does not name it."""
    places = np.full((len(FIELD_NAMES), len(providers)), -1)
    for group, columns in ENRICHMENT_GROUPS.items():
        chain = list(chains.get(group, ()))
        row = [chain.index(name) if name in chain else -1 for name in providers]
        for column in columns:
            places[FIELD_NAMES.index(column.name)] = row
    return places


def _wrong_answer(facts: pa.Table, mask: np.ndarray, what: str) -> PermanentError:
    first = facts.slice(int(np.flatnonzero(mask)[0]), 1).to_pylist()[0]
    return PermanentError(
        f"the provider {what} ({mask.sum():,} times, first for property {first['property_id']}).",
        source=first["provider"],
        field=first["field"],
    )


def _typed(facts: pa.Table, index: np.ndarray) -> tuple[dict[int, pa.Array], np.ndarray, np.ndarray]:
    """Values of each field in its own type, by field index; and two masks of facts without one.

    The second holds those whose value can be read and lies outside the field's range.
    """
    typed: dict[int, pa.Array] = {}
    unreadable, outside = (np.zeros(facts.num_rows, dtype=bool) for _ in range(2))
    for one in np.unique(index):
        rows = np.flatnonzero(index == one)
        values, beyond = _values(pc.take(facts["value"], pa.array(rows)), ENRICHMENT_FIELDS[one])
        unreadable[rows], outside[rows] = to_mask(pc.is_null(values)), to_mask(beyond)
        typed[int(one)] = values
    return typed, unreadable, outside


def _values(text: pa.ChunkedArray, column: Column) -> tuple[pa.Array, pa.Array]:
    """Typed values, null where the text is no such value or out of range; and a mask of the latter."""
    plain = clean(text)
    if column.kind not in CONVERTERS:
        return plain, pa.repeat(pa.scalar(False), len(plain))
    values = CONVERTERS[column.kind][0](plain)[0].cast(column.arrow_type)
    fits = pa.repeat(pa.scalar(True), len(values))
    if column.minimum is not None:
        fits = pc.and_(fits, pc.fill_null(pc.greater_equal(values, column.minimum), True))
    if column.maximum is not None:
        fits = pc.and_(fits, pc.fill_null(pc.less_equal(values, column.maximum), True))
    return pc.if_else(fits, values, pa.scalar(None, column.arrow_type)), pc.invert(fits)
