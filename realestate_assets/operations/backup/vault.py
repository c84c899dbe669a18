"""A folder or bucket of pieces named by their content, and of snapshots that list them.

A piece that is there is not written again, so that the next backup takes what has changed. With recipients
(age, age-encryption.org/v1) pieces and snapshots are encrypted, and only an identity reads them; names of
pieces are SHA-256 of what they hold, which tells somebody who has a file that it is in the backup, and of the
recipients: for others a piece is written anew.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

import pyrage
from pydantic import ValidationError
from pyrage import x25519

from realestate_assets.operations.backup.snapshot import Entry, Snapshot
from resources.errors import PermanentError
from resources.lake.files import Store

PIECE_BYTES = 32 * 1024 * 1024
SEALED = ".age"
# A piece may be of a backup that is being made, and is in no snapshot before that is done.
YOUNG = timedelta(days=1)


@dataclass(frozen=True)
class Seal:
    """Who may read: age recipients to write for, age identities to read with; neither for plain backups."""

    recipients: tuple[str, ...] = ()
    identities: tuple[str, ...] = field(default=(), repr=False)

    def close(self, data: bytes) -> bytes:
        """Encrypted for the recipients, or as it is."""
        return pyrage.encrypt(data, self._to) if self.recipients else data

    @cached_property
    def ending(self) -> str:
        """What the names of pieces end with: nothing, or of whom they can be read."""
        if not self.recipients:
            return ""
        readers = hashlib.sha256("\n".join(sorted(set(self.recipients))).encode()).hexdigest()
        return f".{readers[:16]}{SEALED}"

    def open(self, data: bytes, name: str) -> bytes:
        """What was closed.

        Raises:
            PermanentError: no identity is given, or none of them fits.
        """
        if not self.identities:
            raise PermanentError(
                "The backup is encrypted, and no identity is given.",
                field="--identity",
                remedy="Give the file of the age identity (AGE-SECRET-KEY-…) that its recipient belongs to.",
            )
        try:
            return pyrage.decrypt(data, self._from)
        except pyrage.DecryptError as error:
            raise PermanentError(
                f"{name} cannot be decrypted: the identity is not of its recipients, or it is damaged.",
                field="--identity",
            ) from error

    @cached_property
    def _to(self) -> list[x25519.Recipient]:
        try:
            return [x25519.Recipient.from_str(text) for text in self.recipients]
        except pyrage.RecipientError as error:
            raise PermanentError(
                "A recipient is no age public key.", field="--recipient", remedy="Expected age1…"
            ) from error

    @cached_property
    def _from(self) -> list[x25519.Identity]:
        try:
            return [x25519.Identity.from_str(text) for text in self.identities]
        except pyrage.IdentityError as error:
            raise PermanentError(
                "An identity is no age secret key.", field="--identity", remedy="Expected AGE-SECRET-KEY-1…"
            ) from error


@dataclass(frozen=True)
class Vault:
    """Pieces and snapshots at one place."""

    store: Store
    seal: Seal = Seal()

    @cached_property
    def pieces(self) -> set[str]:
        """Names of the pieces that are there, as of the first look and what was put since."""
        return {path.rpartition("/")[2] for path in self.store.list_files("pieces")}

    def put(self, blocks: Iterable[bytes]) -> Entry:
        """Store a stream of blocks of at most PIECE_BYTES, those that are not there."""
        names, size = [], 0
        for block in blocks:
            name = hashlib.sha256(block).hexdigest() + self.seal.ending
            if name not in self.pieces:
                self.store.write_bytes(_piece_path(name), self.seal.close(block))
                self.pieces.add(name)
            names.append(name)
            size += len(block)
        return Entry(size=size, pieces=tuple(names))

    def blocks(self, entry: Entry) -> Iterator[bytes]:
        """The blocks of an entry, each compared with its name.

        Raises:
            PermanentError: a piece is missing, damaged or unreadable.
        """
        for name in entry.pieces:
            if name not in self.pieces:
                raise PermanentError(f"The piece {name} is missing in {self.store.uri()}.")
            found = self.store.read_bytes(_piece_path(name))
            block = self.seal.open(found, name) if name.endswith(SEALED) else found
            if hashlib.sha256(block).hexdigest() != name.partition(".")[0]:
                raise PermanentError(f"The piece {name} in {self.store.uri()} is damaged.")
            yield block

    def write(self, snapshot: Snapshot) -> None:
        """Put a snapshot: from now on the backup is there."""
        used = sorted({piece for entry in snapshot.entries() for piece in entry.pieces})
        self.store.write_bytes(f"snapshots/{snapshot.name}.pieces", "\n".join(used).encode())
        text = snapshot.model_dump_json().encode()
        ending = ".json" + (SEALED if self.seal.recipients else "")
        self.store.write_bytes(f"snapshots/{snapshot.name}{ending}", self.seal.close(text))

    def names(self) -> list[str]:
        """Names of the snapshots, the oldest first."""
        files = [path.rpartition("/")[2] for path in self.store.list_files("snapshots")]
        return sorted(name.partition(".json")[0] for name in files if ".json" in name)

    def read(self, name: str = "") -> Snapshot:
        """A snapshot by name, the newest by default.

        Raises:
            PermanentError: there is none, or it cannot be read: damaged, sealed, or of a newer version.
        """
        names = self.names()
        if not names:
            raise PermanentError(f"There is no backup at {self.store.uri()}.")
        name = name or names[-1]
        if name not in names:
            raise PermanentError(
                f"There is no backup {name} at {self.store.uri()}.",
                remedy=f"There are: {', '.join(names[-10:])}.",
            )
        plain = f"snapshots/{name}.json"
        if self.store.exists(plain):
            text = self.store.read_bytes(plain)
        else:
            text = self.seal.open(self.store.read_bytes(plain + SEALED), name)
        try:
            return Snapshot.model_validate_json(text)
        except ValidationError as error:
            fault = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(map(str, fault["loc"])) or "the file"
            raise PermanentError(
                f"The backup {name} cannot be read: {place}: {fault['msg']}.",
                remedy="It is damaged, or of another version: read it with the version that made it.",
            ) from error

    def keep(self, count: int) -> list[str]:
        """Remove all but the newest snapshots, and the pieces that none of those uses; what went, by name."""
        gone = self.names()[:-count]
        for name in gone:
            for ending in (".json", f".json{SEALED}"):
                self.store.delete(f"snapshots/{name}{ending}")
            self.store.delete(f"snapshots/{name}.pieces")
        used: set[str] = set()
        for name in self.names():
            used |= set(self.store.read_bytes(f"snapshots/{name}.pieces").decode().split())
        old = datetime.now(UTC) - YOUNG
        for name in self.pieces - used if gone else ():
            if self.store.modified(_piece_path(name)) < old:
                self.store.delete(_piece_path(name))
        return gone


def _piece_path(name: str) -> str:
    return f"pieces/{name[:2]}/{name}"
