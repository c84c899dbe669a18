"""Owners of record who asked to be forgotten: a keyed hash of each name, which every later run applies.

Names come anew with each file of a county, so that what was erased must not come back. Who has the table
without the service's secret cannot try names.
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from realestate_assets.app.base import WORK_SCHEMA, Base, Made
from realestate_assets.app.secret import ServiceSecret
from realestate_assets.domain.core.convert import to_mask
from realestate_assets.domain.core.person_names import name_forms
from resources.errors import PermanentError

PURPOSE = "owner-suppression"
EVERYWHERE = ""
# Of the key itself: another secret would find nobody, and say nothing.
MARK_BYTES = 8


class SuppressedOwner(Base):
    """A name that no record of a county, or of any, shows."""

    __tablename__ = "suppressed_owners"
    __table_args__ = (
        {
            "schema": WORK_SCHEMA,
            "comment": "Owners of record who asked to be forgotten, by a keyed hash of their name.",
            # The market is nobody's: the owner of the tables alone writes it, and runs read it.
            "info": {"is_shared": True, "grants": ()},
        },
    )

    name_hash: Mapped[bytes] = mapped_column(primary_key=True)
    key_mark: Mapped[bytes]
    # None: of every county.
    county: Mapped[str | None]
    since: Mapped[Made]


@dataclass(frozen=True)
class Suppression:
    """The list, ready to be held against names.

    Args:
        key: that names are hashed with.
        hashes: of the list.
    """

    key: bytes
    hashes: frozenset[bytes] = frozenset()

    def hash_of(self, form: str, county: str | None) -> bytes:
        """What stands in the list for a form of a name."""
        return hmac.digest(self.key, f"{county or EVERYWHERE}\n{form}".encode(), hashlib.sha256)

    def is_of(self, line: str | None, county: str) -> bool:
        """Whether a line of owners names somebody of the list."""
        if not self.hashes or not line:
            return False
        return any(
            self.hash_of(form, where) in self.hashes for form in name_forms(line) for where in (county, None)
        )

    def mask(self, names: pa.Array | pa.ChunkedArray, county: str) -> np.ndarray:
        """True for each name that is of the list; every distinct one is looked at once."""
        if not self.hashes:
            return np.zeros(len(names), dtype=bool)
        distinct = pc.unique(names)
        listed = [name for name in distinct.to_pylist() if self.is_of(name, county)]
        return to_mask(pc.is_in(names, pa.array(listed, pa.string())))


def key_of(secret: ServiceSecret) -> bytes:
    """The key that names are hashed with."""
    return secret.key(PURPOSE)


def mark_of(key: bytes) -> bytes:
    """By which rows of another key are told."""
    return hmac.digest(key, b"mark", hashlib.sha256)[:MARK_BYTES]


def suppression(rows: Iterable[tuple[bytes, bytes]], key: bytes) -> Suppression:
    """The list of some rows (hash, mark of the key).

    Raises:
        PermanentError: it was made under another secret: applied, it would find nobody.
    """
    mine, hashes = mark_of(key), set()
    for name_hash, mark in rows:
        if bytes(mark) != mine:
            raise PermanentError(
                "The list of owners who asked to be forgotten was made under another secret.",
                field="SERVICE_SECRET",
                remedy="Give every process that runs the graph the secret of the service.",
            )
        hashes.add(bytes(name_hash))
    return Suppression(key, frozenset(hashes))


def suppression_of(connection: sa.Connection, key: bytes) -> Suppression:
    """The list of a database.

    Raises:
        PermanentError: it was made under another secret.
    """
    query = sa.select(SuppressedOwner.name_hash, SuppressedOwner.key_mark)
    return suppression([(row.name_hash, row.key_mark) for row in connection.execute(query)], key)
