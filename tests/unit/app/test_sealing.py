"""Personal columns: readable by the same secret, for the same person and column, and by nothing else."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.app.sealing import Sealer
from realestate_assets.app.secret import ServiceSecret
from resources.errors import PermanentError

SEALER = Sealer(ServiceSecret(b"s" * 40))
PERSON = uuid.UUID(int=1)


@given(st.text())
def test_what_is_sealed_is_read_again_and_never_twice_the_same(text):
    key = SEALER.new_key(PERSON)
    one, other = (SEALER.seal(key, PERSON, "users.name", text) for _ in range(2))
    assert one != other
    assert SEALER.unseal(key, PERSON, "users.name", one) == text


@pytest.mark.parametrize(
    ("sealer", "person", "column"),
    [
        (Sealer(ServiceSecret(b"t" * 40)), PERSON, "users.name"),
        (SEALER, uuid.UUID(int=2), "users.name"),
        (SEALER, PERSON, "users.email"),
    ],
)
def test_another_secret_person_or_column_reads_nothing(sealer, person, column):
    key = SEALER.new_key(PERSON)
    sealed = SEALER.seal(key, PERSON, "users.name", "Ann")
    with pytest.raises(PermanentError, match="cannot be decrypted"):
        sealer.unseal(key, person, column, sealed)


@given(st.text(min_size=1))
def test_an_address_is_found_however_it_is_written(address):
    hashed = SEALER.email_hash(address)
    assert SEALER.email_hash(f"  {address} ") == hashed
    assert Sealer(ServiceSecret(b"t" * 40)).email_hash(address) != hashed


def test_an_address_in_capitals_is_the_same():
    assert SEALER.email_hash("Ann@Example.com") == SEALER.email_hash("ann@example.COM")
